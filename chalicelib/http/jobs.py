"""Scheduled jobs and the stream consumer: each its own Lambda function, packaged as `<module>.<name>`.

The packaged handler imports its own domain and not `app.py`, so this wrapper does the logging and the errors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib.core import clock, ids, log
from chalicelib.core.settings import settings

Run = Callable[[datetime], Any]


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    run: Run


class Jobs(Blueprint):
    """A domain's jobs. The functions it decorates must be attributes of the module it is made in."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.known: dict[str, Job] = {}
        log.ready(settings().log_level)

    def every_minute(self, run: Run) -> Any:
        return self._scheduled(run, Rate(1, unit=Rate.MINUTES))

    def every_hour(self, run: Run) -> Any:
        return self._scheduled(run, Rate(1, unit=Rate.HOURS))

    def _scheduled(self, run: Run, rate: Rate) -> Any:
        name = run.__name__
        self.known[name] = Job(name, run)

        @wraps(run)
        def handler(event: Any) -> None:
            log.join(job=name, run_id=ids.ulid(clock.current().now()))
            try:
                result = run(clock.current().now())
            except Exception:
                log.error("job_failed", job_name=name)
                raise
            log.info("job_done", result=str(result))

        return self.schedule(rate, name=name, description=(run.__doc__ or name).split("\n")[0])(handler)

    def table_stream(self, consume: Callable[[dict[str, Any]], None]) -> Any:
        """`consume` gets one stream record at a time; the first that fails is where Lambda resumes.

        The stream's real address is put in by the template: a table's stream has none before it exists.
        """
        name = consume.__name__

        @wraps(consume)
        def handler(event: Any) -> dict[str, Any]:
            log.join(job=name, run_id=ids.ulid(clock.current().now()))
            for record in event.to_dict()["Records"]:
                try:
                    consume(record)
                except Exception:
                    sequence = record["dynamodb"]["SequenceNumber"]
                    log.error("record_failed", job_name=name, sequence=sequence)
                    return {"batchItemFailures": [{"itemIdentifier": sequence}]}
            return {"batchItemFailures": []}

        placeholder = "arn:aws:dynamodb:us-east-1:000000000000:table/souk/stream/2026-01-01T00:00:00.000"
        return self.on_dynamodb_record(placeholder, batch_size=100, name=name)(handler)
