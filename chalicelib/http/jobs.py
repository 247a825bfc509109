"""Scheduled jobs and the stream consumer: each its own Lambda function, packaged as `<module>.<name>`.

The packaged handler imports its own domain and not `app.py`, so this wrapper does the logging and the errors.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib.core import clock, ids, log, origin, process, runs
from chalicelib.core.runs import Run
from chalicelib.core.settings import runs_in_lambda, settings

Work = Callable[[datetime], Any]


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    work: Work
    schedule: str
    """As EventBridge reads it: `rate(1 minute)`."""
    by_hand: bool = True
    """Whether a person may run it at `POST /v1/admin/jobs/{name}/run`, inside the API's function."""

    @property
    def description(self) -> str:
        return (self.work.__doc__ or self.name).split("\n")[0]


def run(job: Job, *, by: str = "schedule") -> tuple[Run, Exception | None]:
    """Run a job now and tell of it. Answers what it did, and what ended it before its time."""
    began_at, began = clock.current().now(), time.perf_counter()
    run_id, raised, result = ids.ulid(began_at), None, None
    with log.joined(job=job.name, run_id=run_id):
        try:
            result = job.work(began_at)
        except Exception as error:
            raised = error
            log.error("job_failed", job_name=job.name)
            log.metrics({"job": job.name}, job_failed=1)
        took_ms = round((time.perf_counter() - began) * 1000)
        why = type(raised).__name__ if raised else ""
        done = Run(job.name, run_id, began_at, took_ms, by, why, runs.swept_by(result))
        if raised is None:
            log.info(
                "job_done", result=str(result), handled=done.handled, failed=done.failed, took_ms=took_ms
            )
        runs.report(done)
        process.tell()
    return done, raised


class Jobs(Blueprint):
    """A domain's jobs. The functions it decorates must be attributes of the module it is made in."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.known: dict[str, Job] = {}
        if runs_in_lambda():
            log.ready(settings().log_level)

    def every_minute(self, work: Work) -> Any:
        return self._scheduled(work, Rate(1, unit=Rate.MINUTES))

    def every_minute_unattended(self, work: Work) -> Any:
        """A job that the API's function must not run: it would need that job's permissions."""
        return self._scheduled(work, Rate(1, unit=Rate.MINUTES), by_hand=False)

    def every_hour(self, work: Work) -> Any:
        return self._scheduled(work, Rate(1, unit=Rate.HOURS))

    def _scheduled(self, work: Work, rate: Rate, *, by_hand: bool = True) -> Any:
        job = Job(work.__name__, work, rate.to_string(), by_hand)
        self.known[job.name] = job

        @wraps(work)
        def handler(event: Any) -> None:
            log.join(**origin.trace_fields())
            _, raised = run(job)
            if raised is not None:
                raise raised

        return self.schedule(rate, name=job.name, description=job.description)(handler)

    def table_stream(self, consume: Callable[[dict[str, Any]], None]) -> Any:
        """`consume` gets one stream record at a time; the first that fails is where Lambda resumes.

        Its lines are joined under the request that wrote the record. The stream's real address is put in by the
        template: a table's stream has none before it exists.
        """
        name = consume.__name__

        @wraps(consume)
        def handler(event: Any) -> dict[str, Any]:
            log.join(job=name, run_id=ids.ulid(clock.current().now()), **origin.trace_fields())
            for record in event.to_dict()["Records"]:
                sequence = record["dynamodb"]["SequenceNumber"]
                with origin.joined(record["dynamodb"].get("NewImage", {})):
                    try:
                        consume(record)
                    except Exception:
                        log.error("record_failed", job_name=name, sequence=sequence)
                        log.metrics({"job": name}, records_failed=1)
                        return {"batchItemFailures": [{"itemIdentifier": sequence}]}
            process.tell()
            return {"batchItemFailures": []}

        placeholder = "arn:aws:dynamodb:us-east-1:000000000000:table/souk/stream/2026-01-01T00:00:00.000"
        return self.on_dynamodb_record(placeholder, batch_size=100, name=name)(handler)
