"""Restoring the whole table into another one beside it, from a backup, to a time, or from an export's folder.

The live table is read for its description and never written. Killed anywhere, the same command waits for what is
under way and goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core import clock
from chalicelib.core.clock import from_text, to_text
from chalicelib.store.backups import Backup, Window
from infra.backup import features, manifest
from infra.backup.plan import CannotRestore
from infra.backup.rows import Then, at_keys, of_table
from infra.local import template
from infra.local.progress import Progress
from infra.verify import sources

Client = Any
_BATCH = 25
_SAY_EVERY = 60.0


@dataclass(slots=True)
class Restored:
    """What a restore brought, and how long each step took, in seconds by the clock on the wall."""

    table: str
    state_of: datetime
    asked_at: datetime
    steps: dict[str, float] = field(default_factory=dict)
    items: int = 0

    @property
    def rpo_seconds(self) -> float:
        """How much of the past is lost: from the state that came back to when it was asked for."""
        return max(0.0, (self.asked_at - self.state_of).total_seconds())

    @property
    def rto_seconds(self) -> float:
        return sum(self.steps.values())


class Stopwatch:
    """`with watch("step"):` adds up seconds under a name."""

    def __init__(self, steps: dict[str, float]) -> None:
        self._steps = steps

    def __call__(self, step: str) -> Stopwatch:
        self._step = step
        return self

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *failure: object) -> None:
        self._steps[self._step] = self._steps.get(self._step, 0.0) + time.monotonic() - self._began


def from_backup(client: Client, backup: Backup, live: str, target: str) -> Restored:
    """RestoreTableFromBackup. Raises CannotRestore."""
    if backup.status != "AVAILABLE":
        raise CannotRestore(f"the backup {backup.name} is {backup.status.lower()}: wait, or choose another")

    def ask() -> None:
        client.restore_table_from_backup(
            TargetTableName=target,
            BackupArn=backup.arn,
            BillingModeOverride=features.wanted()["BillingMode"],
        )

    return _restore(client, ask, live, target, backup.made_at)


def to_time(client: Client, at: datetime | None, window: Window, live: str, target: str) -> Restored:
    """RestoreTableToPointInTime, to the latest second there is where none is named. Raises CannotRestore."""
    if not window.is_on or window.earliest is None or window.latest is None:
        raise CannotRestore(f"{live} has no point-in-time recovery: only its backups can be restored")
    if at is not None and not window.earliest <= at <= window.latest:
        raise CannotRestore(
            f"{to_text(at)} cannot be had: from {to_text(window.earliest)} to {to_text(window.latest)} every second can"
        )
    when = {"RestoreDateTime": at} if at is not None else {"UseLatestRestorableTime": True}

    def ask() -> None:
        client.restore_table_to_point_in_time(
            SourceTableName=live,
            TargetTableName=target,
            BillingModeOverride=features.wanted()["BillingMode"],
            **when,
        )

    return _restore(client, ask, live, target, at or window.latest)


def from_folder(client: Client, folder: Path, taken_at: datetime, live: str, target: str) -> Restored:
    """A new table filled from an export: in a region, or an account, that has none of its backups."""
    done = Restored(target, taken_at, clock.current().now())
    watch = Stopwatch(done.steps)
    with watch("make the table"):
        if _existing(client, target) is None:
            template.create_table(client, target)
        _claim(client, target, to_text(taken_at))
    with watch("write the items"):
        done.items = _fill(client, target, sources.from_export(folder), manifest.read(folder).items)
    with watch("put back features"):
        features.put_back(client, target, _like(client, live, target), to_text(taken_at), _say)
    return done


def _claim(client: Client, target: str, state_of: str) -> None:
    """An empty table, or one that an earlier try began to fill with the same state. Raises CannotRestore.

    It may be the live one of a stage that was just deployed, in another region for one: there is nothing to lose.
    """
    arn = features.describe(client, target)["TableArn"]
    if features.tags(client, arn).get(features.MARK) == state_of:
        return
    if client.scan(TableName=target, Limit=1, ConsistentRead=True)["Items"]:
        raise CannotRestore(
            f"{target} has items of its own: name another table, or one that is not there yet"
        )
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": features.MARK, "Value": state_of}])


def _like(client: Client, live: str, target: str) -> str:
    """Whose tags and key the restored table gets: the live one's, while there is one."""
    return live if _existing(client, live) is not None else target


