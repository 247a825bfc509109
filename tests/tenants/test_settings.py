"""The config centre: a shop's own staff read and change what it is set to, and it holds within a minute."""

from typing import Any

import pytest

from chalicelib.core.settings import settings
from chalicelib.store import get
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant, tenant_ref
from tests.identity.people import said
from tests.jobs import tick
from tests.platform.shops import URL as SHOPS
from tests.platform.shops import boss_of, customer_of, opened, patch
from tests.shop import Answer, Person, Shop, configured, send
from tests.unchanged import nothing_changes, store_calls

URL = "/v1/admin/settings"


def wish(**more: Any) -> dict[str, Any]:
    return {
        "name": "Souk",
        "locale": "zh-CN",
        "time_zone": "Asia/Shanghai",
        "currency": "CNY",
        "shipping": {"fee": {"amount": 0, "currency": "CNY"}},
        **more,
    }


def put(person: Person, body: dict[str, Any], **headers: str) -> Answer:
    return person.put(URL, body, headers=headers)


@pytest.mark.ledger("S1-011")
def test_staff_read_and_change_what_their_shop_is_set_to(shop: Shop) -> None:
    body = wish(
        name="杯子",
        locale="en",
        time_zone="Europe/Berlin",
        branding={"color": "#aa3311", "logo_url": "https://cdn.example.com/l.png"},
        shipping={
            "fee": {"amount": 900, "currency": "CNY"},
            "free_from": {"amount": 9900, "currency": "CNY"},
        },
        terms={"pay_minutes": 5, "open_orders": 2},
    )
    answer = put(shop.admin, body)
    assert answer.status == 200, answer.text
    read = shop.admin.get(URL)
    assert (read.json, read.headers["etag"]) == (answer.json, answer.headers["etag"])
    assert (read.json["name"], read.json["time_zone"], read.json["shipping"]["fee"]["amount"]) == (
        "杯子",
        "Europe/Berlin",
        900,
    )
    assert read.json["in_force"] == {
        "pay_minutes": 5,
        "confirm_days": settings().confirm_days,
        "ship_alarm_hours": settings().ship_alarm_hours,
        "open_orders": 2,
        "reserved_units": settings().most_reserved_units,
    }
    told = send("GET", "/v1/config").json
    assert (told["name"], told["pay_minutes"], told["limits"]["open_orders"]) == ("杯子", 5, 2)
    assert told["branding"]["color"] == "#aa3311"
    assert told["shipping"]["free_from"] == {"amount": 9900, "currency": "CNY"}


def test_what_is_left_out_goes_back_to_the_stages_default(shop: Shop) -> None:
    put(shop.admin, wish(terms={"pay_minutes": 5}, branding={"slogan": "Cups"}))
    back = put(shop.admin, wish()).json
    assert (back["terms"]["pay_minutes"], back["branding"]["slogan"]) == (None, None)
    assert back["in_force"]["pay_minutes"] == settings().pay_minutes


@pytest.mark.ledger("S1-011")
def test_what_is_set_is_what_an_order_meets(shop: Shop) -> None:
    terms = {"pay_minutes": 5, "open_orders": 1, "reserved_units": 2, "confirm_days": 3}
    shipping = {"fee": {"amount": 700, "currency": "CNY"}, "free_from": {"amount": 5000, "currency": "CNY"}}
    assert put(shop.admin, wish(terms=terms, shipping=shipping)).status == 200
    sku, lin = shop.sku(price=1000), shop.customer()
    greedy = {"items": [{"sku_id": sku, "quantity": 3}], "address_id": shop.address(lin)}
    assert said(lin.post("/v1/orders", greedy)) == (409, "too_many_reserved")
    order = shop.order(lin, sku, 2)
    assert order["totals"]["shipping"]["amount"] == 700
    one_more = {"items": [{"sku_id": sku, "quantity": 1}], "address_id": shop.address(lin)}
    assert said(lin.post("/v1/orders", one_more)) == (409, "too_many_open_orders")
    shop.clock.advance(minutes=5)
    tick()
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "cancelled"


def test_a_shipped_order_completes_after_the_shops_own_days(shop: Shop) -> None:
    put(shop.admin, wish(terms={"confirm_days": 3}))
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    payment = lin.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox"}).json["id"]
    assert send("POST", f"/v1/sandbox/payments/{payment}/pay", {}).status == 200
    shop.admin.post(f"/v1/admin/orders/{order['id']}/shipments", {"carrier": "SF", "tracking_number": "1"})
    shop.clock.advance(days=3)
    tick()
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "completed"


