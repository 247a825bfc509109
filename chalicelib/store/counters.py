"""Rate limits: a counter per subject and window, in one conditional write."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from chalicelib.core.context import Context
from chalicelib.core.errors import TooMany
from chalicelib.store.attributes import Int, Text
from chalicelib.store.client import Unsure, call, error_code, table_name
from chalicelib.store.items import Item
from chalicelib.store.keys import Key, Ref


class RateWindow(Item, discriminator="rate"):
    """How often a subject did a thing in one window of time."""

    audited = False
    key = Key("RATE#{what}", "{subject}", "the count of one rate-limit window")

    what: Text = Text()
    subject: Text = Text()
    used: Int = Int()


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
