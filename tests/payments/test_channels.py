"""Payment channels: which providers a shop offers, where and for how much; its secrets by their place alone."""

from typing import Any

import pytest

from chalicelib.core import remembering
from chalicelib.payments import channels
from tests.audit.test_acts import detail, log
from tests.identity.people import said
from tests.jobs import every_item
from tests.kyc.papers import staff_member
from tests.payments.test_paying import attempt
from tests.platform.shops import boss_of, opened
from tests.security.belongings import CNY
from tests.shop import Answer, Person, Shop, configured, send
from tests.unchanged import nothing_changes, store_calls

URL = "/v1/admin/settings/payment-channels"
OURS = "souk/test/shops/default"
STRIPE: dict[str, Any] = {
    "ids": {"publishable_key": "pk_test_1"},
    "secrets": {"api_key": f"ssm:/{OURS}/stripe-key", "webhook_secret": f"secret:{OURS}/stripe-hook"},
}


def put(person: Person, provider: str, body: dict[str, Any], **headers: str) -> Answer:
    return person.put(f"{URL}/{provider}", body, headers=headers)


def methods(query: str = "", **headers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = send("GET", f"/v1/payment-methods{query}", headers=headers).json["data"]
    return found


def start(person: Person, order: dict[str, Any], **body: Any) -> Answer:
    return person.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox", **body})


def test_where_a_shop_says_nothing_its_customers_choose_what_the_stage_has(shop: Shop) -> None:
    assert methods() == [
        {
            "provider": "sandbox",
            "title": "Sandbox",
            "clients": ["mini_program", "web"],
            "min_amount": None,
            "max_amount": None,
        }
    ]
    with configured(SOUK_SANDBOX="off"):
        assert methods() == []
    listed = {one["provider"]: one for one in shop.admin.get(URL).json["data"]}
    assert list(listed) == ["sandbox", "stripe", "wechat_pay", "alipay", "wallet"]
    assert (listed["sandbox"]["offered"], listed["stripe"]["available"], listed["stripe"]["offered"]) == (
        True,
        False,
        False,
    )
    assert listed["stripe"]["is_default"] is True


@pytest.mark.ledger("S4-189")
def test_a_provider_that_is_switched_off_is_neither_offered_nor_started(shop: Shop) -> None:
    lin, sku = shop.customer(), shop.sku(price=1000)
    order = shop.order(lin, sku)
    assert put(shop.admin, "sandbox", {"enabled": False}).json["offered"] is False
    assert methods() == []
    token = lin.token
    with nothing_changes():
        answer = send(
            "POST",
            f"/v1/orders/{order['id']}/payments",
            {"provider": "sandbox"},
            token=token,
            headers={"idempotency-key": "k1"},
        )
        assert said(answer) == (409, "provider_not_available")
    assert put(shop.admin, "sandbox", {"enabled": True}).json["offered"] is True
    assert start(lin, order).status == 201


def test_what_was_begun_before_is_settled_all_the_same(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    payment = attempt(lin, order["id"])
    put(shop.admin, "sandbox", {"enabled": False})
    assert send("POST", f"/v1/sandbox/payments/{payment}/pay", {}).status == 200
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"


@pytest.mark.ledger("S4-189")
def test_an_amount_outside_the_bounds_is_refused_with_the_bounds(shop: Shop) -> None:
    bounds = {
        "min_amount": {"amount": 500, "currency": "CNY"},
        "max_amount": {"amount": 2000, "currency": "CNY"},
    }
    put(shop.admin, "sandbox", bounds)
    lin = shop.customer()
    for price, status in ((499, 409), (500, 201), (2000, 201), (2001, 409)):
        answer = start(lin, shop.order(lin, shop.sku(price=price)))
        assert answer.status == status
        if status == 409:
            assert answer.code == "amount_not_taken"
            assert (answer.json["least"], answer.json["most"]) == (bounds["min_amount"], bounds["max_amount"])
        assert bool(methods(f"?amount={price}")) == (status == 201)


@pytest.mark.ledger("S4-189")
def test_a_provider_is_offered_where_the_shop_wants_it(shop: Shop) -> None:
    put(shop.admin, "sandbox", {"clients": ["mini_program"]})
    assert (methods("?client=web"), len(methods("?client=mini_program"))) == ([], 1)
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    assert said(start(lin, order, method="page")) == (409, "provider_not_for_client")
    assert start(lin, order, method="jsapi").status == 201


def test_the_shop_names_and_orders_its_providers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "is_on", lambda name: True)
    put(
        shop.admin,
        "wallet",
        {"position": 0, "title": {"en": "Your {0} {x.__class__} money", "zh": "余额 {a}"}},
    )
    put(shop.admin, "sandbox", {"position": 7})
    shown = methods()
    assert [one["provider"] for one in shown] == ["wallet", "stripe", "wechat_pay", "alipay", "sandbox"]
    assert shown[0]["title"] == "Your {0} {x.__class__} money", "a shop's words are words and no template"
    assert methods(**{"accept-language": "zh-CN"})[0]["title"] == "余额 {a}"


@pytest.mark.ledger("S4-189")
def test_a_secret_is_named_by_its_place_and_never_taken(shop: Shop) -> None:
    assert put(shop.admin, "stripe", STRIPE).status == 200
    shown = shop.admin.get(f"{URL}/stripe").json
    assert (shown["ids"], shown["secrets"]) == (STRIPE["ids"], STRIPE["secrets"])
    plain = "sk_live_" + "x" * 24
    token = shop.admin.token
    with nothing_changes():
        answer = send("PUT", f"{URL}/stripe", {**STRIPE, "secrets": {"api_key": plain}}, token=token)
    assert answer.status == 422
    assert answer.json["errors"][0] | {"message": ""} == {
        "field": "secrets.api_key",
        "code": "not_a_reference",
        "message": "",
    }
    assert plain not in answer.text
    assert plain not in str(every_item())


@pytest.mark.parametrize(
    "reference",
    [
        "ssm:/souk/test/jwt-keys",
        "ssm:/souk/test/shops/acme/stripe-key",
        "ssm:/souk/prod/shops/default/stripe-key",
        "ssm:/souk/test/shops/default/../acme/stripe-key",
        "ssm:/souk/test/shops/default/",
        "secret:souk/test/shops/default/a/b",
        "file:/etc/passwd",
        "",
    ],
)
def test_a_shop_cannot_name_a_place_of_anothers_or_of_the_stage(shop: Shop, reference: str) -> None:
    token = shop.admin.token
    wish = {**STRIPE, "secrets": {**STRIPE["secrets"], "api_key": reference}}
    with nothing_changes():
        assert send("PUT", f"{URL}/stripe", wish, token=token).status == 422


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "half an account": ("stripe", {"ids": STRIPE["ids"]}, "secrets.api_key"),
    "an id of another provider": ("stripe", {**STRIPE, "ids": {**STRIPE["ids"], "mch_id": "1"}}, "ids.mch_id"),
    "a secret of another provider": ("sandbox", {"secrets": STRIPE["secrets"]}, "secrets.api_key"),
    "an id of no form": ("stripe", {**STRIPE, "ids": {"publishable_key": "sk_live_1"}}, "ids.publishable_key"),
    "a client it has not": ("stripe", {"clients": ["mini_program"]}, "clients"),
    "another currency": ("sandbox", {"min_amount": {"amount": 1, "currency": "USD"}}, "min_amount.currency"),
    "bounds the wrong way": (
        "sandbox",
        {"min_amount": {**CNY, "amount": 5}, "max_amount": {**CNY, "amount": 4}},
        "max_amount.amount",
    ),
    "no client": ("sandbox", {"clients": []}, "clients"),
    "a title in one language": ("sandbox", {"title": {"en": "x"}}, "title.zh"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_will_not_do_is_named_and_changes_nothing(shop: Shop, case: str) -> None:
    provider, wish, field = BAD[case]
    token = shop.admin.token
    with nothing_changes():
        answer = send("PUT", f"{URL}/{provider}", wish, token=token)
    assert answer.status == 422
    assert field in [one["field"] for one in answer.json["errors"]]


@pytest.mark.ledger("S4-189")
def test_setting_a_channel_asks_for_the_password_again_and_is_on_record(shop: Shop) -> None:
    admin = shop.admin
    shop.clock.advance(minutes=14)
    assert said(put(admin, "sandbox", {"enabled": False})) == (403, "confirmation_required")
    assert said(admin.delete(f"{URL}/sandbox")) == (403, "confirmation_required")
    send("POST", "/v1/auth/password/confirm", {"password": "souk-local-admin"}, token=admin.token)
    assert put(admin, "sandbox", {"position": 3, "reason": "a trial"}).status == 200
    entry = log(shop, "?act=payment_channels_write_payment_channel")[0]
    (change,) = detail(shop, entry["id"])["changes"]
    assert (entry["reason"], change["after"]["position"]) == ("a trial", 3)


def test_an_edit_of_an_older_version_is_refused(shop: Shop) -> None:
    unset = shop.admin.get(f"{URL}/sandbox").headers["etag"]
    assert unset == '"0"'
    seen = put(shop.admin, "sandbox", {"position": 1}, **{"if-match": unset}).headers["etag"]
    assert seen == '"1"'
    assert said(put(shop.admin, "sandbox", {"position": 2}, **{"if-match": unset})) == (
        412,
        "version_conflict",
    )
    assert put(shop.admin, "sandbox", {"position": 2}, **{"if-match": seen}).status == 200
    late = shop.admin.delete(f"{URL}/sandbox", headers={"if-match": seen})
    assert said(late) == (412, "version_conflict")
    assert shop.admin.delete(f"{URL}/sandbox").status == 204
    assert shop.admin.delete(f"{URL}/sandbox").status == 204
    assert shop.admin.get(f"{URL}/sandbox").json["is_default"] is True
    assert said(put(shop.admin, "pigeon", {})) == (404, "not_found")


def test_a_change_is_in_effect_in_every_process_within_a_minute(shop: Shop) -> None:
    methods()
    elsewhere = dict(channels._known._known)
    put(shop.admin, "sandbox", {"enabled": False})
    assert methods() == []
    channels._known._known.update(elsewhere)
    shop.clock.advance(seconds=remembering.FOR.total_seconds() - 1)
    assert len(methods()) == 1
    shop.clock.advance(seconds=1)
    assert methods() == []


def test_the_channels_of_a_shop_cost_a_payment_one_call_a_minute(shop: Shop) -> None:
    lin = shop.customer()
    orders = [shop.order(lin, shop.sku())["id"] for _ in range(2)]
    counts = []
    for order in orders:
        with store_calls() as calls:
            attempt(lin, order)
        counts.append(len(calls))
    assert counts[0] == counts[1] + 1


@pytest.mark.rule("B17")
def test_the_channels_of_one_shop_are_no_others(shop: Shop) -> None:
    opened(shop)
    boss = boss_of("acme")
    assert put(boss, "sandbox", {"enabled": False}).status == 200
    assert len(methods()) == 1
    assert methods(**{"x-tenant": "acme"}) == []


def test_who_may_set_the_shop_may_not_therefore_set_where_its_money_goes(shop: Shop) -> None:
    clerk = staff_member(shop, "operations")
    assert clerk.get(URL).status == 200
    token = clerk.token
    with nothing_changes():
        assert send("PUT", f"{URL}/sandbox", {}, token=token).status == 403
        assert send("DELETE", f"{URL}/sandbox", token=token).status == 403
