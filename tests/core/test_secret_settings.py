"""Secrets by reference: read when first needed and every five minutes, and never lost to an outage."""

import io
import json

import pytest

from chalicelib.core import clock as clocks
from chalicelib.core import log, secret_settings
from chalicelib.core.secret_settings import Misconfigured, SecretSetting, secret
from chalicelib.core.settings import read


class Vault:
    """Where secrets are kept: what it holds, how often it was asked, and whether it is away."""

    def __init__(self) -> None:
        self.holds = "first"
        self.asked: list[str] = []
        self.is_away = False

    def __call__(self, name: str) -> str:
        self.asked.append(name)
        if self.is_away:
            raise TimeoutError("no answer from vault.internal, last value hunter2")
        return self.holds


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    kept = Vault()
    monkeypatch.setitem(secret_settings._readers, "ssm", kept)
    return kept


@pytest.fixture
def setting(vault: Vault, clock: clocks.SetClock) -> SecretSetting[str]:
    return secret({"X": "ssm:/souk/prod/x"}, "X")


def test_what_stands_in_the_environment_is_the_secret_itself(vault: Vault) -> None:
    assert secret({"X": "plain:value"}, "X").value() == "plain:value"
    assert secret({}, "X").value() == ""
    assert vault.asked == []


def test_a_reference_is_read_at_first_use_and_every_five_minutes(
    vault: Vault, setting: SecretSetting[str], clock: clocks.SetClock
) -> None:
    assert vault.asked == []
    assert [setting.value() for _ in range(3)] == ["first"] * 3
    vault.holds = "second"
    clock.advance(minutes=4, seconds=59)
    assert setting.value() == "first"
    clock.advance(seconds=1)
    assert setting.value() == "second"
    assert vault.asked == ["/souk/prod/x"] * 2


def test_while_it_cannot_be_read_the_last_value_stays_and_operators_are_told(
    vault: Vault, setting: SecretSetting[str], clock: clocks.SetClock
) -> None:
    lines = io.StringIO()
    log.set_up("WARNING", lines)
    setting.value()
    vault.is_away = True
    clock.advance(minutes=5)
    assert [setting.value() for _ in range(3)] == ["first"] * 3
    assert len(vault.asked) == 2, "an outage is not made worse by asking at each request"
    told = json.loads(lines.getvalue())
    assert (told["event"], told["setting"], told["reason"]) == ("secret_unreadable", "X", "TimeoutError")
    assert "hunter2" not in lines.getvalue()
    vault.is_away, vault.holds = False, "second"
    clock.advance(seconds=30)
    assert setting.value() == "second"
    log.set_up("ERROR")


def test_a_value_that_cannot_be_parsed_does_not_replace_a_good_one(
    vault: Vault, clock: clocks.SetClock
) -> None:
    number = SecretSetting("X", "ssm:x", int)
    vault.holds = "1"
    assert number.value() == 1
    vault.holds = "not a number"
    clock.advance(minutes=5)
    assert number.value() == 1


def test_a_process_without_any_value_says_so_and_asks_again(
    vault: Vault, setting: SecretSetting[str]
) -> None:
    vault.is_away = True
    with pytest.raises(TimeoutError):
        setting.value()
    vault.is_away = False
    assert setting.value() == "first"


def test_a_reference_that_nothing_reads_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(secret_settings._readers, "secret")
    with pytest.raises(Misconfigured, match="X: nothing here reads secret:"):
        secret({"X": "secret:souk/x"}, "X").value()


def test_settings_are_read_without_asking_for_secrets(vault: Vault) -> None:
    env = {"SOUK_STAGE": "prod", "SOUK_TABLE": "t", "SOUK_JWT_KEYS": "ssm:/a", "SOUK_SECRET_KEYS": "ssm:/b"}
    stage = read(env)
    assert vault.asked == []
    vault.holds = "new:" + "n" * 40 + ",old:" + "o" * 40
    assert [kid for kid, _ in stage.jwt_keys] == ["new", "old"]


def test_what_fits_nothing_is_looked_for_in_the_secret_as_it_is_now(
    vault: Vault, setting: SecretSetting[str], clock: clocks.SetClock
) -> None:
    def second(said: str) -> str | None:
        return said if said == "second" else None

    assert setting.find(lambda said: said) == "first"
    clock.advance(seconds=29)
    vault.holds = "second"
    assert setting.find(second) is None, "who sends nonsense makes us ask twice a minute at most"
    clock.advance(seconds=1)
    assert setting.find(second) == "second"
    assert [setting.find(lambda said: None) for _ in range(9)] == [None] * 9
    assert len(vault.asked) == 2
    vault.is_away = True
    clock.advance(seconds=30)
    assert setting.find(lambda said: None) is None
    assert setting.value() == "second"


def test_a_secret_of_the_environment_is_not_looked_for_elsewhere(vault: Vault) -> None:
    assert secret({"X": "plain"}, "X").find(lambda said: None) is None
    assert vault.asked == []
