"""Delays that grow: a few tries are free, each one after that has to wait, longer every time.

A try is counted before anybody looks whether it is right, in one conditional write: however many come at once, no
more than the limit pass.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.core.errors import TooMany
from chalicelib.store.attributes import Instant, Int, Text
from chalicelib.store.client import Unsure, call, error_code, table_name
from chalicelib.store.items import Item
from chalicelib.store.keys import Key, Ref
from chalicelib.store.transactions import Transaction

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Policy:
    """`free` tries, then a wait of `first`, which doubles up to `longest`; all is forgotten after a pause."""

    free: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta

    def wait(self, tries: int) -> timedelta:
        """How long the next try has to wait after the last of so many."""
        if tries < self.free:
            return timedelta(0)
        doubled: timedelta = self.first * 2 ** min(tries - self.free, 20)
        return min(self.longest, doubled)


class Lockout(Item, discriminator="lockout"):
    """Tries in a row of one subject, and when the last of them came."""

    key = Key("LOCKOUT#{what}#{subject}", "LOCKOUT", "tries in a row that a growing delay follows")
    audited = False

    what: Text = Text()
    subject: Text = Text()
    tries: Int = Int(default=0)
    tried_at: Instant = Instant()


class _Full(Exception):
    """This try is not free."""

    def __init__(self, stood: Lockout) -> None:
        self.stood = stood


def count_try(ctx: Context, what: str, subject: str, policy: Policy) -> None:
    """Count one try. Raises TooMany, with the seconds to wait, and counts nothing then.

    One UpdateItem while tries are free, two after that. A lost answer may count a try twice, never forget one.
    """
    ref = Lockout.key.of(ctx.tenant, what=what, subject=subject)
    for _ in range(_ROUNDS):
        try:
            _count_free(ctx, ref, policy)
        except _Full as full:
            stood = full.stood
        else:
            return
        opens_at = stood.tried_at + policy.wait(stood.tries)
        if ctx.now < opens_at:
            raise TooMany(retry_after=-int((ctx.now - opens_at).total_seconds() // 1))
        if _count_after(ctx, ref, policy, stood):
            return
    raise TooMany(retry_after=1)


def forgive(tx: Transaction, what: str, subject: str) -> None:
    """Part `lockout`: whoever was right has no wrong tries behind them."""
    tx.delete("lockout", Lockout.key.of(tx.ctx.tenant, what=what, subject=subject))


def _count_free(ctx: Context, ref: Ref, policy: Policy) -> None:
    """Raises _Full with the item that says why this one is not."""
    try:
        _update(
            ctx,
            ref,
            policy,
            "ADD tries :one SET",
            "attribute_not_exists(tries) OR (tries < :free AND tried_at > :forgotten)",
            {
                ":one": {"N": "1"},
                ":free": {"N": str(policy.free)},
                ":forgotten": {"S": to_text(ctx.now - policy.forgotten_after)},
            },
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        old: Any = error.response.get("Item")
        raise _Full(Lockout.from_wire(old)) from None


def _count_after(ctx: Context, ref: Ref, policy: Policy, stood: Lockout) -> bool:
    """Count the one try that the delay has let through; False: another took it, or is first after the pause."""
    forgotten = ctx.now - stood.tried_at >= policy.forgotten_after
    try:
        _update(
            ctx,
            ref,
            policy,
            "SET tries = :tries,",
            "tries = :seen AND tried_at = :at",
            {
                ":tries": {"N": str(1 if forgotten else stood.tries + 1)},
                ":seen": {"N": str(stood.tries)},
                ":at": {"S": to_text(stood.tried_at)},
            },
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _update(
    ctx: Context, ref: Ref, policy: Policy, action: str, condition: str, values: dict[str, dict[str, str]]
) -> None:
    gone: datetime = ctx.now + policy.forgotten_after + policy.longest
    try:
        call(
            "UpdateItem",
            repeatable=False,
            TableName=table_name(),
            Key=ref.wire(),
            UpdateExpression=f"{action} tried_at = :now, #ttl = :ttl, #kind = :kind, tenant = :tenant",
            ConditionExpression=condition,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            ExpressionAttributeNames={"#ttl": "ttl", "#kind": "kind"},
            ExpressionAttributeValues={
                **values,
                ":now": {"S": to_text(ctx.now)},
                ":ttl": {"N": str(int(gone.timestamp()))},
                ":kind": {"S": "lockout"},
                ":tenant": {"S": ctx.tenant},
            },
        )
    except Unsure:
        return
