"""Parameters: declared, typed, within their range, changed on record, and in effect within a minute."""

from typing import Any

import pytest

from chalicelib.core.context import system
from chalicelib.core.settings import settings
from chalicelib.settings import service
from chalicelib.tenants import parameters
from chalicelib.tenants import service as tenants
from tests.audit.test_acts import detail, log
from tests.identity.people import said
from tests.kyc.papers import staff_member
from tests.platform.shops import URL as SHOPS
from tests.platform.shops import boss_of, opened, patch
from tests.settings.parameters import URL, put
from tests.shop import Shop, configured, send
from tests.unchanged import nothing_changes, store_calls

PAY = "orders.pay_minutes"


@pytest.mark.ledger("S4-193")
def test_every_parameter_says_what_it_is_what_it_may_be_and_who_changes_it(shop: Shop) -> None:
    listed = {one["name"]: one for one in shop.admin.get(URL).json["data"]}
    assert set(listed) == set(parameters.PARAMETERS)
    assert all(one["description"]["en"] and one["description"]["zh"] for one in listed.values())
    assert listed[PAY] | {"description": None} == {
        "name": PAY,
        "type": "integer",
        "description": None,
        "value": 30,
        "chosen": None,
        "default": 30,
        "least": 1,
        "most": 1440,
        "unit": "minutes",
        "options": None,
        "changed_by": "shop",
        "in_effect_within_seconds": 60,
    }
    assert (listed["storage.quota_bytes"]["changed_by"], listed["cart.guests"]["type"]) == (
        "platform",
        "switch",
    )
    storage = shop.admin.get(f"{URL}?group=storage").json["data"]
    assert [one["name"] for one in storage] == [name for name in listed if name.startswith("storage.")]


@pytest.mark.ledger("S4-193")
def test_a_change_holds_is_on_record_and_can_be_taken_back(shop: Shop) -> None:
    assert put(shop.admin, PAY, 5, reason="a sale").json["value"] == 5
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    assert order["expires_at"].startswith("2036-03-02T01:05")
    (change,) = [
        one
        for one in detail(shop, log(shop, "?act=settings_change_parameter")[0]["id"])["changes"]
        if one["item"] == "tenant"
    ]
    assert (change["item"], change["before"]["terms"], change["after"]["terms"]) == (
        "tenant",
        {},
        {"pay_minutes": 5},
    )
    shop.clock.advance(seconds=1)
    back = shop.admin.delete(f"{URL}/{PAY}")
    assert (back.status, back.json["value"], back.json["chosen"]) == (200, 30, None)
    told = shop.admin.get(f"{URL}/{PAY}/history").json["data"]
    assert [(one["before"], one["after"], one["reason"]) for one in told] == [
        (5, None, None),
        (None, 5, "a sale"),
    ]
    assert {one["actor_id"] for one in told} == {shop.admin.id}
    assert shop.admin.get(f"{URL}?changed=true").json["data"] == []


def test_history_has_also_what_was_changed_with_all_the_settings_at_once(shop: Shop) -> None:
    body = {
        "name": "Souk",
        "locale": "en",
        "time_zone": "UTC",
        "currency": "CNY",
        "shipping": {"fee": {"amount": 0, "currency": "CNY"}},
        "terms": {"confirm_days": 3},
    }
    assert shop.admin.put("/v1/admin/settings", body).status == 200
    (told,) = shop.admin.get(f"{URL}/orders.confirm_days/history").json["data"]
    assert (told["before"], told["after"]) == (None, 3)
    assert shop.admin.get(f"{URL}/{PAY}/history").json["data"] == []


def test_history_is_read_by_the_page(shop: Shop) -> None:
    for minutes in (1, 2, 3):
        put(shop.admin, PAY, minutes)
        shop.clock.advance(seconds=1)
    first = shop.admin.get(f"{URL}/{PAY}/history?limit=2").json
    rest = shop.admin.get(f"{URL}/{PAY}/history?limit=2&cursor={first['next_cursor']}").json
    assert [one["after"] for one in first["data"] + rest["data"]] == [3, 2, 1]


@pytest.mark.ledger("S1-012", "S4-193")
def test_a_changed_parameter_is_in_effect_in_every_process_within_the_stated_delay(shop: Shop) -> None:
    """Another process, which remembers the shop as it was, meets the new value without a deployment."""
    put(shop.admin, "cart.guests", value=True)
    send("GET", "/v1/config")
    elsewhere = dict(tenants._known)
    within = put(shop.admin, "cart.guests", value=False).json["in_effect_within_seconds"]
    assert send("GET", "/v1/config").json["switches"]["cart.guests"] is False, "here at once"
    tenants._known.update(elsewhere)
    shop.clock.advance(seconds=within - 1)
    assert send("GET", "/v1/config").json["switches"]["cart.guests"] is True
    shop.clock.advance(seconds=1)
    assert send("GET", "/v1/config").json["switches"]["cart.guests"] is False


