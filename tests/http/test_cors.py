"""Which pages may read our answers, and what is told to those that may not: nothing."""

from typing import Any

import pytest
from werkzeug.test import Client

from app import app
from chalicelib.http import cors
from chalicelib.store import update
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant, tenant_ref
from infra.local.wsgi import WsgiFace
from tests.faults import answering
from tests.shop import Answer, Shop, configured, send
from tests.unchanged import store_calls

SHOP = "https://shop.example"
OTHER = "https://other.example"
ALLOW = "access-control-allow-origin"


def list_origins(slug: str, *origins: str) -> None:
    tenants.ensure(slug, slug)
    update(Tenant, tenant_ref(slug), set={"origins": frozenset(origins)})
    tenants.forget()


@pytest.fixture(autouse=True)
def deployed(shop: Shop) -> Any:
    """A deployed stage: no origin is allowed but those that a shop lists."""
    list_origins("default", SHOP)
    with configured(SOUK_STAGE="prod"):
        yield


def preflight(origin: str, path: str = "/v1/orders", method: str = "POST", **headers: str) -> Answer:
    asked = {"origin": origin, "access-control-request-method": method, **headers}
    return send("OPTIONS", path, headers=asked)


def of_cors(answer: Answer) -> set[str]:
    return {name for name in answer.headers if name.startswith("access-control-")}


def test_a_preflight_of_a_listed_origin_is_told_what_it_may_send() -> None:
    answer = preflight(SHOP)
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers[ALLOW] == SHOP
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    allowed = {name.lower() for name in answer.headers["access-control-allow-headers"].split(", ")}
    assert allowed >= {"authorization", "content-type", "idempotency-key", "if-match", "x-tenant"}
    assert allowed >= {"x-guest-cart", "accept-language", "x-debug-cost"}
    assert answer.headers["access-control-max-age"] == "7200"
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "*",
        "",
        "http://shop.example",
        f"{SHOP}.evil.example",
        f"{SHOP}/",
        f"{SHOP}:8443",
    ],
)
def test_a_preflight_of_any_other_origin_is_told_nothing(origin: str) -> None:
    answer = preflight(origin)
    assert answer.status == 204
    assert of_cors(answer) == set()
    assert answer.headers["vary"] == "Origin"


def test_an_answer_is_readable_for_a_listed_origin_and_for_no_other() -> None:
    mine = send("GET", "/v1/products", headers={"origin": SHOP})
    assert mine.headers[ALLOW] == SHOP
    told = set(mine.headers["access-control-expose-headers"].split(", "))
    assert told == {"ETag", "X-Request-Id", "Idempotent-Replayed", "Retry-After", "X-Cost", "X-Next-Cursor"}
    evil = send("GET", "/v1/products", headers={"origin": "https://evil.example"})
    assert (evil.status, of_cors(evil)) == (200, set())
    assert send("GET", "/v1/products").headers["vary"] == evil.headers["vary"] == "Origin"


def test_a_request_that_is_refused_early_costs_no_look_up_of_what_it_names() -> None:
    send("GET", "/v1/products", headers={"origin": SHOP})
    with store_calls() as calls, configured(SOUK_IP_REQUESTS_PER_MINUTE="1"):
        for n in range(5):
            headers = {"origin": SHOP, "x-tenant": f"made-up-{n}"}
            assert send("PUT", "/v1/products", headers=headers, ip=f"192.0.2.{n}").status == 405
            assert (
                send("POST", "/v1/auth/logout", {}, headers=headers, ip="192.0.2.200").headers[ALLOW] == SHOP
            )
    assert calls == []


def test_no_answer_allows_credentials() -> None:
    for answer in (preflight(SHOP), send("GET", "/v1/products", headers={"origin": SHOP})):
        assert "access-control-allow-credentials" not in answer.headers


def test_the_list_is_the_tenants_own(shop: Shop) -> None:
    list_origins("other", OTHER)
    for asked, answered in ((OTHER, {"x-tenant": "other"}), (SHOP, {})):
        answer = send("GET", "/v1/products", headers={"origin": asked, **answered})
        assert answer.headers[ALLOW] == asked
    for asked, answered in ((SHOP, {"x-tenant": "other"}), (OTHER, {}), (OTHER, {"x-tenant": "nowhere"})):
        assert of_cors(send("GET", "/v1/products", headers={"origin": asked, **answered})) == set()


