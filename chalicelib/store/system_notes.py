"""What the installation tells of itself: one partition, one item for each job and each circuit breaker, read in one
Query by whoever looks at the system's page. Nothing is decided by any of it.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core import clock, runs
from chalicelib.core.breakers import Standing
from chalicelib.core.context import HOME
from chalicelib.core.runs import Run
from chalicelib.store.attributes import Instant, Int, OptionalInstant, Text, Value, marshal
from chalicelib.store.client import Unsure, call, error_code, table_name
from chalicelib.store.items import Item
from chalicelib.store.keys import Key, Ref
from chalicelib.store.reading import collection

HEARTBEAT = timedelta(minutes=10)
"""A job with nothing to do says so this often at most: a job of every minute must not cost a write every minute."""
BUDGET_SECONDS = 1.0
"""A note is never worth more of anybody's time."""


class BreakerNote(Item, discriminator="breaker"):
    """The last change of a circuit breaker, by whichever process made it."""

    audited = False
    key = Key("SYSTEM", "BREAKER#{provider}", "the last change of each circuit breaker, with the job runs")

    provider: Text = Text()
    state: Text = Text()
    """`open` or `closed`; that a rest is over is seen from `until`."""
    at: Instant = Instant()
    until: OptionalInstant = OptionalInstant(default=None)
    failures: Int = Int(default=0)
    reason: Text = Text(default="")


class JobRun(Item, discriminator="job_run"):
    """The last runs of a scheduled job, as far as they were written down."""

    audited = False
    key = Key("SYSTEM", "JOB#{job}", "the last run of each job, with the breakers")

    job: Text = Text()
    seen_at: Instant = Instant()
    """When the last run began that was written down: the very last one, or one of the ten minutes before it."""
    last: Value[dict[str, Any]] = Value(dict[str, Any])
    """That run."""
    worked_at: OptionalInstant = OptionalInstant(default=None)
    worked: Value[dict[str, Any]] = Value(dict[str, Any])
    """The last run that had something to do."""
    handled_total: Int = Int(default=0)
    failed_total: Int = Int(default=0)


def keep_breaker(changed: Standing) -> None:
    """One PutItem, safe to repeat. An older word than the one that stands changes nothing."""
    assert changed.at is not None  # noqa: S101 - a change has its time
    note = BreakerNote(
        tenant=HOME,
        provider=changed.provider,
        state=changed.state,
        at=changed.at,
        until=changed.until,
        failures=changed.failures,
        reason=changed.reason,
    )
    wire = note.wire()
    try:
        call(
            "PutItem",
            budget=BUDGET_SECONDS,
            TableName=table_name(),
            Item=wire,
            ConditionExpression="attribute_not_exists(#at) OR #at <= :at",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":at": wire["at"]},
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise


@dataclass(frozen=True, slots=True)
class Notes:
    jobs: dict[str, JobRun]
    breakers: list[BreakerNote]
    took_ms: float
    """How long the table took to answer."""


def read() -> Notes:
    """All of them. One Query."""
    began = time.perf_counter()
    found = collection(HOME, JobRun.key)
    took_ms = round((time.perf_counter() - began) * 1000, 1)
    return Notes({run.job: run for run in found.all(JobRun)}, found.all(BreakerNote), took_ms)


_told: dict[Ref, datetime] = {}
"""By job: when this process last wrote that it had nothing to do. Not there: its last run had."""
_lock = threading.Lock()


def keep_run(run: Run) -> None:
    """One UpdateItem for a run that did something, and for the first idle one after it; then one in ten minutes.

    A lost answer may count a run's items twice.
    """
    ref = JobRun.key.of(HOME, job=run.job)
    place = Ref(f"{table_name()}/{ref.pk}", ref.sk)
    with _lock:
        told_at = _told.get(place)
        if run.is_idle and told_at is not None and run.began_at - told_at < HEARTBEAT:
            return
        if run.is_idle:
            _told[place] = run.began_at
        else:
            _told.pop(place, None)
    _write(ref, run)


def _write(ref: Ref, run: Run) -> None:
    at, told = {"S": clock.to_text(run.began_at)}, marshal(run.told())
    sets = {
        "kind": {"S": "job_run"},
        "tenant": {"S": HOME},
        "job": {"S": run.job},
        "seen_at": at,
        "last": told,
    }
    if not run.is_idle:
        sets |= {"worked_at": at, "worked": told}
    names = {f"#{name}": name for name in sets}
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in sets)
    values: dict[str, Any] = {f":{name}": value for name, value in sets.items()}
    if run.is_idle:
        expression += ", worked = if_not_exists(worked, :none)"
        values[":none"] = {"M": {}}
    try:
        call(
            "UpdateItem",
            repeatable=False,
            budget=BUDGET_SECONDS,
            TableName=table_name(),
            Key=ref.wire(),
            UpdateExpression=f"{expression} ADD handled_total :handled, failed_total :failed",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={
                **values,
                ":handled": {"N": str(run.handled)},
                ":failed": {"N": str(run.failed)},
            },
        )
    except Unsure:
        return


def register() -> None:
    """By whatever sweeps, which every job does; a breaker that moves is registered where the store is (`__init__`)."""
    runs.register(keep_run)
