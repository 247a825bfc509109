"""What one process knows of itself: store calls in flight, how often its memory was enough, how much it holds.

Counting costs a lock; it is told at most once a minute, with the request or run that happens to come by.
"""

import contextlib
import resource
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chalicelib.core import clock, log

TOLD_EVERY = timedelta(minutes=1)
_STATM = Path("/proc/self/statm")


@dataclass(slots=True)
class Looks:
    """How often a cache was asked, and how often it knew."""

    asked: int = 0
    known: int = 0

    @property
    def ratio(self) -> float:
        """Percent."""
        return 100 * self.known / self.asked if self.asked else 0.0


class _Process:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.in_flight = 0
        self.most_in_flight = 0
        self.caches: dict[str, Looks] = {}
        self.told_at: datetime | None = None


_here = _Process()


@contextlib.contextmanager
def store_call() -> Iterator[None]:
    """Count a store call as under way inside the block."""
    with _here.lock:
        _here.in_flight += 1
        _here.most_in_flight = max(_here.most_in_flight, _here.in_flight)
    try:
        yield
    finally:
        with _here.lock:
            _here.in_flight -= 1


def looked_up(cache: str, *, known: bool) -> None:
    """A cache of this process was asked. `cache` is a word of ours."""
    with _here.lock:
        looks = _here.caches.setdefault(cache, Looks())
        looks.asked += 1
        looks.known += known


def in_flight() -> int:
    return _here.in_flight


def caches() -> dict[str, Looks]:
    with _here.lock:
        return {name: Looks(looks.asked, looks.known) for name, looks in sorted(_here.caches.items())}


def memory_bytes() -> int:
    """Resident memory: now on Linux, as in Lambda; the most there was elsewhere."""
    with contextlib.suppress(OSError, ValueError):
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def tell() -> None:
    """Emit what this process knows of itself, unless it did within the last minute."""
    now = clock.current().now()
    with _here.lock:
        if _here.told_at is not None and now - _here.told_at < TOLD_EVERY:
            return
        _here.told_at = now
        most, _here.most_in_flight = _here.most_in_flight, _here.in_flight
    log.metrics({}, store_calls_in_flight=most, memory_usage_bytes=memory_bytes())
    for name, looks in caches().items():
        log.metrics({"cache": name}, cache_hit_ratio=round(looks.ratio, 2))


def forget() -> None:
    """Begin anew: for tests."""
    global _here  # noqa: PLW0603 - the process has one, by design
    _here = _Process()
