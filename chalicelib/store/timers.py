"""Timers: any item with `timer` and `due_at` stands in the `due` index. One sweep serves every job.

A sweep costs one Query per shard plus what its handler does for each item that is due; nothing that is merely
stored costs anything. Handlers must be safe twice at once and late: the index is eventually consistent, so they
read the item again and act by condition.
"""

import contextvars
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import clock, log, runs
from chalicelib.store import system_notes
from chalicelib.store.client import call, table_name
from chalicelib.store.handling import handling
from chalicelib.store.items import DUE_SHARDS, due_partition
from chalicelib.store.keys import Ref

BUDGET_SECONDS = 45.0
"""A tick comes every minute: what is not done by then waits for the next."""
AFTER_FAILURE = timedelta(minutes=5)
_PAGE = 100
MOST_COUNTED = 1000
"""Of one shard: a count of this many or more is not exact."""
threads = 8
"""How many due items are handled at once. 1 where the engine cannot stand threads."""


@dataclass(slots=True)
class Sweep:
    """What one sweep did. `lateness_seconds` is of the oldest item found."""

    timer: str
    handled: int = 0
    failed: int = 0
    found: int = 0
    """Due items that were seen, handled or not."""
    left: bool = False
    lateness_seconds: float = 0.0


def _due(timer: str, shard: int, now: datetime, start: dict[str, Any] | None) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "TableName": table_name(),
        "IndexName": "due",
        "KeyConditionExpression": "due_pk = :p AND due_sk <= :now",
        "ExpressionAttributeValues": {
            ":p": {"S": due_partition(timer, shard)},
            ":now": {"S": clock.to_text(now) + "#\uffff"},
        },
        "Limit": _PAGE,
    }
    if start:
        parameters["ExclusiveStartKey"] = start
    return call("Query", **parameters)


def sweep(
    timer: str, now: datetime, handle: Callable[[Ref], None], *, budget: float = BUDGET_SECONDS
) -> Sweep:
    """Hand every item of `timer` due at `now` to `handle`, several at once, until the budget is spent.

    A handler that raises is logged and counted, and its item put off a little, so that what cannot be handled
    never stands before what can. Each tick begins with another shard, each shard has its share of the budget.
    """
    report = Sweep(timer)
    ends_at = time.monotonic() + runs.seconds_left(budget)
    first = int(now.timestamp() // 60) % DUE_SHARDS
    for turn in range(DUE_SHARDS):
        share = (ends_at - time.monotonic()) / (DUE_SHARDS - turn)
        try:
            _sweep_shard(report, timer, (first + turn) % DUE_SHARDS, now, handle, time.monotonic() + share)
        except Exception:
            log.error("shard_failed", timer=timer, shard=(first + turn) % DUE_SHARDS)
            report.failed += 1
    log.metrics(
        {"timer": timer},
        timer_handled=report.handled,
        timer_failed=report.failed,
        timer_lateness_seconds=round(report.lateness_seconds, 3),
    )
    return report


def _sweep_shard(
    report: Sweep, timer: str, shard: int, now: datetime, handle: Callable[[Ref], None], deadline: float
) -> None:
    def one(due: tuple[Ref, str]) -> bool:
        ref, due_sk = due
        if time.monotonic() > deadline:
            report.left = True
            return True
        try:
            with handling(ref):
                _handled(handle, ref, timer)
        except Exception:
            _put_off(ref, due_sk, now)
            return False
        report.handled += 1
        return True

    start: dict[str, Any] | None = None
    while True:
        answer = _due(timer, shard, now, start)
        found = [(Ref(wire["pk"]["S"], wire["sk"]["S"]), wire["due_sk"]["S"]) for wire in answer["Items"]]
        for _, due_sk in found[:1]:
            late = (now - clock.from_text(due_sk.partition("#")[0])).total_seconds()
            report.lateness_seconds = max(report.lateness_seconds, late)
        report.found += len(found)
        report.failed += _run(found, one).count(False)
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return
        if time.monotonic() > deadline:
            report.left = True
            return


def _handled(handle: Callable[[Ref], None], ref: Ref, timer: str) -> None:
    try:
        handle(ref)
    except Exception as error:
        log.error("timer_failed", timer=timer, pk=ref.pk, sk=ref.sk, reason=type(error).__name__)
        raise


def count(timer: str, *, due_by: datetime | None = None) -> int:
    """How many items stand under a timer, or are due by then; of each shard the first thousand at most.

    One Query per shard: a read unit for each 60 or so.
    """
    latest = "~" if due_by is None else clock.to_text(due_by) + "#\uffff"
    counted = 0
    for shard in range(DUE_SHARDS):
        answer = call(
            "Query",
            TableName=table_name(),
            IndexName="due",
            KeyConditionExpression="due_pk = :p AND due_sk <= :latest",
            ExpressionAttributeValues={
                ":p": {"S": due_partition(timer, shard)},
                ":latest": {"S": latest},
            },
            Limit=MOST_COUNTED,
            Select="COUNT",
        )
        counted += answer["Count"]
    return counted


def _put_off(ref: Ref, due_sk: str, now: datetime) -> None:
    """Look at a failing item again in a few minutes. Nothing happens when somebody gave it another time meanwhile."""
    later = clock.to_text(now + AFTER_FAILURE)
    try:
        call(
            "UpdateItem",
            TableName=table_name(),
            Key=ref.wire(),
            UpdateExpression="SET due_at = :at, due_sk = :later",
            ConditionExpression="due_sk = :was",
            ExpressionAttributeValues={
                ":at": {"S": later},
                ":later": {"S": f"{later}#{ref.pk}"},
                ":was": {"S": due_sk},
            },
        )
    except Exception as error:
        log.warning("timer_not_put_off", pk=ref.pk, reason=type(error).__name__)


def _run(found: list[tuple[Ref, str]], one: Callable[[tuple[Ref, str]], bool]) -> list[bool]:
    if threads == 1 or len(found) <= 1:
        return [one(due) for due in found]
    with ThreadPoolExecutor(min(threads, len(found))) as pool:
        jobs = [pool.submit(contextvars.copy_context().run, one, due) for due in found]
        return [job.result() for job in jobs]


system_notes.register()
