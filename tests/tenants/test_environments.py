"""The page of stages says what the code reads, and what it says keeps stages apart does."""

import re
from typing import Any

import pytest

from chalicelib.core.settings import STAGES, Misconfigured, read, settings
from infra.tools.code import ROOT
from tests.identity.people import said
from tests.shop import Shop, configured, send

PAGE = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| `[A-Z_]+` \|", line)
]
COLUMNS = ("local", *STAGES)
TABLE: dict[str, dict[str, str]] = {
    row[0].strip("`"): dict(zip(COLUMNS, row[2:], strict=True)) for row in ROWS
}
SECRETS = [row[0].strip("`") for row in ROWS if row[1] == "secret"]
OF_THE_FIRST_START = {"SOUK_ADMIN_LOGIN", "SOUK_ADMIN_PASSWORD"}
LAMBDAS_OWN = {"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_RUNTIME_API"}
GIVEN = {
    "SOUK_TABLE": "a-table",
    "SOUK_JWT_KEYS": "ssm:/souk/{stage}/jwt-keys",
    "SOUK_SECRET_KEYS": "secret:souk/{stage}/secret-keys",
}


class Asked(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__(given)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def told(stage: str) -> dict[str, str]:
    """What the page says that this stage must be told."""
    given = {name: value.format(stage=stage) for name, value in GIVEN.items()}
    return {"SOUK_STAGE": stage} | {name: given[name] for name in GIVEN if TABLE[name][stage] == "must"}


@pytest.mark.ledger("S0-030", "S1-013")
def test_every_variable_that_is_read_stands_on_the_page_and_no_other() -> None:
    env = Asked(told("prod"))
    read(env)
    assert env.names - LAMBDAS_OWN == set(TABLE) - OF_THE_FIRST_START
    assert all(cell for row in TABLE.values() for cell in row.values())


@pytest.mark.ledger("S0-030", "S1-013")
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_starts_with_what_the_page_says_and_with_nothing_less(stage: str) -> None:
    assert read(told(stage)).stage == stage
    for name in told(stage):
        with pytest.raises(Misconfigured, match=name):
            read({one: value for one, value in told(stage).items() if one != name})


@pytest.mark.parametrize("stage", STAGES)
def test_the_defaults_on_the_page_are_those_of_the_code(stage: str) -> None:
    stands = read(told(stage))
    numbers = {
        "SOUK_PAY_MINUTES": stands.pay_minutes,
        "SOUK_CONFIRM_DAYS": stands.confirm_days,
        "SOUK_SHIP_ALARM_HOURS": stands.ship_alarm_hours,
        "SOUK_MOST_OPEN_ORDERS": stands.most_open_orders,
        "SOUK_MOST_RESERVED_UNITS": stands.most_reserved_units,
        "SOUK_IP_REQUESTS_PER_MINUTE": stands.ip_requests_per_minute,
        "SOUK_USER_REQUESTS_PER_MINUTE": stands.user_requests_per_minute,
        "SOUK_IP_LIMIT_FACTOR": stands.ip_limit_factor,
        "SOUK_PASSWORD_MEMORY_KIB": stands.password_memory_kib,
    }
    assert {name: TABLE[name][stage] for name in numbers} == {name: str(one) for name, one in numbers.items()}
    assert TABLE["SOUK_PHONE_COUNTRY"][stage] == f"`{stands.phone_country}`"


@pytest.mark.ledger("S0-030")
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", sorted(set(SECRETS) - OF_THE_FIRST_START))
def test_a_stage_reads_no_other_stages_secret(stage: str, name: str) -> None:
    for other in STAGES:
        for place in (f"ssm:/souk/{other}/x", f"secret:souk/{other}/x"):
            env = {**told(stage), name: place}
            if other == stage:
                assert read(env).stage == stage
            else:
                with pytest.raises(Misconfigured, match=f"{name}.*{other}.*{stage}"):
                    read(env)


def test_a_stage_of_another_name_reads_where_it_is_told() -> None:
    env = {**told("prod"), "SOUK_STAGE": "rehearsal", "SOUK_JWT_KEYS": "ssm:/souk/test/x"}
    assert read(env).stage == "rehearsal"


@pytest.mark.ledger("S1-013")
@pytest.mark.parametrize("lambdas", sorted(LAMBDAS_OWN))
@pytest.mark.parametrize("stage", ["test", "local"])
def test_what_is_for_developers_is_not_there_where_lambda_runs(stage: str, lambdas: str) -> None:
    at_home = {**told("test"), "SOUK_STAGE": stage, "SOUK_SANDBOX": "on"}
    assert (read(at_home).is_local, read(at_home).shows_messages) == (True, True)
    deployed = read({**at_home, lambdas: "souk"})
    assert (deployed.is_local, deployed.shows_messages) == (False, False)
    assert (deployed.sms_channel, deployed.mail_channel) == ("", "")


@pytest.mark.ledger("S1-013")
def test_nobody_reads_codes_from_a_stage_that_is_deployed_as_test(shop: Shop) -> None:
    assert settings().stage == "test"
    assert send("GET", "/v1/sandbox/outbox").status == 200
    with configured(AWS_LAMBDA_FUNCTION_NAME="souk-api"):
        assert said(send("GET", "/v1/sandbox/outbox")) == (404, "not_found")
