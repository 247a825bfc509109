"""OWASP API Security Top 10 (2023), lines 1 to 5: one class for each line. Lines 6 to 10 stand in the next file."""

import base64
import hashlib
import hmac
from typing import Any

import pytest

from chalicelib.core.context import Actor
from chalicelib.identity.roles import ROLES, Role, permissions_of
from tests.http.described import OPERATIONS, address, body_of, document
from tests.identity.people import KEY as SIGNING_KEY
from tests.identity.people import forged, log_in, me, refresh, said, with_header
from tests.security.attackers import KEY, knock, nested, staff_of, strange_fields
from tests.security.belongings import of_person, of_the_shop
from tests.shop import Person, Shop, configured, send
from tests.stories import test_ownership as ownership
from tests.unchanged import nothing_changes

FOR_STAFF = [op for op in OPERATIONS if op.permission.kind == "staff"]
TAKING_JSON = [op for op in OPERATIONS if op.body is not None]
MEGABYTES = 10 * 1024 * 1024


def pass_for(op: Any, shop: Shop, customer: Person) -> str:
    return shop.admin.token if op.permission.kind == "staff" else customer.token


class TestApi1BrokenObjectLevelAuthorization:
    """Another's id answers 404, in a path and in a body; the walk over all paths is test_access_matrix."""

    def test_the_walk_has_a_thing_for_every_id_of_every_path(self, shop: Shop) -> None:
        things = set(of_person(shop, shop.customer(), of_the_shop(shop)))
        asked = {name for op in OPERATIONS for name in op.path_params}
        assert asked <= things

    @pytest.mark.rule("B17")
    def test_anothers_address_is_no_address_to_ship_to(self, shop: Shop) -> None:
        lin, eve, sku = shop.customer(), shop.customer(), shop.sku()
        body = {"items": [{"sku_id": sku, "quantity": 1}], "address_id": shop.address(lin)}
        with nothing_changes():
            for path in ("/v1/orders", "/v1/orders/quote"):
                answer = eve.post(path, body)
                assert answer.status in (404, 422) or "address" not in answer.text, answer.text
            assert eve.post("/v1/orders", body).status in (404, 422)

    @pytest.mark.rule("B17")
    def test_anothers_order_is_no_order_to_pay_to_cancel_or_to_look_at(self, shop: Shop) -> None:
        lin, eve = shop.customer(), shop.customer()
        order = shop.order(lin, shop.sku())["id"]
        with nothing_changes():
            assert eve.get(f"/v1/orders/{order}").status == 404
            assert eve.post(f"/v1/orders/{order}/cancel").status == 404
            assert eve.post(f"/v1/orders/{order}/payments", {"provider": "sandbox"}).status == 404

    @pytest.mark.rule("B17")
    def test_another_shops_goods_cannot_be_ordered(self, shop: Shop) -> None:
        sku = shop.sku()
        _, outsider, _ = ownership.in_another_tenant(shop)
        body = {"items": [{"sku_id": sku, "quantity": 1}]}
        with nothing_changes():
            answer = send("POST", "/v1/orders", body, token=outsider, headers=KEY)
        assert answer.status in (404, 409), answer.text
        assert send("PUT", f"/v1/cart/items/{sku}", {"quantity": 1}, token=outsider).status in (404, 409)

    def test_a_guests_cart_opens_for_its_unguessable_id_alone(self, shop: Shop) -> None:
        sku, mine = shop.sku(), "gst_01KJPM2X00QZ5T8Y3W6V9B4C7D"
        send("PUT", f"/v1/cart/items/{sku}", {"quantity": 1}, headers={"x-guest-cart": mine})
        for other in ("gst_01KJPM2X00QZ5T8Y3W6V9B4C7E", "", "gst_", "*", mine[:-1]):
            answer = send("GET", "/v1/cart", headers={"x-guest-cart": other})
            assert not answer.json.get("items"), other