BAD: dict[str, tuple[str, Any, str]] = {
    "a text for a number": (PAY, "5", "type"),
    "a switch for a number": (PAY, True, "type"),
    "a number for a switch": ("cart.guests", 1, "type"),
    "no time at all": (PAY, 0, "out_of_range"),
    "too long a time": (PAY, 1441, "out_of_range"),
    "above the platform's ceiling": ("orders.most_open_orders", 21, "out_of_range"),
    "an executable page": ("storage.allowed_types", ["text/html"], "unknown_option"),
    "no type at all": ("storage.allowed_types", [], "type"),
    "one type twice": ("storage.allowed_types", ["image/png", "image/png"], "type"),
}


@pytest.mark.ledger("S4-193")
@pytest.mark.parametrize("case", BAD)
def test_a_value_of_another_type_or_out_of_range_changes_nothing(shop: Shop, case: str) -> None:
    name, value, code = BAD[case]
    token = shop.admin.token
    with nothing_changes():
        answer = send("PUT", f"{URL}/{name}", {"value": value}, token=token)
    assert answer.status == 422, answer.text
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [("value", code)]


@pytest.mark.parametrize("value", [None, {"a": 1}, 1.5, -1, ["x" * 200], "x" * 301])
def test_a_value_of_no_type_at_all_is_refused(shop: Shop, value: Any) -> None:
    token = shop.admin.token
    with nothing_changes():
        assert send("PUT", f"{URL}/{PAY}", {"value": value}, token=token).status == 422


def test_the_refusal_speaks_the_readers_language(shop: Shop) -> None:
    answer = put(shop.admin, PAY, 0, **{"accept-language": "zh-CN"})
    assert answer.json["errors"][0]["message"] == "必须在 1 到 1440 之间"


def test_a_parameter_that_is_not_declared_is_not_there(shop: Shop) -> None:
    token = shop.admin.token
    with nothing_changes():
        for method in ("GET", "DELETE"):
            assert send(method, f"{URL}/orders.made_up", token=token).status == 404
        assert send("PUT", f"{URL}/orders.made_up", {"value": 1}, token=token).status == 404
        assert send("GET", f"{URL}/orders.made_up/history", token=token).status == 404


def test_a_change_of_an_older_version_is_refused(shop: Shop) -> None:
    seen = shop.admin.get(f"{URL}/{PAY}").headers["etag"]
    assert put(shop.admin, PAY, 5, **{"if-match": seen}).status == 200
    token = shop.admin.token
    with nothing_changes():
        late = send("PUT", f"{URL}/{PAY}", {"value": 6}, token=token, headers={"if-match": seen})
        assert said(late) == (412, "version_conflict")
        reset = send("DELETE", f"{URL}/{PAY}", token=token, headers={"if-match": seen})
        assert said(reset) == (412, "version_conflict")


def test_what_changes_nothing_writes_nothing(shop: Shop) -> None:
    put(shop.admin, PAY, 5)
    token = shop.admin.token
    with nothing_changes(), store_calls() as calls:
        assert send("PUT", f"{URL}/{PAY}", {"value": 5}, token=token).json["value"] == 5
    assert "TransactWriteItems" not in calls


@pytest.mark.ledger("S4-193")
def test_what_is_the_platforms_is_changed_by_the_platform_alone(shop: Shop) -> None:
    opened(shop)
    boss = boss_of("acme")
    token = boss.token
    with nothing_changes():
        for method, body in (("PUT", {"value": 10**12}), ("DELETE", None)):
            answer = send(method, f"{URL}/storage.quota_bytes", body, token=token)
            assert said(answer) == (403, "parameter_of_platform")
    theirs = f"{SHOPS}/acme/parameters"
    assert shop.admin.put(f"{theirs}/storage.quota_bytes", {"value": 10**12}).json["value"] == 10**12
    assert boss.get(f"{URL}/storage.quota_bytes").json["chosen"] == 10**12
    assert shop.admin.put(f"{theirs}/{PAY}", {"value": 9}).json["value"] == 9, (
        "the platform changes all of them"
    )
    assert {one["name"] for one in shop.admin.get(f"{theirs}?changed=true").json["data"]} == {
        "storage.quota_bytes",
        PAY,
    }
    assert shop.admin.delete(f"{theirs}/{PAY}").json["chosen"] is None
    assert shop.admin.get(f"{URL}/storage.quota_bytes").json["chosen"] is None, "one shop's is no other's"
    with nothing_changes():
        assert send("PUT", f"{theirs}/{PAY}", {"value": 9}, token=token).status == 403
        assert shop.admin.put(f"{SHOPS}/nobody/parameters/{PAY}", {"value": 9}).status == 404


