"""What was read a while ago and may be used still: a warm process asks the table once a minute, not at each request."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from chalicelib.core import clock

K = TypeVar("K")
V = TypeVar("V")

FOR = timedelta(seconds=60)
"""How long another process may go on with what was just changed: as long as it does with the shop itself."""
_MOST = 1000
"""Things one memory holds. A process that serves more shops than that asks again."""

_all: list["Remembered[object, object]"] = []


class Remembered(Generic[K, V]):
    """A memory of one kind of thing, by key. Never for what must be as it is at this instant."""

    def __init__(self) -> None:
        self._known: dict[K, tuple[datetime, V]] = {}
        _all.append(self)  # type: ignore[arg-type]  # told to forget, and asked nothing else

    def get(self, key: K, read: Callable[[], V]) -> V:
        """What is known of `key`, or what `read` answers now."""
        now = clock.current().now()
        known = self._known.get(key)
        if known is not None and now - known[0] < FOR:
            return known[1]
        if len(self._known) >= _MOST:
            self._known.clear()
        found = read()
        self._known[key] = (now, found)
        return found

    def forget(self) -> None:
        """Ask again at the next look."""
        self._known.clear()


def forget_all() -> None:
    """Know as little as a process that has just started."""
    for memory in _all:
        memory.forget()
