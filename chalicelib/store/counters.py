"""Rate limits that all processes share: token buckets, and counters of a window, each in a conditional write."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core.context import Context
from chalicelib.core.errors import TooMany
from chalicelib.store.attributes import Int, Text
from chalicelib.store.client import Unsure, call, error_code, table_name
from chalicelib.store.items import Item
from chalicelib.store.keys import Key, Ref

_MICRO = 1_000_000
_TURNS = 3
_MOST_SEEN = 10_000
_seen: dict[tuple[str, Ref], int] = {}


class RateWindow(Item, discriminator="rate"):
    """How often a subject did a thing in one window of time."""

    audited = False
    key = Key("RATE#{what}", "{subject}", "the count of one rate-limit window")

    what: Text = Text()
    subject: Text = Text()
    used: Int = Int()


class Bucket(Item, discriminator="bucket"):
    """A bucket of tokens, as one number: when it will be full again, in microseconds of the epoch (GCRA)."""

    key = Key("BUCKET#{what}", "{subject}", "the token bucket of one caller and one limit")

    what: Text = Text()
    subject: Text = Text()
    full_at: Int = Int()


def spend(ctx: Context, what: str, subject: str, *, limit: int, window_seconds: int) -> None:
    """Take one of `limit` tokens, which come back evenly over the window.

    Raises TooMany with the seconds until the next token. One UpdateItem, also when refused: an update cannot say
    "the later of both", so a full bucket and one in use take different ones; this process remembers which it was,
    and asks twice when that has changed. Exact under races. A lost answer may take a token twice, never none.
    """
    now = int(ctx.now.timestamp() * _MICRO)
    window = window_seconds * _MICRO
    each = max(1, window // limit)
    ref = Bucket.key.of(ctx.tenant, what=what, subject=subject)
    ttl = int(ctx.now.timestamp()) + 2 * window_seconds
    place = (table_name(), ref)
    full_at = _seen.get(place, 0)
    for _ in range(_TURNS):
        if full_at <= now:
            taken, full_at = _first_token(ref, now, now + each, ttl)
        else:
            taken, full_at = _next_token(ref, now, now + window - each, each, ttl)
        _see(place, full_at)
        if taken:
            return
        if (late := full_at + each - now - window) > 0:
            raise TooMany(retry_after=-(-late // _MICRO))
    raise TooMany(retry_after=1)  # the bucket was filled and used again between any two looks at it


def _first_token(ref: Ref, now: int, full_at: int, ttl: int) -> tuple[bool, int]:
    """Take a token of a full bucket. Whether it was full, and when it will be again."""
    said = {":full_at": full_at, ":now": now, ":ttl": ttl}
    return _update(
        ref,
        full_at,
        UpdateExpression="SET full_at = :full_at, #ttl = :ttl, #kind = :kind, tenant = :tenant",
        ConditionExpression="attribute_not_exists(full_at) OR full_at <= :now",
        ExpressionAttributeNames={"#ttl": "ttl", "#kind": "kind"},
        ExpressionAttributeValues={
            **{name: {"N": str(number)} for name, number in said.items()},
            ":kind": {"S": "bucket"},
            ":tenant": {"S": ref.tenant},
        },
    )


def _next_token(ref: Ref, now: int, latest: int, each: int, ttl: int) -> tuple[bool, int]:
    """Take a token of a bucket in use. Whether there was one, and when it will be full."""
    said = {":each": each, ":now": now, ":latest": latest, ":ttl": ttl}
    return _update(
        ref,
        latest + each,
        UpdateExpression="ADD full_at :each SET #ttl = :ttl",
        ConditionExpression="full_at > :now AND full_at <= :latest",
        ExpressionAttributeNames={"#ttl": "ttl"},
        ExpressionAttributeValues={name: {"N": str(number)} for name, number in said.items()},
    )


def _update(ref: Ref, if_unsure: int, **expressions: Any) -> tuple[bool, int]:
    try:
        answer = call(
            "UpdateItem",
            repeatable=False,
            TableName=table_name(),
            Key=ref.wire(),
            ReturnValues="UPDATED_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **expressions,
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        said: dict[str, Any] = dict(error.response)
        return False, int(said["Item"]["full_at"]["N"]) if said.get("Item") else 0
    except Unsure:
        return True, if_unsure
    return True, int(answer["Attributes"]["full_at"]["N"])


def _see(place: tuple[str, Ref], full_at: int) -> None:
    """A hint and no more: which of the two updates is the likelier one."""
    if len(_seen) >= _MOST_SEEN:
        _seen.clear()
    _seen[place] = full_at


def take(ctx: Context, what: str, subject: str, *, limit: int, window_seconds: int) -> None:
    """Count one use. Raises TooMany, with the seconds until the window ends, once `limit` uses were counted.

    One UpdateItem (1 WRU), also when refused. A lost answer may count a use twice, never forget one.
    """
    epoch = int(ctx.now.timestamp())
    ref, ends = _window(ctx, what, subject, window_seconds)
    gone = datetime.fromtimestamp(ends, UTC) + timedelta(seconds=window_seconds)
    try:
        call(
            "UpdateItem",
            repeatable=False,
            TableName=table_name(),
            Key=ref.wire(),
            UpdateExpression="ADD used :one SET #ttl = :ttl, #kind = :kind, tenant = :tenant",
            ConditionExpression="attribute_not_exists(used) OR used < :limit",
            ExpressionAttributeNames={"#ttl": "ttl", "#kind": "kind"},
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":limit": {"N": str(limit)},
                ":ttl": {"N": str(int(gone.timestamp()))},
                ":kind": {"S": "rate"},
                ":tenant": {"S": ctx.tenant},
            },
        )
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        raise TooMany(retry_after=ends - epoch) from None
    except Unsure:
        return


def give_back(ctx: Context, what: str, subject: str, *, window_seconds: int) -> None:
    """Take back one use that turned out to be none, in the same window. One UpdateItem; never fails its caller."""
    ref, _ = _window(ctx, what, subject, window_seconds)
    with suppress(ClientError, Unsure):
        call(
            "UpdateItem",
            repeatable=False,
            TableName=table_name(),
            Key=ref.wire(),
            UpdateExpression="ADD used :less",
            ConditionExpression="used >= :one",
            ExpressionAttributeValues={":less": {"N": "-1"}, ":one": {"N": "1"}},
        )


def _window(ctx: Context, what: str, subject: str, window_seconds: int) -> tuple[Ref, int]:
    """The window that `ctx.now` lies in, and the epoch second at which it ends."""
    ends = (int(ctx.now.timestamp()) // window_seconds + 1) * window_seconds
    return RateWindow.key.of(ctx.tenant, what=what, subject=f"{subject}@{ends}"), ends
