"""The error budget: counted as its page says, and what follows from the count."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.tools.error_budget import BURN_ALARMS, OBJECTIVE, WINDOW, Budget, counted, main
from tests.lines import logged
from tests.shop import Shop, send

PAGE = Path(__file__).parents[2] / "docs" / "error-budget.md"


def test_one_failure_in_a_thousand_is_exactly_the_budget() -> None:
    month = Budget(1_000_000, 1000, 30)
    assert month.allowed == pytest.approx(1000)
    assert month.spent == month.burn == 1
    assert Budget(1_000_000, 999, 30).spent < 1


def test_a_month_of_a_bad_day_is_told_on_that_day() -> None:
    """A tenth of all answers failed in the first hour: four days' share, burning a hundred times too fast."""
    hour = Budget(10_000, 1000, 1 / 24)
    assert hour.burn == pytest.approx(100)
    assert hour.spent == pytest.approx(100 / (30 * 24))
    assert hour.verdict.startswith("spent too fast")


@pytest.mark.parametrize(
    ("failed", "begins"),
    [
        (0, "enough"),
        (300, "enough"),
        (500, "spent too fast"),
        (800, "nearly"),
        (1000, "spent:"),
        (9000, "spent:"),
    ],
)
def test_the_verdict_follows_the_share_that_is_spent(failed: int, begins: str) -> None:
    assert Budget(400_000, failed, 12).verdict.startswith(begins)


@given(answered=st.integers(1, 10**9), failed=st.integers(0, 10**9), days=st.floats(0.01, 30))
def test_spent_and_burn_agree_with_the_availability(answered: int, failed: int, days: float) -> None:
    failed = min(failed, answered)
    budget = Budget(answered, failed, days)
    assert budget.burn == pytest.approx((1 - budget.availability) / (1 - OBJECTIVE), rel=1e-6, abs=1e-9)
    assert budget.spent == pytest.approx(budget.burn * days / WINDOW.days, rel=1e-6, abs=1e-9)


def test_answers_are_counted_from_the_lines_that_requests_write(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with logged() as lines:
        for _ in range(3):
            send("GET", "/v1/health")
        send("GET", "/v1/me")
        monkeypatch.setattr("chalicelib.inventory.service.get", broken)
        send("GET", "/v1/skus/sku_01KJ0000000000000000000001/stock")
    written = [json.dumps(line) for line in lines.read()]
    assert counted([*written, "not json", "[]", ""])[:2] == (5, 1)


def test_the_command_says_what_is_left_and_fails_when_nothing_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--answered", "2400000", "--failed", "1100", "--days", "12"]) == 0
    assert "availability  99.9542 %" in capsys.readouterr().out
    assert main(["--answered", "1000", "--failed", "1"]) == 1
    line = {"_aws": {}, "requests": 1, "request_duration_ms": 501, "status": "2xx"}
    log = tmp_path / "souk.log"
    log.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert main(["--log", str(log)]) == 0
    assert "slow          100.00 %" in capsys.readouterr().out


@pytest.mark.parametrize("nothing", [["--answered", "0", "--failed", "0"], ["--log", "nowhere/souk.log"]])
def test_where_nothing_was_counted_nothing_is_claimed(nothing: list[str]) -> None:
    assert main(nothing) == 2


@pytest.mark.parametrize(
    "arguments",
    [[], ["--answered", "5"], ["--answered", "1", "--failed", "2"], ["--answered", "-1", "--failed", "0"]],
)
def test_what_cannot_be_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)


def test_the_page_says_the_numbers_of_the_command() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"{100 * OBJECTIVE:g} %" in page
    for alarm in BURN_ALARMS:
        hours = f"{alarm.hours} h" if alarm.hours > 1 else "1 h"
        assert f"| {alarm.times:g} | {alarm.failing:g} % | {hours} | {alarm.minutes} min |" in page
        assert alarm.times * alarm.hours / (WINDOW.days * 24) == pytest.approx(alarm.spends, abs=0.001)
