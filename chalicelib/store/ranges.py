"""Everything of one tenant: the one key range that begins with its slug. For exports, restores and deletions, never a
request.

DynamoDB can ask for one partition or for all of them. A tenant has many, so its range is read by a Scan of the whole
table with a filter: it costs a read unit for each 4 KB of the *table*. It may be split into segments that are read
side by side, and taken up again where it stopped.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import Unavailable
from chalicelib.store.attributes import Wire
from chalicelib.store.client import call, pause, table_name
from chalicelib.store.keys import SEPARATOR, Ref, part

_MOST_DELETES = 25
"""What BatchWriteItem takes."""
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One page of a segment: the tenant's items in it, and where the next one begins."""

    items: list[Wire]
    looked_at: int
    """Items of all tenants that were read for it."""
    after: Wire | None
    """None: the segment is read."""


def read(
    tenant: str | None,
    *,
    segment: int = 0,
    segments: int = 1,
    after: Wire | None = None,
    only: Iterable[str] = (),
    table: str | None = None,
) -> Iterator[Piece]:
    """One segment of a tenant's items, a page at a time, from the start or on from where a piece ended.

    None is every tenant. `only` names the attributes to bring along; `table` is another than the shop's own, with the
    same keys. One Scan a MB of the table.
    """
    names = {f"#n{at}": name for at, name in enumerate(only)}
    parameters: dict[str, Any] = {
        "TableName": table or table_name(),
        "ConsistentRead": True,
        "Segment": segment,
        "TotalSegments": segments,
    }
    if names:
        parameters["ProjectionExpression"] = ", ".join(names)
    if tenant is not None:
        parameters["FilterExpression"] = "begins_with(#pk, :range)"
        parameters["ExpressionAttributeValues"] = {":range": {"S": f"{part(tenant)}{SEPARATOR}"}}
        names["#pk"] = "pk"
    if names:
        parameters["ExpressionAttributeNames"] = names
    while True:
        if after:
            parameters["ExclusiveStartKey"] = after
        answer = call("Scan", **parameters)
        after = answer.get("LastEvaluatedKey")
        yield Piece(answer["Items"], answer["ScannedCount"], after)
        if after is None:
            return


def delete(refs: Iterable[Ref]) -> int:
    """Delete items whatever they are; answers how many. Repeating it is harmless. One BatchWriteItem for 25."""
    waiting = [{"DeleteRequest": {"Key": ref.wire()}} for ref in dict.fromkeys(refs)]
    count, attempt, deadline = len(waiting), 0, time.monotonic() + _PATIENCE_SECONDS
    while waiting:
        batch, waiting = waiting[:_MOST_DELETES], waiting[_MOST_DELETES:]
        answer = call("BatchWriteItem", RequestItems={table_name(): batch})
        left = answer.get("UnprocessedItems", {}).get(table_name(), [])
        if left:
            if time.monotonic() > deadline:
                raise Unavailable
            waiting = left + waiting
            time.sleep(pause(attempt))
            attempt += 1
    return count
