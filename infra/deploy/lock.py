"""One deployer for a stage at a time: a lock over the whole of a deployment, from its backup to its smoke test.

    with deploy_lock("prod", doing="deploy 0.2.0") as lock:
        back_up()
        lock.check()          # before each step that changes something: still ours?
        deploy()

CloudFormation refuses two updates of one stack, but not a second deployer's backup, migration or rollback in the
middle of the first one's. The lock is a lease that a thread renews: who is killed loses it after eleven minutes, and
the next one takes it over. Who cannot wait looks who it is, asks them, and breaks it by its name:

    make deploy-lock ARGS="status prod"
    make deploy-lock ARGS="break prod --holder dep_01J… --reason 'the machine is gone'"
"""

from __future__ import annotations

import argparse
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import clock, ids
from infra.deploy.lock_table import LockTable, Refused, Row
from infra.tools import operators

LEASE = timedelta(minutes=10)
SKEW = timedelta(minutes=1)
"""Two deployers' clocks may differ by so much: nobody takes over a lock that has just run out."""
_STAGE = re.compile(r"[a-z][a-z0-9-]{0,30}")
_DONE, _REFUSED, _UNREADABLE = 0, 1, 2


class Locked(RuntimeError):
    """Somebody else is at it. The message says who, and what to do."""


class LockLost(RuntimeError):
    """The lock is not ours any more: it was broken, or ran out while we slept. Change nothing further."""


@dataclass(frozen=True, slots=True)
class Held:
    """A stage's lock as it stands."""

    stage: str
    holder: str
    owner: str
    doing: str
    since: datetime
    until: datetime

    @classmethod
    def of(cls, stage: str, row: Row) -> Held:
        since, until = clock.from_text(row["since"]), clock.from_text(row["held_until"])
        return cls(stage, row["holder"], row["owner"], row["doing"], since, until)

    def has_run_out(self, now: datetime) -> bool:
        return self.until + SKEW <= now

    def __str__(self) -> str:
        return (
            f"{self.stage}: {self.owner}, {self.doing}, since {clock.to_text(self.since)}, "
            f"held until {clock.to_text(self.until)} ({self.holder})"
        )


class DeployLock:
    """A lock that is ours. `check` before each step that changes something."""

    def __init__(self, table: LockTable, held: Held, lease: timedelta) -> None:
        self._table = table
        self.held = held
        self.lease = lease
        self.is_lost = False

    def check(self) -> None:
        """Hold it on. Raises LockLost."""
        try:
            until = clock.current().now() + self.lease
            if not self.is_lost:
                self._table.hold_on(self.held.stage, self.held.holder, until)
        except Refused:
            self.is_lost = True
        if self.is_lost:
            raise LockLost(f"the lock of {self.held.stage} is not ours any more: stop here")


def owner() -> str:
    return f"{operators.name()}@{socket.gethostname()}"


def default_table() -> LockTable:
    """On the account and region of the usual AWS settings."""
    import boto3

    return LockTable(boto3.client("dynamodb"))


@contextmanager
def deploy_lock(
    stage: str, doing: str = "deploy", *, table: LockTable | None = None, lease: timedelta = LEASE
) -> Iterator[DeployLock]:
    """Hold a stage's lock for the length of a block. Raises Locked at once when somebody else has it.

    The block's own exception goes on as it is; a block that ends well although the lock was lost raises LockLost.
    """
    table = table or default_table()
    table.ensure()
    lock = DeployLock(table, _take(table, stage, doing, lease), lease)
    stop = threading.Event()
    beat = threading.Thread(target=_keep, args=(lock, stop), name=f"lock-{stage}", daemon=True)
    beat.start()
    outcome = "ended"
    try:
        yield lock
    except BaseException as error:
        outcome = f"ended with {type(error).__name__}"
        raise
    finally:
        stop.set()
        beat.join()
        _give_back(lock, table, outcome)
    if lock.is_lost:
        raise LockLost(f"the lock of {stage} was lost before the end: see what the other deployer did")


