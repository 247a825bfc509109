"""The clock of the local run: fires the app's scheduled handlers as EventBridge would."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalice.app import ScheduledEventConfig, ScheduleExpression

from infra.local import clients
from infra.local.context import ACCOUNT, LocalContext
from infra.local.expressions import Minute, Schedule, parse

_MOST_MISSED = 24 * 60
"""After the machine slept, a job that was due meanwhile runs once; this many minutes back are looked at."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    schedule: Schedule
    handler: Callable[[Any, Any], Any]


def jobs_of(app: Any) -> list[Job]:
    """The scheduled handlers registered in a Chalice app."""
    found = []
    for source in app.event_sources:
        if isinstance(source, ScheduledEventConfig):
            expression = source.schedule_expression
            text = expression.to_string() if isinstance(expression, ScheduleExpression) else expression
            found.append(Job(source.name, parse(text), app.handler_map[source.name]))
    return found


def seconds_a_minute() -> float:
    """`SOUK_TICK_SECONDS`: how long a minute of the schedules lasts. With 5 an hour passes in 5 minutes."""
    text = os.environ.get("SOUK_TICK_SECONDS", "60")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise ValueError(f"SOUK_TICK_SECONDS must be a number above 0, not {text!r}")
    return seconds


class Ticker:
    """Runs each job in a thread of its own when its minute comes, between `start()` and `stop()`.

    A job still running when its time comes again is not started a second time; a slow or failing job holds up
    no other.
    """

    def __init__(
        self, jobs: list[Job], *, minute_seconds: float = 60.0, now: Callable[[], float] = time.time
    ) -> None:
        self._jobs = jobs
        self._minute_seconds = minute_seconds
        self._now = now
        self._began = now()
        self._since: Minute = self._minute()
        self._seen: Minute = self._since
        self._running: dict[str, threading.Thread] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="ticker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Start nothing more and give what runs a moment to finish."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        if self._thread.is_alive():
            self._thread.join()
        for thread in self._running.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def tick(self) -> None:
        """Start every job that became due since the last tick."""
        minute = self._minute()
        missed = range(max(self._seen + 1, minute - _MOST_MISSED), minute + 1)
        self._seen = max(minute, self._seen)
        for job in self._jobs:
            if any(job.schedule.is_due(each, self._since) for each in missed):
                self._fire(job)

    def _loop(self) -> None:
        while not self._stopping.wait(self._seconds_to_next_minute()):
            self.tick()

    def _minute(self) -> Minute:
        return int(self._schedule_time() // 60)

    def _schedule_time(self) -> float:
        """The schedules' own clock: it starts at the present and runs faster when a minute is shorter."""
        return self._began + (self._now() - self._began) * 60 / self._minute_seconds

    def _seconds_to_next_minute(self) -> float:
        return (60 - self._schedule_time() % 60) * self._minute_seconds / 60

    def _fire(self, job: Job) -> None:
        running = self._running.get(job.name)
        if running is not None and running.is_alive():
            _logger.info("%s is still running: this tick is skipped", job.name)
            return
        thread = threading.Thread(target=_run, args=(job,), name=f"job-{job.name}", daemon=True)
        self._running[job.name] = thread
        thread.start()


def _run(job: Job) -> None:
    try:
        job.handler(_event(job.name), LocalContext(job.name))
    except Exception:
        _logger.exception("the job %s failed; it runs again when it is next due", job.name)


def _event(name: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": clients.REGION,
        "resources": [f"arn:aws:events:{clients.REGION}:{ACCOUNT}:rule/{name}"],
        "detail": {},
    }
