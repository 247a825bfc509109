"""Configuring, suspending and opening shops again, and what a suspended shop still does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.tenants import editing
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant, tenant_ref
from tests.identity.people import me, refresh, said
from tests.jobs import of_kind, stream, tick
from tests.payments.test_paying import forged, webhook
from tests.platform.shops import (
    URL,
    Acme,
    boss_of,
    config,
    customer_of,
    opened,
    patch,
    reopen,
    slugs,
    suspend,
)
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes


@contextmanager
def another_process() -> Iterator[None]:
    """Inside, the platform's acts happen elsewhere: what this process remembers of shops stays."""
    before = dict(tenants._known)
    yield
    tenants._known.clear()
    tenants._known.update(before)


def test_what_is_given_changes_and_the_rest_stays(shop: Shop) -> None:
    made = opened(shop, branding={"color": "#aa3311", "slogan": "Cups"}, ceilings={"open_orders": 3})
    changed = patch(shop, {"name": "Acme 2", "branding": {"color": "#000000"}})
    assert changed.status == 200
    assert changed.json == made | {
        "name": "Acme 2",
        "branding": {"logo_url": None, "icon_url": None, "color": "#000000", "slogan": None},
    }
    assert config({"x-tenant": "acme"})["branding"]["color"] == "#000000"
    assert patch(shop, {}).json == changed.json


def test_an_edit_of_an_older_version_is_refused(shop: Shop) -> None:
    opened(shop)
    seen = shop.admin.get(f"{URL}/acme").headers["etag"]
    assert patch(shop, {"name": "One"}, headers={"if-match": seen}).status == 200
    with nothing_changes():
        late = patch(shop, {"name": "Two"}, headers={"if-match": seen})
    assert said(late) == (412, "version_conflict")