@pytest.mark.ledger("S1-012")
def test_a_change_is_in_effect_in_every_process_within_the_stated_delay(shop: Shop) -> None:
    """Another process, which remembers the shop as it was, runs on without a new deployment."""
    send("GET", "/v1/config")
    elsewhere = dict(tenants._known)
    changed = put(shop.admin, wish(terms={"pay_minutes": 7})).json
    assert send("GET", "/v1/config").json["pay_minutes"] == 7
    tenants._known.update(elsewhere)
    assert send("GET", "/v1/config").json["pay_minutes"] == 30
    assert changed["in_effect_within_seconds"] == 60
    shop.clock.advance(seconds=changed["in_effect_within_seconds"])
    assert send("GET", "/v1/config").json["pay_minutes"] == 7


def test_an_edit_of_an_older_version_is_refused(shop: Shop) -> None:
    seen = shop.admin.get(URL).headers["etag"]
    assert put(shop.admin, wish(name="One"), **{"if-match": seen}).status == 200
    with nothing_changes():
        assert said(put(shop.admin, wish(name="Two"), **{"if-match": seen})) == (412, "version_conflict")


def test_the_platform_and_the_shop_do_not_overwrite_one_another(shop: Shop) -> None:
    opened(shop)
    seen = boss_of("acme").get(URL).headers["etag"]
    patch(shop, {"hosts": ["acme.example.com"]})
    late = put(boss_of("acme"), wish(name="Late"), **{"if-match": seen})
    assert said(late) == (412, "version_conflict")
    assert put(boss_of("acme"), wish(name="New")).json["hosts"] == ["acme.example.com"]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "zone": ({"time_zone": "Asia/Atlantis"}, "time_zone"),
    "zone of the machine": ({"time_zone": "localtime"}, "time_zone"),
    "zone of nobody": ({"time_zone": "Factory"}, "time_zone"),
    "locale": ({"locale": "zh"}, "locale"),
    "currency": ({"currency": "RMB", "shipping": {"fee": {"amount": 0, "currency": "RMB"}}}, "currency"),
    "fee in other money": ({"shipping": {"fee": {"amount": 1, "currency": "USD"}}}, "shipping.fee.currency"),
    "negative fee": ({"shipping": {"fee": {"amount": -1, "currency": "CNY"}}}, "shipping.fee.amount"),
    "float fee": ({"shipping": {"fee": {"amount": 1.5, "currency": "CNY"}}}, "shipping.fee.amount"),
    "no time to pay": ({"terms": {"pay_minutes": 0}}, "terms.pay_minutes"),
    "a week to pay": ({"terms": {"pay_minutes": 10_080}}, "terms.pay_minutes"),
    "above the ceiling": ({"terms": {"open_orders": 21}}, "terms.open_orders"),
    "units above it": ({"terms": {"reserved_units": 201}}, "terms.reserved_units"),
    "hosts are the platform's": ({"hosts": ["a.example.com"]}, "hosts"),
    "ceilings too": ({"ceilings": {"open_orders": 99}}, "ceilings"),
    "status too": ({"status": "active"}, "status"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_will_not_do_is_named_and_changes_nothing(shop: Shop, case: str) -> None:
    fields, named = BAD[case]
    token = shop.admin.token
    with nothing_changes():
        answer = send("PUT", URL, {**wish(), **fields}, token=token)
    assert answer.status == 422
    assert named in [error["field"] for error in answer.json["errors"]]


@pytest.mark.rule("B23")
def test_nobody_raises_what_the_platform_allows(shop: Shop) -> None:
    opened(shop, ceilings={"open_orders": 5})
    boss, acme = boss_of("acme"), wish(name="Acme")
    assert boss.get(URL).json["ceilings"]["open_orders"] == 5
    assert put(boss, {**acme, "terms": {"open_orders": 6}}).status == 422
    assert put(boss, {**acme, "terms": {"open_orders": 5}}).json["in_force"]["open_orders"] == 5
    patch(shop, {"ceilings": {"open_orders": 2}})
    assert boss.get(URL).json["in_force"]["open_orders"] == 2
    with configured(SOUK_MOST_OPEN_ORDERS="1"):
        assert boss.get(URL).json["in_force"]["open_orders"] == 1


def test_a_new_shop_may_change_its_currency_until_something_is_priced_in_it(shop: Shop) -> None:
    dollars = wish(currency="USD", shipping={"fee": {"amount": 5, "currency": "USD"}})
    assert put(shop.admin, dollars).json["currency"] == "USD"
    assert put(shop.admin, wish()).status == 200
    shop.sku()
    with store_calls() as calls, nothing_changes():
        refused = send("PUT", URL, dollars, token=shop.admin.token)
    assert said(refused) == (409, "currency_fixed")
    assert [call for call in calls if call != "Scan"] == ["GetItem"]
    assert shop.admin.get(URL).json["currency_fixed"] is True
    assert said(patch(shop, {"currency": "USD"}, "default")) == (409, "currency_fixed")


def test_a_refused_product_fixes_no_currency(shop: Shop) -> None:
    bad = {
        "title": "A cup",
        "kind": "physical",
        "skus": [{"price": {"amount": 1, "currency": "USD"}, "attributes": {}}],
    }
    assert shop.admin.post("/v1/admin/products", bad).status == 422
    assert shop.admin.get(URL).json["currency_fixed"] is False


def test_an_imported_product_fixes_the_currency_too(shop: Shop) -> None:
    row = {"id": "p1", "title": "A cup", "kind": "physical", "skus": [{"id": "s1", "price": 100}]}
    report = shop.admin.post("/v1/admin/products/import", {"products": [row]})
    assert report.json["products"]["created"] == 1, report.text
    assert shop.admin.get(URL).json["currency_fixed"] is True


def test_a_product_priced_while_the_currency_changes_elsewhere_is_not_made(shop: Shop) -> None:
    """This process remembers the old currency; the table knows better, and the next try does too."""
    send("GET", "/v1/config")
    elsewhere = dict(tenants._known)
    put(shop.admin, wish(currency="USD", shipping={"fee": {"amount": 0, "currency": "USD"}}))
    tenants._known.update(elsewhere)
    cup = {
        "title": "A cup",
        "kind": "physical",
        "skus": [{"price": {"amount": 1, "currency": "CNY"}, "attributes": {}}],
    }
    token = shop.admin.token
    with nothing_changes():
        first = send("POST", "/v1/admin/products", cup, token=token)
        second = send("POST", "/v1/admin/products", cup, token=token)
    assert (first.status, first.headers["retry-after"]) == (503, "1")
    assert second.json["errors"][0]["code"] == "currency_mismatch"


def test_a_change_of_currency_loses_to_a_product_made_meanwhile(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.tenants import editing

    check = editing.change_currency

    def slowly(tenant: Tenant, currency: str) -> None:
        check(tenant, currency)
        monkeypatch.undo()
        shop.sku()

    monkeypatch.setattr(editing, "change_currency", slowly)
    late = put(shop.admin, wish(currency="USD", shipping={"fee": {"amount": 0, "currency": "USD"}}))
    assert said(late) == (412, "version_conflict")
    stands = get(Tenant, tenant_ref("default"))
    assert stands is not None
    assert (stands.currency, stands.currency_fixed) == ("CNY", True)


def test_only_whoever_may_changes_settings(shop: Shop) -> None:
    opened(shop)
    lin = customer_of("acme")
    token = shop.customer().token
    with nothing_changes():
        assert send("PUT", URL, wish(), token=lin.token).status == 403
        assert send("GET", URL, token=token).status == 403
        assert send("GET", URL).status == 401


@pytest.mark.rule("B17")
@pytest.mark.ledger("S2-030")
def test_a_shops_settings_are_out_of_anothers_reach(shop: Shop) -> None:
    opened(shop)
    boss = boss_of("acme")
    assert put(boss, wish(name="Mine"), **{"x-tenant": "default", "host": "localhost"}).status == 200
    assert shop.admin.get(f"{SHOPS}/default").json["name"] == "Souk"
    assert shop.admin.get(f"{SHOPS}/acme").json["name"] == "Mine"


def test_the_origins_a_shop_lists_may_read_its_answers(shop: Shop) -> None:
    page = {"origin": "https://shop.example"}
    assert "access-control-allow-origin" not in send("GET", "/v1/config", headers=page).headers
    answer = put(shop.admin, wish(origins=["https://shop.example"]))
    assert answer.json["origins"] == ["https://shop.example"]
    allowed = send("GET", "/v1/config", headers=page).headers
    assert allowed["access-control-allow-origin"] == "https://shop.example"
    for origin in ("https://shop.example/path", "http://shop.example", "*", "null"):
        bad = put(shop.admin, wish(origins=[origin]))
        assert (bad.status, bad.json["errors"][0]["field"]) == (422, "origins.0")