@pytest.mark.rule("B23")
def test_a_ceiling_lowered_later_lowers_what_was_chosen(shop: Shop) -> None:
    opened(shop)
    boss = boss_of("acme")
    assert put(boss, "orders.most_open_orders", 6).json["value"] == 6
    patch(shop, {"ceilings": {"open_orders": 2}})
    shown = boss.get(f"{URL}/orders.most_open_orders").json
    assert (shown["value"], shown["chosen"], shown["most"]) == (2, 6, 2)


def test_what_a_later_version_does_not_allow_any_more_is_no_choice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from chalicelib.tenants.values import Whole

    put(shop.admin, "storage.max_file_bytes", 30)
    declared = parameters.PARAMETERS["storage.max_file_bytes"]
    narrowed = replace(declared, kind=Whole(1, 10, "bytes"))
    monkeypatch.setitem(parameters.PARAMETERS, declared.name, narrowed)
    assert service.storage(system("default")).max_file_bytes == 2 * 1024**3


def test_who_may_only_read_changes_nothing(shop: Shop) -> None:
    clerk = staff_member(shop, "operations")
    assert clerk.get(URL).status == 200
    token, customer = clerk.token, shop.customer().token
    with nothing_changes():
        assert send("PUT", f"{URL}/{PAY}", {"value": 5}, token=token).status == 403
        assert send("DELETE", f"{URL}/{PAY}", token=token).status == 403
        assert send("GET", URL, token=customer).status == 403
        assert send("GET", URL).status == 401


def test_a_shops_storage_is_set_within_the_platforms_bounds_and_read_in_one_go(shop: Shop) -> None:
    usual = service.storage(system("default"))
    assert (usual.quota_bytes, usual.max_file_bytes, usual.public_base_url) == (
        10 * 1024**3,
        2 * 1024**3,
        "",
    )
    assert "image/png" in usual.allowed_types
    assert not usual.allowed_types & {"text/html", "image/svg+xml", "application/javascript"}
    put(shop.admin, "storage.allowed_types", ["image/png", "image/jpeg"])
    put(shop.admin, "storage.max_file_bytes", 1000)
    url = f"{SHOPS}/default/parameters"
    assert shop.admin.put(f"{url}/storage.quota_bytes", {"value": 5000}).status == 200
    cdn = {"value": "https://files.example.com/souk"}
    assert shop.admin.put(f"{url}/storage.public_base_url", cdn).status == 200
    with store_calls() as calls:
        told = service.storage(system("default"))
        service.storage(system("default"))
    assert len(calls) == 1, "the tenant, once"
    assert told == service.Storage(
        5000, 1000, frozenset({"image/png", "image/jpeg"}), "https://files.example.com/souk"
    )


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example.com",
        "https://a.example.com/",
        "https://" + "u:p@a.example.com",
        "https://" + "10.0.0.1",
        "https://a.example.com/x?y=1",
        "javascript:1",
    ],
)
def test_files_are_loaded_from_a_host_by_name_over_https(shop: Shop, address: str) -> None:
    url = f"{SHOPS}/default/parameters/storage.public_base_url"
    answer = shop.admin.put(url, {"value": address})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "url")


def test_reading_a_parameter_costs_an_order_nothing(shop: Shop) -> None:
    lin, sku = shop.customer(), shop.sku()
    address = shop.address(lin)
    put(shop.admin, PAY, 5)
    send("GET", "/v1/config")
    token = lin.token
    headers = {"idempotency-key": "k1"}
    wish = {"items": [{"sku_id": sku, "quantity": 1}], "address_id": address}
    with store_calls() as calls:
        placed = send("POST", "/v1/orders", wish, token=token, headers=headers)
    assert placed.status == 201, placed.text
    assert calls == ["BatchGetItem", "TransactWriteItems"]


def test_the_stage_is_the_default_where_a_shop_says_nothing(shop: Shop) -> None:
    with configured(SOUK_CONFIRM_DAYS="4"):
        shown = shop.admin.get(f"{URL}/orders.confirm_days").json
    assert (shown["value"], shown["default"], shown["chosen"]) == (4, 4, None)
    assert settings().confirm_days == 10
