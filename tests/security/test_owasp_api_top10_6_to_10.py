"""OWASP API Security Top 10 (2023), lines 6 to 10: one class for each line."""

import json
from typing import Any

import pytest

from app import app
from chalicelib.core.urls import UrlRefused, checked_public_url
from chalicelib.http import Raw
from tests.http.described import OPERATIONS, address, described, document
from tests.jobs import of_kind
from tests.payments.test_paying import attempt, forged, pay, webhook
from tests.security.attackers import knock
from tests.shop import Shop, configured, send
from tests.unchanged import nothing_changes


class TestApi6UnrestrictedAccessToSensitiveBusinessFlows:
    """Nobody buys up the shop without paying, or registers an army."""

    @pytest.mark.rule("B23")
    def test_nobody_holds_more_unpaid_orders_than_they_may(self, shop: Shop) -> None:
        eve, sku = shop.customer(), shop.sku(stock=50)
        with configured(SOUK_MOST_OPEN_ORDERS="2"):
            shop.order(eve, sku)
            shop.order(eve, sku)
            body = {"items": [{"sku_id": sku, "quantity": 1}], "address_id": shop.address(eve)}
            with nothing_changes():
                assert eve.post("/v1/orders", body).code == "too_many_open_orders"
        assert shop.stock(sku)["reserved"] == 2

    @pytest.mark.rule("B23")
    def test_nobody_holds_more_of_one_thing_than_they_may(self, shop: Shop) -> None:
        eve, sku = shop.customer(), shop.sku(stock=50)
        with configured(SOUK_MOST_RESERVED_UNITS="5"):
            shop.order(eve, sku, 5)
            body = {"items": [{"sku_id": sku, "quantity": 1}], "address_id": shop.address(eve)}
            with nothing_changes():
                assert eve.post("/v1/orders", body).status in (409, 422)

    @pytest.mark.ledger("S1-003")
    def test_one_line_registers_a_few_people_and_no_army(self, shop: Shop) -> None:
        def register(n: int, ip: str) -> int:
            body = {"username": f"soldier{n}", "password": "correct horse battery"}
            return send(
                "POST", "/v1/auth/register", body, ip=ip, headers={"x-forwarded-for": f"10.0.0.{n}"}
            ).status

        assert [register(n, "198.51.100.77") for n in range(30)].count(201) == 20
        six = [register(100 + n, f"2001:db8:0:1::{n:x}") for n in range(30)]
        assert six.count(201) == 20, "all addresses of one line are one caller"

    def test_a_guest_does_not_fill_the_table_with_carts(self, shop: Shop) -> None:
        sku, ip = shop.sku(), "198.51.100.78"
        statuses = [
            send(
                "PUT",
                f"/v1/cart/items/{sku}",
                {"quantity": 1},
                headers={"x-guest-cart": f"gst_01KJPM2X00QZ5T8Y3W6V9B{n:04d}"},
                ip=ip,
            ).status
            for n in range(70)
        ]
        assert statuses.count(429) == 10
        assert len(of_kind("cart")) <= 60


