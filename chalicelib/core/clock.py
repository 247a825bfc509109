"""The one source of time. Domain code reads `ctx.now`; only this module asks the system."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is moved: tests and replays turn a day in seconds."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, **amount: float) -> None:
        """Move forward by `timedelta(**amount)`, for example `advance(minutes=31)`."""
        self._at += timedelta(**amount)


_current: Clock = SystemClock()


def current() -> Clock:
    return _current


@contextmanager
def use(clock: Clock) -> Iterator[Clock]:
    """Run a block under another clock."""
    global _current  # noqa: PLW0603 - the process has one clock, by design
    before, _current = _current, clock
    try:
        yield clock
    finally:
        _current = before


def to_text(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds; sorts as text in the order of time. Refuses naive times."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
