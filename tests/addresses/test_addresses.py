"""A customer's addresses, through the API."""

from typing import Any

import pytest

from tests.addresses.writing import HOME, add, add_many, book, defaults, wish
from tests.faults import answering, losing_answers
from tests.jobs import of_kind
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes, store_calls

NOT_THERE = "adr_01KJ0000000000000000000000"


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


@pytest.mark.ledger("S1-008", "S4-020", "S4-072")
def test_an_address_is_added_read_rewritten_and_deleted(lin: Person) -> None:
    made = lin.post("/v1/me/addresses", wish(postal_code="310000"))
    assert made.status == 201
    assert made.json == made.json | HOME | {"postal_code": "310000", "is_default": True}
    url = f"/v1/me/addresses/{made.json['id']}"
    assert lin.get(url).json == made.json

    moved = lin.put(url, wish(city="宁波市"))
    assert moved.status == 200
    assert moved.json == {**made.json, "city": "宁波市", "postal_code": None}
    assert book(lin) == [moved.json]

    assert (lin.delete(url).status, book(lin)) == (204, [])
    assert lin.get(url).status == 404


@pytest.mark.ledger("S1-008")
def test_the_first_is_the_default_and_the_next_is_not(lin: Person) -> None:
    first, _ = add(lin), add(lin)
    assert defaults(lin) == [first]


@pytest.mark.ledger("S1-008", "S4-072")
@pytest.mark.parametrize("how", ["added", "rewritten", "named"])
def test_a_new_default_takes_the_place_of_the_old(lin: Person, how: str) -> None:
    add(lin)
    second = add(lin, is_default=how == "added")
    if how == "rewritten":
        assert lin.put(f"/v1/me/addresses/{second}", wish(is_default=True)).json["is_default"] is True
    if how == "named":
        assert lin.put(f"/v1/me/addresses/{second}/default").json["is_default"] is True
    assert defaults(lin) == [second]


def test_rewriting_the_default_without_saying_so_keeps_it(lin: Person) -> None:
    first, _ = add(lin), add(lin)
    answer = lin.put(f"/v1/me/addresses/{first}", wish(is_default=False))
    assert answer.json["is_default"] is True
    assert defaults(lin) == [first]


@pytest.mark.ledger("S1-008")
def test_after_the_default_goes_the_newest_of_the_rest_is_it(lin: Person) -> None:
    first, second, third = add(lin), add(lin), add(lin)
    lin.delete(f"/v1/me/addresses/{first}")
    assert defaults(lin) == [third]
    lin.delete(f"/v1/me/addresses/{second}")
    assert defaults(lin) == [third]
    lin.delete(f"/v1/me/addresses/{third}")
    assert book(lin) == []
    again = add(lin)
    assert defaults(lin) == [again]


def test_fifty_are_kept_and_the_next_is_refused(lin: Person) -> None:
    add_many(lin, 49)
    add(lin)
    with nothing_changes():
        answer = lin.post("/v1/me/addresses", wish(is_default=True))
    assert (answer.status, answer.code) == (409, "too_many_addresses")
    lin.delete(f"/v1/me/addresses/{book(lin)[0]['id']}")
    add(lin)
    assert len(book(lin)) == 50


def test_the_fullest_book_fits_one_item_with_room_to_spare(lin: Person) -> None:
    from chalicelib.store.parts import size_of
    from chalicelib.store.transactions import MOST_ITEM_BYTES

    longest = dict.fromkeys(("recipient", "province", "city", "district"), "字" * 60)
    add_many(lin, 49, **longest, line1="字" * 200, phone="+" + "1" * 20, postal_code="1" * 11)
    add(lin, **longest, line1="字" * 200, phone="+" + "1" * 20, postal_code="1" * 11)
    assert len(book(lin)) == 50
    (item,) = of_kind("address_book")
    assert size_of(item) < MOST_ITEM_BYTES / 3


def test_the_same_key_adds_one_address_and_answers_the_same_bytes(lin: Person) -> None:
    first = lin.post("/v1/me/addresses", HOME, key="k1")
    with nothing_changes():
        again = lin.post("/v1/me/addresses", HOME, key="k1")
    assert (again.status, again.text) == (201, first.text)
    assert again.headers["idempotent-replayed"] == "true"


def test_the_same_key_for_another_address_is_refused(lin: Person) -> None:
    lin.post("/v1/me/addresses", HOME, key="k1")
    with nothing_changes():
        answer = lin.post("/v1/me/addresses", wish(city="宁波市"), key="k1")
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


def test_the_fiftieth_is_answered_again_although_the_book_is_full(lin: Person) -> None:
    add_many(lin, 49)
    first = lin.post("/v1/me/addresses", HOME, key="k1")
    again = lin.post("/v1/me/addresses", HOME, key="k1")
    assert (again.status, again.text) == (201, first.text)


@pytest.mark.rule("B17")
@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("PUT", "/default")])
def test_anothers_address_is_not_there(lin: Person, shop: Shop, method: str, path: str) -> None:
    url = f"/v1/me/addresses/{add(lin)}{path}"
    body = HOME if (method, path) == ("PUT", "") else None
    wei = shop.customer("Wei")
    for person in (wei, shop.admin):
        with nothing_changes():
            answer = send(method, url, body, token=person.token)
        assert (answer.status, answer.code) == (404, "not_found")
    assert send(method, url, body).status == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("address_id", [NOT_THERE, "x", "adr_%23ADDRESSES", "adr_1", "..", "%00", "ADR_01KJ"])