def _take(table: LockTable, stage: str, doing: str, lease: timedelta) -> Held:
    if not _STAGE.fullmatch(stage):
        raise ValueError(f"{stage!r} is no stage")
    now = clock.current().now()
    row = {
        "holder": ids.new_id("dep", now),
        "owner": owner(),
        "doing": doing,
        "since": clock.to_text(now),
        "held_until": clock.to_text(now + lease),
    }
    stood = table.read(stage)
    if stood is not None and not Held.of(stage, stood).has_run_out(now):
        raise _locked(stage, stood)
    act = "taken" if stood is None else f"taken over from {stood['owner']} ({stood['holder']})"
    try:
        table.take(stage, row, stood, _line(row, act))
    except Refused as refused:
        raise _locked(stage, refused.stands) from None
    return Held.of(stage, row)


def _locked(stage: str, stands: Row | None) -> Locked:
    if stands is None:
        return Locked(f"{stage}: somebody else was faster: try again")
    return Locked(
        f"{Held.of(stage, stands)}. Wait for them; if they are gone: "
        f"make deploy-lock ARGS=\"break {stage} --holder {stands['holder']} --reason '…'\""
    )


def _keep(lock: DeployLock, stop: threading.Event) -> None:
    """Renew until the block ends. What fails is tried again: the lease is longer than three tries."""
    while not stop.wait(lock.lease.total_seconds() / 4):
        try:
            lock.check()
        except LockLost:
            return
        except (ClientError, BotoCoreError):
            continue


def _give_back(lock: DeployLock, table: LockTable, outcome: str) -> None:
    """Never hides what the block raised: a lock that cannot be given back runs out."""
    row = {"holder": lock.held.holder, "owner": lock.held.owner, "doing": lock.held.doing}
    try:
        table.give_back(lock.held.stage, lock.held.holder, _line(row, outcome))
    except Refused:
        lock.is_lost = True
    except (ClientError, BotoCoreError) as error:
        until = clock.to_text(lock.held.until)
        print(
            f"the lock of {lock.held.stage} could not be given back: {error}; from {until}", file=sys.stderr
        )


def _line(row: Row, act: str, reason: str = "") -> Row:
    return {
        "at": clock.to_text(clock.current().now()),
        "act": act,
        "holder": row["holder"],
        "owner": row["owner"],
        "doing": row["doing"],
        "by": owner(),
        "reason": reason,
    }


def status(stage: str, table: LockTable, lines: int = 10) -> tuple[Held | None, list[Row]]:
    """Who has the lock, and what was done with it lately."""
    row = table.read(stage)
    return (Held.of(stage, row) if row else None), table.lines(stage, lines)


def break_lock(stage: str, holder: str, reason: str, table: LockTable) -> None:
    """Take the lock from whoever has it, by the name it stands under: never from somebody who took it since.

    Raises Locked.
    """
    row = table.read(stage)
    if row is None or row["holder"] != holder:
        raise Locked(f"{holder} does not hold {stage}: {Held.of(stage, row) if row else 'nobody does'}")
    try:
        table.give_back(stage, holder, _line(row, "broken", reason))
    except Refused as refused:
        raise _locked(stage, refused.stands) from None


def _tell(held: Held | None, lines: list[Row], stage: str) -> None:
    now = clock.current().now()
    if held is None:
        print(f"{stage}: nobody is deploying.")
    else:
        print(f"{held}{', has run out: the next deployment takes it over' if held.has_run_out(now) else ''}")
    for line in lines:
        why = f": {line['reason']}" if line["reason"] else ""
        print(f"  {line['at']}  {line['act']}  {line['owner']}, {line['doing']} (by {line['by']}){why}")


def main(arguments: list[str], table: LockTable | None = None) -> int:
    """0: done; 1: refused; 2: the table cannot be read."""
    parser = argparse.ArgumentParser(
        prog="make deploy-lock", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("status", help="who deploys, and what was done lately").add_argument("stage")
    breaking = acts.add_parser("break", help="take the lock from who is gone")
    breaking.add_argument("stage")
    breaking.add_argument(
        "--holder", required=True, help="the name the lock stands under, as status shows it"
    )
    breaking.add_argument("--reason", required=True, help="for the record")
    told: Any = parser.parse_args(arguments)
    try:
        table = table or default_table()
        if told.act == "break":
            break_lock(told.stage, told.holder, told.reason, table)
        _tell(*status(told.stage, table), told.stage)
    except Locked as error:
        print(error, file=sys.stderr)
        return _REFUSED
    except (ClientError, BotoCoreError, OSError) as error:
        print(f"the table of deployments cannot be read: {error}", file=sys.stderr)
        return _UNREADABLE
    return _DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
