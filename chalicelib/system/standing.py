"""How things stand: pure rules over what was written down. Nothing here asks anybody."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.store.system_notes import HEARTBEAT, BreakerNote, JobRun

JobState = Literal["ok", "failing", "overdue", "not_seen"]
BreakerState = Literal["closed", "half_open", "open"]

GRACE = timedelta(minutes=2)
"""How long a schedule may be late by itself."""
LATE_AFTER_SECONDS = 300
"""A timer this late is not kept up with. The alarm on `timer_lateness_seconds` says the same."""
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")


def interval(schedule: str) -> timedelta:
    """How far apart two runs are at most. What is no rate runs once a day."""
    found = _RATE.fullmatch(schedule)
    return timedelta(**{f"{found[2]}s": int(found[1])}) if found else timedelta(days=1)


def job_state(schedule: str, run: JobRun | None, now: datetime) -> JobState:
    """A job with nothing to do is heard of every ten minutes, or at each run where those are rarer."""
    if run is None:
        return "not_seen"
    if now - run.seen_at > interval(schedule) + HEARTBEAT + GRACE:
        return "overdue"
    return "failing" if run.last["failed"] else "ok"


def breaker_state(note: BreakerNote, now: datetime) -> BreakerState:
    """An open one whose rest is over waits for its next caller, who is the probe."""
    if note.state != "open":
        return "closed"
    return "half_open" if note.until is not None and now >= note.until else "open"


def problems(
    jobs: Iterable[tuple[str, JobState]],
    late_by: Iterable[tuple[str, int]],
    breakers: Iterable[tuple[str, BreakerState]],
    dead_letters: int,
) -> list[str]:
    """What somebody should look at, each as `what:which`."""
    found = [f"job_{state}:{name}" for name, state in jobs if state in ("failing", "overdue")]
    found += [f"timer_late:{timer}" for timer, seconds in late_by if seconds > LATE_AFTER_SECONDS]
    found += [f"provider_resting:{provider}" for provider, state in breakers if state == "open"]
    return [*found, *(["dead_letters"] if dead_letters else [])]
