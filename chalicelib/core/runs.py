"""Runs of scheduled jobs: what one did, who is told of it, and how long it may take.

The wrapper of every job tells of each run here; `store` registers and writes down what is worth a write.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from chalicelib.core import log


@dataclass(frozen=True, slots=True)
class Swept:
    """What a run did for one timer."""

    timer: str
    handled: int
    failed: int
    left: bool
    """Whether some of what was due has to wait for the next run."""
    lateness_seconds: int
    """How long ago the oldest due item should have been handled."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run, from its start to its end."""

    job: str
    run_id: str
    began_at: datetime
    took_ms: int
    by: str
    """`schedule`, or the id of the member of staff who asked for it."""
    error: str = ""
    """The kind of what ended it; empty when it went through."""
    swept: tuple[Swept, ...] = ()

    @property
    def handled(self) -> int:
        return sum(one.handled for one in self.swept)

    @property
    def failed(self) -> int:
        return sum(one.failed for one in self.swept) + bool(self.error)

    @property
    def left(self) -> bool:
        return any(one.left for one in self.swept)

    @property
    def lateness_seconds(self) -> int:
        return max((one.lateness_seconds for one in self.swept), default=0)

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.handled or self.failed or self.left)

    def told(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return {
            "run_id": self.run_id,
            "took_ms": self.took_ms,
            "by": self.by,
            "error": self.error,
            "handled": self.handled,
            "failed": self.failed,
            "left": self.left,
            "lateness_seconds": self.lateness_seconds,
            "timers": [asdict(one) for one in self.swept],
        }


def swept_by(result: Any) -> tuple[Swept, ...]:
    """What a job answers, a sweep or several, as far as it says what it did."""
    parts = result if isinstance(result, list | tuple) else [result]
    return tuple(
        Swept(one.timer, one.handled, one.failed, one.left, round(one.lateness_seconds))
        for one in parts
        if hasattr(one, "lateness_seconds")
    )


Tell = Callable[[Run], None]
_tells: list[Tell] = []


def register(tell: Tell) -> None:
    if tell not in _tells:
        _tells.append(tell)


def report(run: Run) -> None:
    """A run is over. What cannot be written down fails no job."""
    for tell in _tells:
        try:
            tell(run)
        except Exception as error:
            log.warning("run_not_recorded", job_name=run.job, reason=type(error).__name__)


_ends_at: ContextVar[float | None] = ContextVar("run_ends_at", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Sweeps inside the block end by then: a request that runs a job has less time than the job's own function."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left(budget: float) -> float:
    """The budget, or what is left of the block's time where that is less."""
    ends_at = _ends_at.get()
    return budget if ends_at is None else max(0.0, min(budget, ends_at - time.monotonic()))
