"""Which shop a request is for."""

from datetime import timedelta

import pytest

from chalicelib.core.context import Context
from chalicelib.store import get, transaction, update
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant, is_slug, tenant_ref
from tests.identity.people import PASSWORD, log_in, log_out, me, refresh, said
from tests.shop import Answer, Shop, send
from tests.unchanged import nothing_changes, store_calls


def register_at(slug: str) -> Answer:
    body = {"username": "lin", "password": PASSWORD}
    return send("POST", "/v1/auth/register", body, headers={"x-tenant": slug})


def suspend(slug: str) -> None:
    update(Tenant, tenant_ref(slug), set={"status": "suspended"})


@pytest.mark.parametrize(
    "slug",
    [
        "nowhere",
        "def#ault",
        "#",
        "default#USER",
        "DEFAULT",
        "../..",
        "a" * 41,
        "-a",
        "a b",
        "é",
        "\u0000",
        "店",
    ],
)
def test_a_shop_that_is_not_there_is_a_404_and_nothing_is_written(shop: Shop, slug: str) -> None:
    with nothing_changes():
        assert said(register_at(slug)) == (404, "tenant_unknown")


@pytest.mark.parametrize("slug", ["", "A", "a_b", "a-", "-", "a" * 41, "a\n", "a#b", "a.b"])
def test_such_a_slug_cannot_be(slug: str) -> None:
    assert not is_slug(slug)


def test_a_slug_nobody_can_have_costs_no_store_call(shop: Shop) -> None:
    with store_calls() as calls:
        register_at("a#b")
    assert calls == []


def test_a_suspended_shop_refuses_visitors_tokens_and_sign_ins(shop: Shop) -> None:
    lin = shop.customer()
    suspend("default")
    tenants.forget()
    assert said(me(lin.access_token)) == (403, "tenant_suspended")
    with nothing_changes():
        assert said(log_in(lin.user["email"])) == (403, "tenant_suspended")
        assert said(refresh(lin.refresh_token)) == (403, "tenant_suspended")


def test_a_refresh_token_names_its_own_shop(shop: Shop) -> None:
    tenants.ensure("other", "Other")
    there = register_at("other").json
    suspend("default")
    tenants.forget()
    renewed = refresh(there["refresh_token"])
    assert renewed.status == 200
    assert me(renewed.json["access_token"]).json["id"] == there["user"]["id"]
    assert log_out(renewed.json["refresh_token"]).status == 204
    assert said(me(renewed.json["access_token"])) == (401, "session_revoked")


def test_one_can_sign_out_of_a_suspended_shop(shop: Shop) -> None:
    lin = shop.customer()
    suspend("default")
    tenants.forget()
    assert log_out(lin.refresh_token).status == 204


def test_a_warm_process_asks_once_a_minute(shop: Shop) -> None:
    tenants.find("default")
    with store_calls() as calls:
        tenants.find("default")
        shop.clock.advance(seconds=59)
        assert tenants.of(Context(tenant="default")).slug == "default"
    assert calls == []
    suspend("default")
    shop.clock.advance(seconds=1)
    with pytest.raises(tenants.TenantSuspended):
        tenants.find("default")


def test_work_inside_a_suspended_shop_still_knows_its_settings(shop: Shop) -> None:
    suspend("default")
    tenants.forget()
    assert tenants.of(Context(tenant="default")).currency == "CNY"


def test_ensuring_a_shop_twice_keeps_the_first(shop: Shop) -> None:
    made = tenants.ensure("other", "Other")
    again = tenants.ensure("other", "Another name")
    assert (made.name, again.name) == ("Other", "Other")
    assert made.ref.pk == "other#TENANT"


def test_a_twin_that_creates_the_shop_first_is_no_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    tenants.ensure("other", "Other")
    tenants.forget()
    looks = iter([None])
    with monkeypatch.context() as racing:
        racing.setattr(tenants, "get", lambda of, ref: next(looks, get(of, ref)))
        assert tenants.ensure("other", "Twin").name == "Other"


def test_a_shops_settings_are_kept_as_they_are_set(shop: Shop) -> None:
    item = Tenant(
        tenant="cups",
        name="杯子",
        currency="USD",
        locale="en",
        time_zone="UTC",
        shipping_fee=900,
        free_shipping_from=9900,
    )
    with transaction(Context(tenant="cups")) as tx:
        tx.put("tenant", item)
    kept = tenants.of(Context(tenant="cups"))
    assert (kept.name, kept.currency, kept.shipping_fee, kept.free_shipping_from) == (
        "杯子",
        "USD",
        900,
        9900,
    )
    assert timedelta(seconds=60) == tenants.REMEMBERED_FOR
