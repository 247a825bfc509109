"""`make budget`: how much of the month's error budget is spent, from counts of answers.

    make budget ARGS="--answered 2400000 --failed 1100 --days 12"
    make budget ARGS="--log .souk-data/souk.log"

docs/error-budget.md says what counts as failed, where the counts come from, and what follows when the budget is spent.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

FAILED_PER_THOUSAND = 1
"""What the objective leaves. Whole, so that a budget spent to the last answer is seen to be spent."""
OBJECTIVE = 1 - FAILED_PER_THOUSAND / 1000
"""Of all answers in a window, the share that is no failure of ours (S4-003)."""
WINDOW = timedelta(days=30)
SLOW_MS = 500
"""99 of 100 answers take no longer (S4-002)."""


@dataclass(frozen=True, slots=True)
class BurnAlarm:
    """Spending so many times too fast for so long: `hours` is the long window, `minutes` the short one beside it, which
    ends the alarm soon after the trouble has ended."""

    times: float
    hours: int
    minutes: int
    spends: float
    """The share of the month's budget that is gone when it rings."""

    @property
    def failing(self) -> float:
        """The share of failed answers, in percent, above which it rings in both windows."""
        return round(self.times * FAILED_PER_THOUSAND / 10, 4)


BURN_ALARMS = (BurnAlarm(14.4, 1, 5, 0.02), BurnAlarm(6, 6, 30, 0.05), BurnAlarm(1, 72, 360, 0.1))


@dataclass(frozen=True, slots=True)
class Budget:
    """A window so far: counts of answers, and the days that have passed."""

    answered: int
    failed: int
    days: float

    @property
    def availability(self) -> float:
        return 1 - self.failed / self.answered if self.answered else 1.0

    @property
    def allowed(self) -> float:
        """Failures that the whole window may have, at the rate of answers so far."""
        return self.answered * WINDOW.days / self.days * FAILED_PER_THOUSAND / 1000

    @property
    def spent(self) -> float:
        """The share of the window's budget; above 1 it is overdrawn."""
        return self.failed / self.allowed if self.allowed else 0.0

    @property
    def burn(self) -> float:
        """How many times faster than even: at 1 the budget ends with the window."""
        return self.spent * WINDOW.days / self.days

    @property
    def verdict(self) -> str:
        """What docs/error-budget.md asks for now."""
        if self.spent >= 1:
            return "spent: nothing is deployed but what makes it safer"
        if self.spent >= 0.75:
            return "nearly spent: one change at a time, each watched"
        return (
            "enough left: go on" if self.burn <= 1 else "spent too fast: find out why before the next change"
        )


def counted(lines: Iterable[str]) -> tuple[int, int, int]:
    """Answers, those that failed, and those that were slow, in log lines. What is no metric line is passed over."""
    answered = failed = slow = 0
    for line in lines:
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if not isinstance(told, dict) or "_aws" not in told or "requests" not in told:
            continue
        many = int(told["requests"])
        answered += many
        failed += many if told.get("status") == "5xx" else 0
        slow += many if told.get("request_duration_ms", 0) > SLOW_MS else 0
    return answered, failed, slow


def _days(text: str) -> float:
    days = float(text)
    if not 0 < days <= WINDOW.days:
        raise argparse.ArgumentTypeError(f"more than 0 and at most {WINDOW.days}")
    return days


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def main(arguments: list[str]) -> int:
    """0: something is left; 1: the budget is spent; 2: nothing could be counted."""
    parser = argparse.ArgumentParser(prog="make budget", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--answered", type=_whole, help="answers in the window so far")
    parser.add_argument("--failed", type=_whole, help="those with a 5xx")
    parser.add_argument("--log", type=Path, help="count them in a file of log lines instead")
    parser.add_argument("--days", type=_days, default=float(WINDOW.days), help="days of the window so far")
    told = parser.parse_args(arguments)
    slow: int | None = None
    if told.log is not None:
        try:
            with told.log.open(encoding="utf-8") as lines:
                answered, failed, slow = counted(lines)
        except OSError as error:
            print(f"{told.log} cannot be read: {error.strerror}", file=sys.stderr)
            return 2
    elif told.answered is None or told.failed is None or told.failed > told.answered:
        parser.error("give --answered and --failed (no more than were answered), or --log")
    else:
        answered, failed = told.answered, told.failed
    if not answered:
        print("no answers were counted", file=sys.stderr)
        return 2
    _show(Budget(answered, failed, told.days), slow)
    return 1 if Budget(answered, failed, told.days).spent >= 1 else 0


def _show(budget: Budget, slow: int | None) -> None:
    print(f"answered      {budget.answered:,}, failed {budget.failed:,}")
    print(f"availability  {100 * budget.availability:.4f} % (objective {100 * OBJECTIVE:g} %)")
    print(
        f"budget        {budget.allowed:,.0f} failures in {WINDOW.days} days, {100 * budget.spent:.1f} % spent"
    )
    print(f"burn          {budget.burn:.2f} times even")
    if slow is not None:
        print(f"slow          {100 * slow / budget.answered:.2f} % took over {SLOW_MS} ms (objective: 1 %)")
    print(f"verdict       {budget.verdict}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
