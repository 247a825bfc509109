"""Development, test and production share nothing: not the table, not a key, not a password."""

import pytest

from chalicelib.core.settings import Misconfigured, read, settings
from infra.local import template
from tests.identity.people import me, refresh
from tests.shop import Shop, configured, send

STAGE = {
    "SOUK_STAGE": "prod",
    "SOUK_TABLE": "souk-prod",
    "SOUK_JWT_KEYS": "p1:" + "p" * 40,
    "SOUK_SECRET_KEYS": "p1:" + "A" * 43,
}


@pytest.mark.ledger("S1-013")
def test_each_stack_has_a_table_of_its_own(shop: Shop) -> None:
    """The template names no table: CloudFormation names it after the stack, so two stages cannot share one."""
    assert "TableName" not in template.load()["Resources"][template.TABLE]["Properties"]
    assert read(STAGE).table == "souk-prod"
    assert settings().table != "souk-prod"


@pytest.mark.ledger("S1-013")
@pytest.mark.parametrize("missing", STAGE)
def test_a_stage_has_to_be_told_what_is_its_own(missing: str) -> None:
    with pytest.raises(Misconfigured, match=missing):
        read({name: value for name, value in STAGE.items() if name != missing})


@pytest.mark.parametrize("given", ["0", "-1", "", "many", "1e3", "٣", "99999999999", " 5"])
@pytest.mark.parametrize("name", ["SOUK_PAY_MINUTES", "SOUK_MOST_OPEN_ORDERS", "SOUK_IP_REQUESTS_PER_MINUTE"])
def test_a_number_that_would_stop_the_shop_is_refused_at_its_start(name: str, given: str) -> None:
    """No minute to pay in, no order at all, no request: nobody means that."""
    with pytest.raises(Misconfigured, match=f"{name} must be a whole number from 1 to"):
        read({**STAGE, name: given})


@pytest.mark.parametrize("secret", ["A" * 41, "A" * 42 + "!", "A" * 42 + "\n", "-"])
def test_a_key_that_is_mistyped_is_refused_at_the_start_and_not_told(secret: str) -> None:
    with pytest.raises(Misconfigured, match="SOUK_SECRET_KEYS") as told:
        read({**STAGE, "SOUK_SECRET_KEYS": f"p1:{secret}"})
    assert secret not in str(told.value)


@pytest.mark.ledger("S1-013")
def test_what_belongs_to_developers_machines_is_off_elsewhere() -> None:
    stage = read(STAGE)
    assert (stage.is_local, stage.sandbox, stage.ip_limit_factor) == (False, False, 1)


@pytest.mark.ledger("S1-013")
def test_a_token_of_one_stage_is_worth_nothing_in_another(shop: Shop) -> None:
    lin = shop.customer()
    listed = shop.admin.get("/v1/admin/products?limit=1")
    assert listed.status == 200
    with configured(SOUK_JWT_KEYS="p1:" + "p" * 40):
        answer = me(lin.access_token)
        assert (answer.status, answer.code) == (401, "token_signature")
        assert refresh(lin.refresh_token).status == 401
    assert send("GET", "/v1/me", token=lin.access_token).status == 200