def test_an_address_that_is_not_there_is_a_404(lin: Person, method: str, address_id: str) -> None:
    add(lin)
    with nothing_changes():
        answer = send(
            method, f"/v1/me/addresses/{address_id}", HOME if method == "PUT" else None, token=lin.token
        )
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"recipient": ""}, "recipient", "string_too_short"),
        ({"recipient": "  "}, "recipient", "string_too_short"),
        ({"recipient": "x" * 61}, "recipient", "string_too_long"),
        ({"recipient": "a\nb"}, "recipient", "string_pattern_mismatch"),
        ({"recipient": 7}, "recipient", "string_type"),
        ({"phone": "call me"}, "phone", "string_pattern_mismatch"),
        ({"phone": "1" * 30}, "phone", "string_pattern_mismatch"),
        ({"phone": 13800000000}, "phone", "string_type"),
        ({"country": "CHN"}, "country", "string_pattern_mismatch"),
        ({"country": "cn"}, "country", "string_pattern_mismatch"),
        ({"line1": "x" * 201}, "line1", "string_too_long"),
        ({"postal_code": "x" * 20}, "postal_code", "string_pattern_mismatch"),
        ({"is_default": "true"}, "is_default", "bool_type"),
        ({"is_default": 1}, "is_default", "bool_type"),
        ({"is_default": None}, "is_default", "bool_type"),
        ({"id": NOT_THERE}, "id", "extra_forbidden"),
        ({"user_id": "usr_x"}, "user_id", "extra_forbidden"),
    ],
)
def test_a_field_of_the_wrong_form_is_named_and_nothing_is_kept(
    lin: Person, fields: dict[str, Any], field: str, code: str
) -> None:
    known = add(lin)
    with nothing_changes():
        answers = [
            lin.post("/v1/me/addresses", wish(**fields)),
            lin.put(f"/v1/me/addresses/{known}", wish(**fields)),
        ]
    for answer in answers:
        assert answer.status == 422
        assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [(field, code)]


@pytest.mark.parametrize("missing", HOME)
def test_each_part_of_an_address_is_needed(lin: Person, missing: str) -> None:
    body = {name: value for name, value in HOME.items() if name != missing}
    with nothing_changes():
        answer = lin.post("/v1/me/addresses", body)
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [(missing, "missing")]


def test_a_list_is_read_in_pages_newest_first(lin: Person) -> None:
    made = [add(lin) for _ in range(5)]
    seen, url = [], "/v1/me/addresses?limit=2"
    cursor: str | None = ""
    while cursor is not None:
        page = lin.get(url + (f"&cursor={cursor}" if cursor else "")).json
        seen += [address["id"] for address in page["data"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1]


def test_a_page_goes_on_where_the_last_one_ended_though_that_address_is_gone(lin: Person, shop: Shop) -> None:
    made = []
    for _ in range(4):
        made.append(add(lin))
        shop.clock.advance(seconds=1)
    page = lin.get("/v1/me/addresses?limit=2").json
    lin.delete(f"/v1/me/addresses/{page['data'][-1]['id']}")
    rest = lin.get(f"/v1/me/addresses?limit=2&cursor={page['next_cursor']}").json
    assert [address["id"] for address in rest["data"]] == [made[1], made[0]]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "page=1", "limit=1&limit=2"])
def test_a_query_of_the_wrong_form_is_refused(lin: Person, query: str) -> None:
    assert lin.get(f"/v1/me/addresses?{query}").status == 422


def test_anothers_cursor_is_refused(lin: Person, shop: Shop) -> None:
    add(lin), add(lin)
    cursor = lin.get("/v1/me/addresses?limit=1").json["next_cursor"]
    wei = shop.customer("Wei")
    for given in (cursor, "garbage", "é", "A" * 100):
        answer = wei.get(f"/v1/me/addresses?cursor={given}")
        assert (answer.status, answer.code) == (400, "cursor_invalid")


@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_race_is_run_again_and_not_shown(lin: Person, times: int) -> None:
    _, second = add(lin), add(lin)
    reasons = ["ConditionalCheckFailed"]
    with answering("TransactWriteItems", "TransactionCanceledException", times=times, reasons=reasons):
        assert lin.put(f"/v1/me/addresses/{second}/default").status == 200
    assert defaults(lin) == [second]


def test_a_write_whose_answer_was_lost_is_made_once(lin: Person) -> None:
    with losing_answers("TransactWriteItems", times=1):
        answer = lin.put(f"/v1/me/addresses/{add(lin)}", wish(city="宁波市"))
    assert answer.status == 200
    assert [address["city"] for address in book(lin)] == ["宁波市"]


def test_what_each_act_costs(lin: Person) -> None:
    with store_calls() as calls:
        address_id = add(lin)
        lin.put(f"/v1/me/addresses/{address_id}", wish(city="宁波市"))
    assert calls == ["GetItem", "TransactWriteItems"] * 2
    with store_calls() as calls:
        book(lin)
        lin.get(f"/v1/me/addresses/{address_id}")
        lin.put(f"/v1/me/addresses/{address_id}/default")
    assert calls == ["GetItem"] * 3