def test_without_a_version_an_edit_that_is_outrun_is_made_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(shop)
    read, twins = editing.read_to_change, iter([{"locale": "en"}])

    def outrun(slug: str, if_match: int | None) -> Tenant:
        found = read(slug, if_match)
        for twin in twins:
            patch(shop, twin)
        return found

    monkeypatch.setattr(editing, "read_to_change", outrun)
    both = patch(shop, {"name": "Acme 2"}).json
    assert (both["name"], both["locale"]) == ("Acme 2", "en")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"currency": "ABC"}, "currency"),
        ({"hosts": ["x"]}, "hosts.0"),
        ({"ceilings": {"reserved_units": 10**6}}, "ceilings.reserved_units"),
        ({"slug": "other"}, "slug"),
    ],
)
def test_what_will_not_do_changes_nothing(shop: Shop, body: dict[str, Any], field: str) -> None:
    opened(shop)
    with nothing_changes():
        answer = patch(shop, body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


@pytest.mark.ledger("S4-195")
def test_a_suspended_shop_answers_nobody(shop: Shop) -> None:
    opened(shop)
    boss, lin = boss_of("acme"), customer_of("acme")
    suspended = suspend(shop)
    assert (suspended.json["status"], suspended.json["suspended_for"]) == ("suspended", "unpaid bills")
    with nothing_changes():
        assert said(send("GET", "/v1/products", headers={"x-tenant": "acme"})) == (403, "tenant_suspended")
        assert said(me(lin.access_token)) == (403, "tenant_suspended")
        assert said(refresh(lin.refresh_token)) == (403, "tenant_suspended")
        assert said(send("GET", "/v1/admin/settings", token=boss.access_token)) == (403, "tenant_suspended")
        assert said(send("GET", "/v1/products", token=lin.access_token)) == (403, "tenant_suspended")
    assert shop.admin.get("/v1/admin/settings").status == 200
    assert slugs(shop.admin.get(f"{URL}?status=suspended")) == ["acme"]


@pytest.mark.ledger("S4-195")
def test_suspension_takes_effect_everywhere_within_a_minute(shop: Shop) -> None:
    opened(shop)
    lin = customer_of("acme")
    with another_process():
        suspend(shop)
    shop.clock.advance(seconds=59)
    assert me(lin.access_token).status == 200
    shop.clock.advance(seconds=1)
    assert said(me(lin.access_token)) == (403, "tenant_suspended")
    assert said(refresh(lin.refresh_token)) == (403, "tenant_suspended")
    assert said(send("GET", "/v1/config", headers={"x-tenant": "acme"})) == (403, "tenant_suspended")
    with another_process():
        reopen(shop)
    shop.clock.advance(seconds=60)
    assert me(lin.access_token).status == 200


def test_suspending_twice_keeps_the_first_reason_and_opening_twice_changes_nothing(shop: Shop) -> None:
    opened(shop)
    first = suspend(shop).json
    with nothing_changes():
        assert send("POST", f"{URL}/acme/suspend", {"reason": "other"}, token=shop.admin.token).json == first
    assert reopen(shop).json["suspended_for"] is None
    with nothing_changes():
        again = send("POST", f"{URL}/acme/reopen", {"reason": "x"}, token=shop.admin.token)
    assert (again.status, again.json["status"]) == (200, "active")


def test_a_suspension_needs_a_reason(shop: Shop) -> None:
    opened(shop)
    with nothing_changes():
        assert send("POST", f"{URL}/acme/suspend", {}, token=shop.admin.token).status == 422
        assert send("POST", f"{URL}/acme/suspend", {"reason": " "}, token=shop.admin.token).status == 422


def test_the_platforms_own_shop_stays_open(shop: Shop) -> None:
    token = shop.admin.token
    with nothing_changes():
        answer = send("POST", f"{URL}/default/suspend", {"reason": "x"}, token=token)
    assert said(answer) == (409, "home_stays_open")
    assert send("GET", "/v1/config").status == 200


def test_a_key_used_twice_suspends_once(shop: Shop) -> None:
    opened(shop)
    one = shop.admin.post(f"{URL}/acme/suspend", {"reason": "x"}, key="once")
    reopen(shop)
    again = shop.admin.post(f"{URL}/acme/suspend", {"reason": "x"}, key="once")
    assert (again.text, again.headers.get("idempotent-replayed")) == (one.text, "true")
    assert shop.admin.get(f"{URL}/acme").json["status"] == "active"


@pytest.mark.rule("B5", "B6")
@pytest.mark.ledger("S4-195")
def test_money_on_its_way_to_a_suspended_shop_arrives(shop: Shop) -> None:
    acme = Acme(shop)
    suspend(shop)
    assert webhook(forged(acme.payment, tenant="acme")).status == 200
    assert (acme.status(), acme.stock()) == ("paid", (3, 2))
    stream()
    assert len(of_kind("notification")) == 1
    assert of_kind("event") == []


@pytest.mark.rule("B5")
def test_late_money_of_a_suspended_shop_revives_the_order(shop: Shop) -> None:
    acme = Acme(shop)
    suspend(shop)
    shop.clock.advance(minutes=31)
    tick()
    assert (acme.status(), acme.stock()) == ("cancelled", (5, 0))
    assert webhook(forged(acme.payment, tenant="acme")).status == 200
    assert (acme.status(), acme.stock()) == ("paid", (3, 2))


def test_the_jobs_of_a_suspended_shop_go_on(shop: Shop) -> None:
    acme = Acme(shop)
    suspend(shop)
    tenants.forget()
    shop.clock.advance(minutes=31)
    tick()
    assert (acme.status(), acme.stock()) == ("cancelled", (5, 0))
    reopen(shop)
    assert acme.lin.get(f"/v1/orders/{acme.order}").json["status"] == "cancelled"


@pytest.mark.rule("B17")
@pytest.mark.ledger("S2-030")
def test_one_shops_people_and_ids_are_nobody_in_another(shop: Shop) -> None:
    acme = Acme(shop)
    here: Person = shop.customer()
    with nothing_changes():
        for token in (here.token, shop.admin.token):
            for url in (f"/v1/orders/{acme.order}", f"/v1/payments/{acme.payment}"):
                assert send("GET", url, token=token).status == 404
        assert send("GET", f"/v1/admin/orders/{acme.order}", token=shop.admin.token).status == 404
        # a token's shop rules, whatever the headers say
        lied = {"x-tenant": "acme", "host": "acme.example.com"}
        assert shop.admin.get("/v1/admin/settings", headers=lied).json["name"] == "Souk"
        assert acme.boss.get("/v1/admin/settings", headers={"x-tenant": "default"}).json["name"] == "Acme"


def test_a_tenant_reads_what_older_code_wrote(shop: Shop) -> None:
    """An item without the newer fields: it has their defaults."""
    from chalicelib.store import client, get
    from chalicelib.store.client import table_name

    wire = Tenant(tenant="old", name="Old").wire()
    for name in ("branding", "terms", "ceilings", "hosts", "currency_fixed"):
        del wire[name]
    client.client().put_item(TableName=table_name(), Item=wire)
    old = get(Tenant, tenant_ref("old"))
    assert old is not None
    assert (old.hosts, old.currency_fixed, old.branding.color) == ([], False, None)
    assert config({"x-tenant": "old"})["pay_minutes"] == 30
    assert patch(shop, {"name": "Older"}, "old").json["name"] == "Older"
    assert "old" in slugs(shop.admin.get(URL))
