"""EventBridge's schedule expressions: `rate(5 minutes)` and the six-field `cron(0 3 * * ? *)`, in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

_RATE = re.compile(r"^rate\((\d+) (minute|hour|day)s?\)$")
_CRON = re.compile(r"^cron\(([^()]*)\)$")
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
_MONTHS = {name: at for at, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_WEEKDAYS = {name: at for at, name in enumerate("SUN MON TUE WED THU FRI SAT".split(), 1)}

Minute = int
"""A whole minute since the epoch."""


class Schedule(Protocol):
    def is_due(self, minute: Minute, since: Minute) -> bool:
        """Whether to fire at `minute`, `since` being the minute the schedule was switched on."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    minutes: int

    def is_due(self, minute: Minute, since: Minute) -> bool:
        return minute > since and (minute - since) % self.minutes == 0


@dataclass(frozen=True, slots=True)
class Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    def is_due(self, minute: Minute, since: Minute) -> bool:
        at = datetime.fromtimestamp(minute * 60, tz=UTC)
        return (
            at.minute in self.minutes
            and at.hour in self.hours
            and at.day in self.days
            and at.month in self.months
            and at.isoweekday() % 7 + 1 in self.weekdays
            and at.year in self.years
        )


def parse(expression: str) -> Schedule:
    """Raises ValueError for what EventBridge would refuse, and for `L`, `W` and `#`, unknown here."""
    if rate := _RATE.match(expression):
        count = int(rate.group(1))
        if count == 0:
            raise ValueError(f"{expression}: a rate is at least 1")
        return Rate(count * _MINUTES[rate.group(2)])
    cron = _CRON.match(expression)
    fields = cron.group(1).split() if cron else []
    if len(fields) != 6:
        raise ValueError(f"{expression}: expected rate(<n> minutes|hours|days) or cron(<six fields>)")
    if fields.count("?") != 1 or "?" not in (fields[2], fields[4]):
        raise ValueError(f"{expression}: exactly one of day-of-month and day-of-week must be ?")
    try:
        return Cron(
            minutes=_values(fields[0], 0, 59),
            hours=_values(fields[1], 0, 23),
            days=_values(fields[2], 1, 31),
            months=_values(fields[3], 1, 12, _MONTHS),
            weekdays=_values(fields[4], 1, 7, _WEEKDAYS),
            years=_values(fields[5], 1970, 2199),
        )
    except ValueError as error:
        raise ValueError(f"{expression}: {error}") from None


def _values(text: str, lowest: int, highest: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in {"*", "?"}:
            start, end = lowest, highest
        else:
            start = _number(first, names)
            # `5/15` runs from 5 to the end, `5` is only itself.
            end = _number(last, names) if dash else (highest if step else start)
        if not lowest <= start <= end <= highest or (step and not step.isdecimal()) or step == "0":
            raise ValueError(f"{text!r} is not a cron field between {lowest} and {highest}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text.upper() in names:
        return names[text.upper()]
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not a number a cron field may hold")
    return int(text)
