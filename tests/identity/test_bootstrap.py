"""The first start: a tenant and a super admin where there are none."""

import pytest

from chalicelib.core.context import system
from chalicelib.core.settings import Misconfigured, settings
from chalicelib.identity import bootstrap
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Tenant
from tests.identity.people import log_in, register
from tests.jobs import every_item, of_kind
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch):
    """Change the environment of a start."""

    def set_up(**env: str | None) -> None:
        for name, value in env.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        settings.cache_clear()

    tenants.forget()
    yield set_up
    monkeypatch.undo()
    settings.cache_clear()


def test_a_first_start_makes_a_shop_and_somebody_who_may_do_everything(table: None, stage) -> None:
    stage(SOUK_ADMIN_LOGIN=None, SOUK_ADMIN_PASSWORD=None)
    bootstrap.ensure_first_admin()
    answer = log_in("admin@souk.test", "souk-local-admin")
    assert answer.status == 200
    assert answer.json["user"]["roles"] == ["platform_owner", "super_admin"]
    assert tenants.of(system("default")).currency == "CNY"


def test_later_starts_change_nothing_and_cost_two_reads(table: None, stage) -> None:
    bootstrap.ensure_first_admin()
    stage(SOUK_ADMIN_LOGIN="other@souk.test", SOUK_ADMIN_PASSWORD="another long password")
    with nothing_changes(), store_calls() as calls:
        bootstrap.ensure_first_admin()
    assert calls == ["GetItem", "GetItem"]


def test_two_starts_at_once_make_one_admin(table: None, stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin finishes between our look and our write."""
    bootstrap.ensure_first_admin()
    before = every_item()
    with monkeypatch.context() as racing:
        racing.setattr(bootstrap, "get", lambda *_: None)
        racing.setattr(tenants, "get", lambda *_: None)
        tenants._known["default"] = (system("default").now, Tenant(tenant="default", name="Souk"))
        bootstrap.ensure_first_admin()
    assert every_item() == before
    assert len(of_kind("user")) == 1


@pytest.mark.parametrize("missing", ["SOUK_ADMIN_LOGIN", "SOUK_ADMIN_PASSWORD"])
def test_a_deployed_stage_has_to_be_told_and_says_what(table: None, stage, missing: str) -> None:
    stage(SOUK_STAGE="prod", **{missing: None})
    with pytest.raises(Misconfigured, match=missing):
        bootstrap.ensure_first_admin()
    assert of_kind("user") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOUK_ADMIN_LOGIN", "not a login"),
        ("SOUK_ADMIN_PASSWORD", "short"),
        ("SOUK_ADMIN_PASSWORD", "password123"),
        ("SOUK_ADMIN_PASSWORD", "admin@souk.test"),
        ("SOUK_ADMIN_PASSWORD", "souk-local-admin"),
    ],
)
def test_what_will_not_do_is_named(table: None, stage, name: str, value: str) -> None:
    stage(SOUK_STAGE="prod", **{name: value})
    with pytest.raises(Misconfigured, match=name):
        bootstrap.ensure_first_admin()
    assert of_kind("user") == []


def test_a_login_that_a_customer_took_first_does_not_make_them_an_admin(table: None, stage) -> None:
    tenants.ensure("default", "Souk")
    customer = register(email="admin@souk.test")
    assert customer.status == 201
    with nothing_changes(), pytest.raises(Misconfigured, match="SOUK_ADMIN_LOGIN"):
        bootstrap.ensure_first_admin()
    assert log_in("admin@souk.test").json["user"]["roles"] == []