class TestApi2BrokenAuthentication:
    """Tokens that are not ours, refresh tokens that were copied, passwords that are guessed."""

    @pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "EdDSA", ""])
    @pytest.mark.ledger("S0-019")
    def test_a_token_of_another_algorithm_is_refused(self, shop: Shop, alg: str) -> None:
        token = with_header(shop.customer().access_token, {"alg": alg, "kid": "t1", "typ": "JWT"})
        with nothing_changes():
            assert me(token).status == me(token.rpartition(".")[0] + ".").status == 401

    def test_our_key_taken_for_a_public_one_signs_nothing(self, shop: Shop) -> None:
        """Key confusion: what an attacker may know (a PEM, a public key, an empty key) never serves as our secret."""
        pem = b"-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n"
        head, body, _ = shop.customer().access_token.split(".")
        for key in (pem, b"", b"\x00" * 32, b"t1", SIGNING_KEY + b"\n"):
            mac = hmac.new(key, f"{head}.{body}".encode(), hashlib.sha256).digest()
            signature = base64.urlsafe_b64encode(mac).decode().rstrip("=")
            assert said(me(f"{head}.{body}.{signature}")) == (401, "token_signature")

    @pytest.mark.parametrize(
        "header",
        [
            {"kid": "../../../../dev/null"},
            {"kid": "t1/../../etc/passwd"},
            {"kid": "t1\x00"},
            {"kid": "t1' OR '1'='1"},
            {"kid": "https://evil.example/jwks.json"},
            {"kid": "t2", "jku": "https://evil.example/jwks.json"},
            {"kid": "t2", "x5u": "https://evil.example/cert.pem"},
            {"kid": "t2", "jwk": {"kty": "oct", "k": "a2tr"}},
        ],
    )
    def test_a_key_id_is_looked_up_and_never_followed(
        self, shop: Shop, header: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = shop.customer().access_token

        def reached_out(*_: Any, **__: Any) -> None:
            raise AssertionError("a token made us open something")

        monkeypatch.setattr("builtins.open", reached_out)
        monkeypatch.setattr("socket.getaddrinfo", reached_out)
        assert said(me(forged(token, key=b"x" * 40, header=header))) == (401, "token_signature")

    @pytest.mark.parametrize("claims", [{"iss": "x"}, {"aud": "x"}, {"exp": 1}, {"exp": None}, {"sid": None}])
    def test_a_token_for_others_or_without_an_end_is_refused(
        self, shop: Shop, claims: dict[str, Any]
    ) -> None:
        assert me(forged(shop.customer().access_token, **claims)).status == 401

    @pytest.mark.ledger("S0-018")
    def test_a_copied_refresh_token_ends_the_whole_family(self, shop: Shop) -> None:
        lin = shop.customer()
        second = refresh(lin.refresh_token).json
        shop.clock.advance(seconds=11)
        assert said(refresh(lin.refresh_token)) == (401, "refresh_reused")
        assert refresh(second["refresh_token"]).status == 401
        assert me(second["access_token"]).status == 401

    def test_passwords_cannot_be_guessed_by_trying(self, shop: Shop) -> None:
        """From one address, whatever it says of itself, and from many: most tries never reach the password."""
        login = shop.customer().user["email"]
        tries = [log_in(login, f"guess number {n}", ip="198.51.100.9") for n in range(60)]
        assert sum(answer.status == 401 for answer in tries) <= 30
        assert tries[-1].status == 429
        assert int(tries[-1].headers["retry-after"]) > 0
        spread = [log_in(login, f"guess number {n}", ip=f"198.51.{n}.1") for n in range(150)]
        assert sum(answer.status == 401 for answer in spread) <= 100
        assert spread[-1].status == 429

    def test_a_token_in_the_address_opens_nothing(self, shop: Shop) -> None:
        token = shop.customer().access_token
        assert send("GET", f"/v1/me?access_token={token}").status in (401, 422)


class TestApi3BrokenObjectPropertyLevelAuthorization:
    """Nobody sets what they may not set, or is told what they may not know."""

    ASSIGNED = (
        "roles",
        "role",
        "permissions",
        "status",
        "tenant",
        "user_id",
        "version",
        "paid_at",
        "price",
        "is_staff",
    )

    @pytest.mark.ledger("S1-025")
    def test_a_field_that_is_not_the_clients_to_set_is_refused(self, shop: Shop) -> None:
        customer, faults = shop.customer(), {}
        assert shop.admin, "signed in before the table is compared"
        with nothing_changes():
            for op in TAKING_JSON:
                assert op.body is not None
                extra = [name for name in self.ASSIGNED if name not in op.body.model_fields]
                answer = knock(
                    op, pass_for(op, shop, customer), {**body_of(op), **dict.fromkeys(extra, "super_admin")}
                )
                named = {one["field"] for one in answer.json.get("errors", [])}
                if answer.status != 422 or not set(extra) <= named:
                    faults[op.id] = (answer.status, sorted(set(extra) - named))
        assert faults == {}

    def test_nobody_makes_themselves_staff(self, shop: Shop) -> None:
        lin = shop.customer()
        with nothing_changes():
            body = {"username": "eve", "password": "correct horse battery", "roles": ["super_admin"]}
            assert send("POST", "/v1/auth/register", body).status == 422
            assert lin.patch("/v1/me", {"name": "Lin", "roles": ["super_admin"]}).status == 422

    def test_a_price_is_the_shops_to_say(self, shop: Shop) -> None:
        lin, sku = shop.customer(), shop.sku(price=1999)
        line = {"sku_id": sku, "quantity": 1, "unit_price": {"amount": 1, "currency": "CNY"}}
        with nothing_changes():
            assert lin.post("/v1/orders", {"items": [line]}).status == 422
            assert lin.post("/v1/orders", {"items": [line | {"quantity": -1}]}).status == 422

    def test_no_answer_holds_what_the_document_does_not_declare(self, shop: Shop) -> None:
        schemas = document()["components"]["schemas"]
        declared = {name for schema in schemas.values() for name in schema.get("properties", {})}
        declared |= {"size"}  # the free names of a SKU's choices
        lin = shop.customer()
        order = shop.order(lin, shop.sku())
        for path in (
            "/v1/me",
            "/v1/me/addresses",
            "/v1/orders",
            f"/v1/orders/{order['id']}",
            "/v1/products",
            "/v1/cart",
        ):
            answer = lin.get(path)
            assert answer.status == 200
            assert strange_fields(answer.json, declared) == []
        for secret in ("password_hash", "$argon2", "owner_pk", "state_pk", '"pk"', "digest"):
            assert secret not in lin.get("/v1/me").text + lin.get(f"/v1/orders/{order['id']}").text

    def test_no_declared_field_is_a_secret_of_the_house(self) -> None:
        names = {
            name for one in document()["components"]["schemas"].values() for name in one.get("properties", {})
        }
        assert (
            names & {"password_hash", "pk", "sk", "owner_pk", "state_pk", "due_pk", "ttl", "cur", "prev"}
            == set()
        )


class TestApi4UnrestrictedResourceConsumption:
    """Size, depth, pages and rate all have an end, and no header moves it."""

    def test_ten_megabytes_are_refused_by_every_route_that_takes_a_body(self, shop: Shop) -> None:
        customer = shop.customer()
        taking = [op for op in OPERATIONS if op.takes_body]
        large = {"content-length": str(MEGABYTES), **KEY}
        told = {
            op.id: send(op.method, address(op), token=pass_for(op, shop, customer), headers=large).status
            for op in taking
        }
        assert set(told.values()) == {413}, "by what the client declares, before anything is read"

    def test_ten_megabytes_that_were_not_declared_are_refused_too(self, shop: Shop) -> None:
        raw = b'{"login":"' + b"a" * MEGABYTES + b'"}'
        assert send("POST", "/v1/auth/login", raw=raw).status == 413
        assert send("POST", "/v1/webhooks/sandbox", raw=raw).status == 413

    def test_a_deep_body_is_refused_by_every_route(self, shop: Shop) -> None:
        customer = shop.customer()
        for levels in (33, 500, 20_000):
            raw = nested(levels) if levels < 900 else b'{"a":' * levels + b"1" + b"}" * levels
            for op in TAKING_JSON:
                token = pass_for(op, shop, customer)
                answer = send(op.method, address(op), raw=raw, token=token, headers=KEY)
                assert said(answer) == (400, "body_too_deep"), op.id
        assert said(send("POST", "/v1/webhooks/sandbox", raw=b"[" * 5000)) == (400, "body_too_deep")

    def test_a_page_has_a_hundred_rows_at_most(self, shop: Shop) -> None:
        customer = shop.customer()
        lists = [op for op in OPERATIONS if op.query is not None and "limit" in op.query.model_fields]
        assert lists
        for op in lists:
            for limit in ("101", "1000", "-1", "99999999999999999999"):
                answer = send(op.method, f"{address(op)}?limit={limit}", token=pass_for(op, shop, customer))
                assert answer.status == 422, op.id

    @pytest.mark.ledger("S1-003")
    @pytest.mark.parametrize(
        "header",
        [
            "x-forwarded-for",
            "x-real-ip",
            "forwarded",
            "x-client-ip",
            "true-client-ip",
            "x-tenant",
            "user-agent",
        ],
    )
    def test_no_header_gets_around_a_limit(self, shop: Shop, header: str) -> None:
        source = f"198.51.100.{len(header)}"
        with configured(SOUK_IP_REQUESTS_PER_MINUTE="5"):
            statuses = [
                send("GET", "/v1/health", headers={header: f"10.0.0.{n}"}, ip=source).status for n in range(9)
            ]
        assert statuses == [200] * 5 + [429] * 4

    def test_every_route_says_that_it_has_a_limit(self) -> None:
        for op in OPERATIONS:
            assert "429" in document()["paths"][op.path][op.method.lower()]["responses"], op.id

    def test_an_order_has_a_number_of_lines(self, shop: Shop) -> None:
        line = {"sku_id": shop.sku(), "quantity": 1}
        assert shop.customer().post("/v1/orders", {"items": [line] * 31}).status == 422


class TestApi5BrokenFunctionLevelAuthorization:
    """Deny by default: a customer opens no staff door, a member of the staff only those of their roles."""

    def test_a_customer_and_a_visitor_open_no_staff_door(self, shop: Shop) -> None:
        lin = shop.customer()
        with nothing_changes():
            assert {op.id: knock(op, lin.token).status for op in FOR_STAFF} == {
                op.id: 403 for op in FOR_STAFF
            }
            assert {op.id: knock(op).status for op in FOR_STAFF} == {op.id: 401 for op in FOR_STAFF}

    @pytest.mark.parametrize("role", [role for role in ROLES if role != "super_admin"])
    def test_a_role_opens_no_door_of_another(self, shop: Shop, role: Role) -> None:
        person = staff_of(shop, role)
        holder = Actor("staff", permissions=permissions_of([role], "default"))
        denied = [op for op in FOR_STAFF if not holder.may(op.permission.name)]
        with nothing_changes():
            assert {op.id: knock(op, person.token).status for op in denied} == {op.id: 403 for op in denied}

    def test_a_claim_that_says_staff_opens_nothing(self, shop: Shop) -> None:
        token = forged(shop.customer().access_token, staff=True, roles=["super_admin"], permissions=["*"])
        assert {knock(op, token).status for op in FOR_STAFF} == {403}

    def test_no_header_changes_the_method_or_the_path(self, shop: Shop) -> None:
        lin = shop.customer()
        for header in ("x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url"):
            answer = send("GET", "/v1/me", token=lin.token, headers={header: "/v1/admin/orders"})
            assert answer.json["id"] == lin.id

    def test_a_refusal_comes_before_the_body_is_looked_at(self, shop: Shop) -> None:
        lin = shop.customer()
        for op in FOR_STAFF:
            if op.body is not None:
                assert knock(op, lin.token, {"nonsense": 1}).status == 403