def _restore(client: Client, ask: Callable[[], None], live: str, target: str, state_of: datetime) -> Restored:
    _check_target(live, target)
    done = Restored(target, state_of, clock.current().now())
    watch = Stopwatch(done.steps)
    with watch("restore"):
        there = _existing(client, target)
        if there is None:
            ask()
        elif "RestoreSummary" not in there and features.MARK not in features.tags(client, there["TableArn"]):
            raise CannotRestore(f"{target} is there already, and is no restored table: name another")
        else:
            print(f"{target} is there already: going on with it")
        _wait(client, target)
    with watch("put back features"):
        features.put_back(client, target, _like(client, live, target), to_text(state_of), _say)
    return done


def _check_target(live: str, target: str) -> None:
    if live == target:
        raise CannotRestore(f"{target} is the live table: restores go into another one, beside it")


def _wait(client: Client, target: str) -> None:
    """Until the table can be used. DynamoDB says neither how far it is nor how long it will take."""
    began = said = time.monotonic()
    while not features.is_active(told := features.describe(client, target)):
        if told["TableStatus"] not in ("CREATING", "UPDATING", "ACTIVE"):
            raise CannotRestore(f"{target} is {told['TableStatus'].lower()}")
        if time.monotonic() - said >= _SAY_EVERY:
            said = time.monotonic()
            print(f"  {target} is {told['TableStatus'].lower()}, for {said - began:.0f} s now", flush=True)
        time.sleep(features.POLL_SECONDS)


def _existing(client: Client, table: str) -> dict[str, Any] | None:
    try:
        return features.describe(client, table)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def _fill(client: Client, table: str, rows: Iterator[dict[str, Any]], expected: int) -> int:
    """BatchWriteItem, 25 at a time. Written twice is written once."""
    count, progress = 0, Progress(f"filling {table}", expected)
    while batch := list(islice(rows, _BATCH)):
        waiting: Any = {table: [{"PutRequest": {"Item": row}} for row in batch]}
        while waiting:
            waiting = client.batch_write_item(RequestItems=waiting).get("UnprocessedItems")
        count += len(batch)
        progress.advance(len(batch))
    progress.done()
    return count


def drop(client: Client, live: str, target: str) -> None:
    """Delete a restored table that is needed no more. Raises CannotRestore for any other."""
    _check_target(live, target)
    there = _existing(client, target)
    if there is None:
        raise CannotRestore(f"there is no table {target}")
    if features.MARK not in features.tags(client, there["TableArn"]):
        raise CannotRestore(
            f"{target} was not restored by these tools: it does not bear the tag {features.MARK}"
        )
    if there.get("DeletionProtectionEnabled"):
        client.update_table(TableName=target, DeletionProtectionEnabled=False)
        features.wait_active(client, target)
    client.delete_table(TableName=target)


def state_of(client: Client, table: str) -> datetime | None:
    """Of which instant a restored table is: what our restore wrote on it, else what DynamoDB says."""
    told = _existing(client, table)
    if told is None:
        raise CannotRestore(f"there is no table {table}")
    marked = features.tags(client, told["TableArn"]).get(features.MARK)
    if marked:
        return from_text(marked)
    found: datetime | None = told.get("RestoreSummary", {}).get("RestoreDateTime")
    return found


def then(client: Client, live: str, table: str, at: datetime | None) -> Then:
    """A restored table as the state to go back to. Raises CannotRestore."""
    _check_target(live, table)
    known = at or state_of(client, table)
    return Then(
        table,
        known,
        lambda slug: of_table(slug, f"reading {table}", table),
        lambda _, refs: at_keys(refs, table),
    )


def _say(what: str) -> None:
    print(f"  put back: {what}", flush=True)