def test_the_tokens_shop_decides_and_not_the_header(shop: Shop) -> None:
    list_origins("other", OTHER)
    lin = shop.customer()
    header = {"x-tenant": "other"}
    assert lin.get("/v1/me", headers={**header, "origin": SHOP}).headers[ALLOW] == SHOP
    assert of_cors(lin.get("/v1/me", headers={**header, "origin": OTHER})) == set()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/me", None, 401),
        ("GET", "/v1/products/prd_01KJ0000000000000000000001", None, 404),
        ("PUT", "/v1/products", None, 405),
        ("POST", "/v1/auth/login", {"login": "a"}, 422),
    ],
)
def test_a_page_can_read_why_it_was_refused(method: str, path: str, body: Any, status: int) -> None:
    answer = send(method, path, body, headers={"origin": SHOP})
    assert (answer.status, answer.headers.get(ALLOW)) == (status, SHOP)


def test_an_expired_token_can_be_noticed_by_a_page(shop: Shop) -> None:
    lin = shop.customer()
    shop.clock.advance(minutes=16)
    answer = send("GET", "/v1/me", token=lin.access_token, headers={"origin": SHOP})
    assert (answer.code, answer.headers[ALLOW]) == ("token_expired", SHOP)


@pytest.mark.parametrize(
    "kind", ["", " ", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("origin", [SHOP, "https://evil.example", "null"])
def test_what_a_page_can_send_without_a_preflight_is_no_json(kind: str, origin: str) -> None:
    """A script that sends bytes of no type makes no preflight: any page could use a visitor's address for its tries."""
    headers = {"origin": origin, "content-type": kind}
    raw = b'{"login": "lin@example.com", "password": "a guess"}'
    with store_calls() as calls:
        answer = send("POST", "/v1/auth/login", raw=raw, headers=headers)
    assert (answer.status, "Update" in str(calls)) == (415, False)


def test_a_program_may_leave_the_content_type_out() -> None:
    raw = b'{"login": "lin@example.com", "password": "a guess"}'
    assert send("POST", "/v1/auth/login", raw=raw, headers={"content-type": ""}).status == 401


def test_no_exception_leaves_the_door_where_the_list_cannot_be_read() -> None:
    tenants.forget()
    with answering("GetItem", "AccessDeniedException", times=9):
        answer = send("GET", "/v1/products", headers={"origin": SHOP})
    assert (answer.status, answer.code) == (500, "internal")


def test_a_request_without_an_origin_asks_for_no_list() -> None:
    tenants.forget()
    with store_calls() as calls:
        send("POST", "/v1/auth/logout", {"refresh_token": "x"})
    assert calls == []


def test_an_origin_is_no_reason_to_fail_while_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.core.errors import Unavailable

    def away(slug: str, host: str) -> frozenset[str]:
        raise Unavailable

    headers = {"origin": SHOP}
    assert cors.answer(headers, "default", away) == {}


@pytest.mark.parametrize("origin", ["http://localhost:5173", "http://127.0.0.1:8000", "http://localhost"])
def test_on_a_developers_machine_its_own_origins_are_listed(origin: str) -> None:
    assert of_cors(preflight(origin)) == set()
    with configured(SOUK_STAGE="local"):
        assert preflight(origin).headers[ALLOW] == origin
        assert send("GET", "/v1/products", headers={"origin": origin}).headers[ALLOW] == origin
        assert of_cors(preflight("http://localhost.evil.example")) == set()
        assert of_cors(preflight("https://localhost@evil.example")) == set()


def test_options_that_is_no_preflight_is_a_method_the_path_does_not_have() -> None:
    answer = send("OPTIONS", "/v1/orders", headers={"origin": SHOP})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.code == "method_not_allowed"


def test_preflights_count_against_their_address() -> None:
    from chalicelib.http import limits

    limits.forget()
    with configured(SOUK_IP_REQUESTS_PER_MINUTE="2"):
        assert [preflight(SHOP).status for _ in range(3)] == [204, 204, 429]
    limits.forget()


def test_the_local_server_answers_preflights_and_opens_its_own_refusals() -> None:
    browser = Client(WsgiFace(app))
    headers = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
    with configured(SOUK_STAGE="local"):
        asked = browser.options("/api/v1/orders", headers=headers)
        assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, headers["Origin"])
        nowhere = browser.get("/api/v1/nowhere", headers=headers)
    assert (nowhere.status_code, nowhere.headers["Access-Control-Allow-Origin"]) == (404, headers["Origin"])
    assert nowhere.headers["X-Content-Type-Options"] == "nosniff"
