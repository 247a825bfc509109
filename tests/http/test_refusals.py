"""Every operation refuses every kind of bad request in one form, with a code that its document names, and no 5xx."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.http.operations import Idempotent, Operation
from tests.http.described import OPERATIONS, address, body_of, why_not_a_problem
from tests.shop import Answer, Person, Shop, send

pytestmark = pytest.mark.ledger("S1-006", "S2-007")

KEY = {"idempotency-key": "a-key"}
FORGED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMDFLSlBNMlgwMFFaNVQ4WTNXNlY5QjRDN0QifQ."


def expect(operations: list[Operation], ask: Callable[[Operation], Answer], *statuses: int) -> None:
    """Each of these operations answers with one of these statuses, as a documented problem."""
    assert operations
    faults = {}
    for op in operations:
        answer = ask(op)
        fault = why_not_a_problem(op, answer)
        if fault or answer.status not in statuses:
            faults[f"{op.method} {op.path}"] = fault or f"{answer.status} {answer.text[:200]}"
    assert not faults


def token_for(shop: Shop, customer: Person, op: Operation) -> str:
    return shop.admin.token if op.permission.kind == "staff" else customer.token


@pytest.fixture
def ask(shop: Shop) -> Callable[..., Answer]:
    """Send a request as somebody who may use the operation."""
    customer = shop.customer()

    def send_it(op: Operation, *, path: str = "", query: str = "", **kw: Any) -> Answer:
        kw.setdefault("token", token_for(shop, customer, op))
        kw.setdefault("headers", KEY)
        return send(op.method, (path or address(op)) + query, **kw)

    return send_it


TAKING_JSON = [op for op in OPERATIONS if op.body is not None]
GUARDED = [op for op in OPERATIONS if not op.permission.admits_visitors]
FOR_VISITORS = [op for op in OPERATIONS if op.permission.admits_visitors and op.tenant]


@pytest.mark.ledger("S1-025")
def test_a_body_that_is_not_json(ask: Callable[..., Answer]) -> None:
    expect(TAKING_JSON, lambda op: ask(op, raw=b'{"a": '), 400)


def test_a_body_that_is_not_text(ask: Callable[..., Answer]) -> None:
    expect(TAKING_JSON, lambda op: ask(op, raw=b"\xff\xfe\x00"), 400)


def test_a_body_of_another_content_type(ask: Callable[..., Answer]) -> None:
    form = {**KEY, "content-type": "application/x-www-form-urlencoded"}
    expect(TAKING_JSON, lambda op: ask(op, raw=b"a=b", headers=form), 415)


def test_a_body_that_is_too_large(ask: Callable[..., Answer]) -> None:
    expect(
        [op for op in OPERATIONS if op.takes_body], lambda op: ask(op, raw=b" " * (op.body_bytes + 1)), 413
    )


@pytest.mark.ledger("S1-025")
def test_a_field_that_nobody_knows(ask: Callable[..., Answer]) -> None:
    def with_surprise(op: Operation) -> Answer:
        answer: Answer = ask(op, body={**body_of(op), "surprise": 1})
        if answer.status == 422:
            assert any(one["field"] == "surprise" for one in answer.json["errors"]), answer.text
        return answer

    expect(TAKING_JSON, with_surprise, 422)


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"1", b"true"], ids=bytes.decode)
def test_a_body_that_is_no_object(ask: Callable[..., Answer], body: bytes) -> None:
    expect(TAKING_JSON, lambda op: ask(op, raw=body), 422)


def test_json_nested_without_end(ask: Callable[..., Answer]) -> None:
    expect(TAKING_JSON, lambda op: ask(op, raw=b'{"a":' * 20_000), 400)


def test_a_query_parameter_that_nobody_knows(ask: Callable[..., Answer]) -> None:
    expect(OPERATIONS, lambda op: ask(op, query="?surprise=1", body=body_of(op)), 404, 422)


def test_a_query_parameter_given_twice(ask: Callable[..., Answer]) -> None:
    lists = [op for op in OPERATIONS if op.query is not None]
    expect(lists, lambda op: ask(op, query="?limit=1&limit=2"), 404, 422)


def test_a_limit_out_of_range(ask: Callable[..., Answer]) -> None:
    lists = [op for op in OPERATIONS if op.query is not None and "limit" in op.query.model_fields]
    for limit in ("0", "101", "-1", "x", "1e3", "9" * 400):
        expect(lists, lambda op, limit=limit: ask(op, query=f"?limit={limit}"), 404, 422)  # type: ignore[misc]


def test_a_cursor_of_another_list(ask: Callable[..., Answer]) -> None:
    lists = [op for op in OPERATIONS if op.query is not None and "cursor" in op.query.model_fields]
    expect(lists, lambda op: ask(op, query="?cursor=bm90LW91cnM"), 400, 404, 422)


def test_no_token() -> None:
    expect(GUARDED, lambda op: send(op.method, address(op), body_of(op), headers=KEY), 401)


@pytest.mark.parametrize("header", [f"Bearer {FORGED}", "Bearer x", "Bearer ", "Basic YTpi", "nonsense"])
def test_a_token_that_is_not_ours(shop: Shop, header: str) -> None:
    asking = [op for op in OPERATIONS if op.permission.kind != "tokenless"]
    expect(
        asking,
        lambda op: send(op.method, address(op), body_of(op), headers={**KEY, "authorization": header}),
        401,
    )


def test_a_customer_at_a_staff_door(shop: Shop) -> None:
    customer = shop.customer()
    for_staff = [op for op in OPERATIONS if op.permission.kind == "staff"]
    expect(
        for_staff,
        lambda op: send(op.method, address(op), body_of(op), token=customer.token, headers=KEY),
        403,
    )


def test_a_shop_that_does_not_exist(shop: Shop) -> None:
    nowhere = {**KEY, "x-tenant": "no-such-shop"}
    expect(FOR_VISITORS, lambda op: send(op.method, address(op), body_of(op), headers=nowhere), 404)


def test_a_thing_that_does_not_exist(ask: Callable[..., Answer]) -> None:
    """An unknown id is a 404, unless the route can say something about a thing it does not know (an empty list)."""
    one_thing = [
        op for op in OPERATIONS if op.path_params and op.path.endswith("}") and op.method in ("GET", "PATCH")
    ]
    expect(one_thing, lambda op: ask(op, body=body_of(op)), 404)


def test_an_id_that_is_no_id(ask: Callable[..., Answer]) -> None:
    """Whatever stands where an id should: no such thing, before any key is made of it."""
    with_ids = [op for op in OPERATIONS if op.path_params]
    for wrong in ("%00", "a%23b", "..%2F..", "%F0%9F%91%BB", "x" * 3000):
        expect(with_ids, lambda op, wrong=wrong: ask(op, body=body_of(op), path=with_id(op, wrong)), 404)  # type: ignore[misc]


def with_id(op: Operation, value: str) -> str:
    path = op.path
    for name in op.path_params:
        path = path.replace(f"{{{name}}}", value)
    return path


def test_a_method_the_path_does_not_have() -> None:
    methods: dict[str, set[str]] = {}
    for op in OPERATIONS:
        methods.setdefault(op.path, set()).add(op.method)

    def wrong(op: Operation) -> Answer:
        other = next(one for one in ("PUT", "PATCH", "DELETE", "POST") if one not in methods[op.path])
        answer = send(other, address(op), headers=KEY)
        assert set(answer.headers["allow"].split(", ")) == methods[op.path]
        return answer

    expect(OPERATIONS, wrong, 405)


def test_an_idempotency_key_that_is_missing_or_unfit(ask: Callable[..., Answer]) -> None:
    required = [op for op in OPERATIONS if op.idempotent is Idempotent.REQUIRED]
    expect(required, lambda op: ask(op, body=body_of(op), headers={}), 400)
    keyed = [op for op in OPERATIONS if op.idempotent is not Idempotent.NO]
    for key in ("", "k" * 129, "schlüssel", "a\tb"):
        expect(keyed, lambda op, key=key: ask(op, body=body_of(op), headers={"idempotency-key": key}), 400)  # type: ignore[misc]


def test_a_refusal_speaks_the_readers_language(shop: Shop) -> None:
    chinese = send("GET", "/v1/me", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    english = send("GET", "/v1/me", headers={"accept-language": "fr, en;q=0.5"})
    assert (chinese.json["title"], english.json["title"]) == ("请先登录", "Sign in first")
    assert chinese.code == english.code == "unauthenticated"