class TestApi7ServerSideRequestForgery:
    """No address that a client names is asked by us; those that will be are checked first."""

    @pytest.mark.parametrize(
        "url",
        [
            "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
            "https://169.254.169.254/",
            "https://0xa9fea9fe/",
            "https://2852039166/",
            "https://[::ffff:169.254.169.254]/",
            "https://metadata.google.internal/",
            "https://localhost:8000/api/v1/health",
            "https://shop.example.com@127.0.0.1/",
            "file:///proc/self/environ",
            "gopher://127.0.0.1:6379/_FLUSHALL",
        ],
    )
    def test_an_address_of_the_inside_is_refused(self, url: str) -> None:
        with pytest.raises(UrlRefused):
            checked_public_url(url)

    def test_an_image_address_is_kept_and_never_asked(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = shop.admin.token

        def reached_out(*_: Any, **__: Any) -> None:
            raise AssertionError("an address in a body was asked")

        monkeypatch.setattr("socket.getaddrinfo", reached_out)
        monkeypatch.setattr("socket.create_connection", reached_out)
        for image in ("https://169.254.169.254/latest", "http://127.0.0.1/x.png"):
            body = {"title": "A cup", "kind": "physical", "skus": [], "image": image}
            assert send("POST", "/v1/admin/products", body, token=token).status in (201, 422)

    @pytest.mark.parametrize(
        "image", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a/b"]
    )
    def test_an_image_is_no_other_scheme(self, shop: Shop, image: str) -> None:
        body = {"title": "A cup", "kind": "physical", "skus": [], "image": image}
        assert shop.admin.post("/v1/admin/products", body).status == 422

    @pytest.mark.parametrize("provider", ["http:%2F%2F127.0.0.1", "..%2F..%2Fetc", "evil.example", "%00"])
    def test_a_provider_is_one_of_ours_and_no_address(self, shop: Shop, provider: str) -> None:
        assert send("POST", f"/v1/webhooks/{provider}", raw=b"{}").status == 404


class TestApi8SecurityMisconfiguration:
    """Headers, origins, verbs, and what an error tells; the headers one by one stand in tests/http/test_headers."""

    @pytest.mark.parametrize(
        "method", ["TRACE", "TRACK", "CONNECT", "OPTIONS", "PROPFIND", "HEAD", "get", ""]
    )
    def test_a_verb_that_no_route_has_is_refused_in_our_own_words(self, method: str) -> None:
        answer = send(method, "/v1/auth/login")
        assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method_not_allowed", "POST")
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"

    def test_a_fault_of_ours_tells_nothing_of_the_house(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise RuntimeError("SELECT secret FROM /var/task/chalicelib by botocore")

        monkeypatch.setattr("chalicelib.inventory.service.get", broken)
        answer = send("GET", "/v1/skus/sku_01KJ0000000000000000000001/stock")
        assert answer.status == 500
        for word in ("Traceback", "chalicelib", "botocore", "SELECT", "RuntimeError", ".py"):
            assert word not in answer.text
        assert not {"server", "x-powered-by", "x-amzn-errortype"} & set(answer.headers)

    def test_no_refusal_tells_what_the_house_is_built_of(self, shop: Shop) -> None:
        for op in OPERATIONS:
            text = send(op.method, address(op), raw=b"\xff{").text.lower()
            for word in ("traceback", "chalicelib", "botocore", "pydantic", "dynamodb"):
                assert word not in text or op.tag == "docs", op.id

    def test_another_origin_is_told_nothing_on_a_deployed_stage(self, shop: Shop) -> None:
        with configured(SOUK_STAGE="prod"):
            for origin in ("https://evil.example", "null", "http://localhost:3000"):
                asked = {"origin": origin, "access-control-request-method": "POST"}
                for answer in (
                    send("OPTIONS", "/v1/orders", headers=asked),
                    send("GET", "/v1/products", headers=asked),
                ):
                    assert not [name for name in answer.headers if name.startswith("access-control-")]

    def test_a_header_of_the_client_never_comes_back_as_one_of_ours(self, shop: Shop) -> None:
        nasty = "https://shop.example\r\nSet-Cookie: a=b"
        sent = {"origin": nasty, "accept-language": nasty, "if-none-match": nasty, "x-tenant": nasty}
        answer = send("GET", "/v1/products", headers=sent)
        assert "set-cookie" not in answer.headers
        assert not [value for value in answer.headers.values() if "\n" in value]

    def test_answers_with_somebodys_data_are_kept_by_no_cache(self, shop: Shop) -> None:
        lin = shop.customer()
        for path in ("/v1/me", "/v1/orders", "/v1/cart"):
            assert lin.get(path).headers["cache-control"] == "no-store"


class TestApi9ImproperInventoryManagement:
    """The document knows every route, and every route is in the document."""

    def test_what_is_mounted_is_what_is_documented(self) -> None:
        mounted = {f"{method} {path}" for path, methods in app.routes.items() for method in methods}
        listed = {
            f"{method.upper()} {path}" for path, methods in document()["paths"].items() for method in methods
        }
        assert mounted == listed

    def test_every_route_says_who_may_use_it_and_how_it_refuses(self) -> None:
        for op in OPERATIONS:
            assert described(op)["x-permission"] == str(op.permission), op.id
            assert described(op)["summary"], op.id
            assert {"422", "429"} <= set(described(op)["responses"]), op.id

    def test_there_is_one_version_and_no_forgotten_one(self) -> None:
        outside = {op.path for op in OPERATIONS if not op.path.startswith("/v1/")}
        assert outside == {"/docs", "/docs/assets/{name}", "/openapi.json"}

    def test_the_document_and_its_page_are_served(self) -> None:
        assert json.loads(send("GET", "/openapi.json").text)["info"]["version"]
        assert send("GET", "/docs").status == 200

    def test_the_sandbox_is_nowhere_in_production(self, shop: Shop) -> None:
        lin = shop.customer()
        payment = attempt(lin, shop.order(lin, shop.sku())["id"])
        with configured(SOUK_SANDBOX="off", SOUK_STAGE="prod"), nothing_changes():
            for op in (op for op in OPERATIONS if op.path.startswith("/v1/sandbox/") and op.method == "POST"):
                assert knock(op).status == 404
            assert send("POST", f"/v1/sandbox/payments/{payment}/pay", {}).status == 404


class TestApi10UnsafeConsumptionOfApis:
    """What a provider says is believed when it is signed, fresh, and fits what we asked for to the cent."""

    @pytest.mark.rule("B12")
    @pytest.mark.parametrize(
        "signature", ["", "t=1,v1=x", "v1=x", "t=2088421200,v1=" + "0" * 64, "x" * 10_000]
    )
    def test_an_unsigned_callback_is_nobodys(self, shop: Shop, signature: str) -> None:
        lin = shop.customer()
        order = shop.order(lin, shop.sku())
        raw = forged(attempt(lin, order["id"]))
        headers = {**raw.headers, "x-sandbox-signature": signature}
        sent = {name: (signature if "signature" in name else value) for name, value in headers.items()}
        with nothing_changes():
            assert webhook(Raw(raw.body, sent)).status == 401

    @pytest.mark.rule("B12")
    def test_a_signed_callback_that_was_changed_on_its_way_is_nobodys(self, shop: Shop) -> None:
        lin = shop.customer()
        raw = forged(attempt(lin, shop.order(lin, shop.sku())["id"]))
        with nothing_changes():
            assert webhook(Raw(raw.body + b" ", raw.headers)).status == 401

    @pytest.mark.rule("B6")
    def test_an_old_callback_is_not_believed_again(self, shop: Shop) -> None:
        lin = shop.customer()
        raw = forged(attempt(lin, shop.order(lin, shop.sku())["id"]))
        shop.clock.advance(days=2)
        with nothing_changes():
            assert webhook(raw).status == 401

    @pytest.mark.rule("B11")
    @pytest.mark.parametrize("amount", [1, 0, -1999, 1998, 2000, 10**18])
    def test_another_amount_is_parked_and_pays_nothing(self, shop: Shop, amount: int) -> None:
        lin = shop.customer()
        order = shop.order(lin, shop.sku(price=1999))
        answer = webhook(forged(attempt(lin, order["id"]), amount={"amount": amount, "currency": "CNY"}))
        assert answer.status in (200, 400)
        assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"

    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": "1999"},
            {"amount": None},
            {"at": 7},
            {"order_id": None},
            {"tenant": {}},
            {"outcome": "rich"},
        ],
    )
    def test_a_callback_of_another_form_pays_nothing_and_breaks_nothing(
        self, shop: Shop, changes: dict[str, Any]
    ) -> None:
        lin = shop.customer()
        order = shop.order(lin, shop.sku())
        answer = webhook(forged(attempt(lin, order["id"]), **changes))
        assert answer.status < 500, answer.text
        assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"

    def test_fields_that_we_do_not_know_change_nothing(self, shop: Shop) -> None:
        lin = shop.customer()
        order = shop.order(lin, shop.sku())
        odd = forged(attempt(lin, order["id"]), status="refunded", roles=["super_admin"], inner={"amount": 0})
        assert webhook(odd).status == 200
        assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"
        assert lin.get("/v1/me").json["roles"] == []

    def test_a_callback_without_end_is_refused_before_it_is_read(self, shop: Shop) -> None:
        lin = shop.customer()
        order = shop.order(lin, shop.sku())
        large = forged(attempt(lin, order["id"]), note="x" * 10 * 1024 * 1024)
        with nothing_changes():
            assert webhook(large).status == 413

    def test_what_the_sandbox_says_reaches_the_customer_as_we_say_it(self, shop: Shop) -> None:
        lin = shop.customer()
        payment = pay(lin, shop.order(lin, shop.sku())["id"])
        assert set(lin.get(f"/v1/payments/{payment}").json) == set(
            document()["components"]["schemas"]["PaymentView"]["properties"]
        )
