"""Rewriting items in place, for migrations alone: the kinds that one touches, by Scan, and each by a condition.

No index holds every item of a kind, so the whole table is read: a read unit for each 4 KB of it. Only the attributes
that a migration names are read and written. A write holds while each of them is as it was seen, so traffic that
changes one of them is never undone, and traffic that changes others is not even noticed; it raises the item's
version, so that whoever read the item before and writes it whole after is told to read it again.
"""

import contextvars
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.store import timers
from chalicelib.store.attributes import Wire
from chalicelib.store.client import call, error_code, table_name
from chalicelib.store.keys import Ref

ALWAYS = ("pk", "sk", "kind", "tenant")
"""What every migration sees and none may change."""
PAGE = 200
"""Items looked at between two notes of how far a walk is."""


class Overtaken(Exception):
    """The item is not as it was seen. `stands` is what it is now; None: it is gone, or of another kind."""

    def __init__(self, stands: Wire | None) -> None:
        super().__init__("an item changed before it was rewritten")
        self.stands = stands


class NotTaken(Exception):
    """DynamoDB does not take the item in this shape: it says why."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One page of a segment: the items of the kinds asked for, and where the next one begins."""

    items: list[Wire]
    looked_at: int
    """Items of all kinds that were read for it."""
    after: Ref | None
    """None: the segment is read."""


def stretch(
    kinds: Iterable[str], attributes: Iterable[str], *, segment: int, segments: int, after: Ref | None
) -> Stretch:
    """The next page of one segment, on from `after`. One Scan of at most `PAGE` items."""
    names = {f"#a{at}": name for at, name in enumerate([*ALWAYS, *sorted(attributes)])}
    wanted = {f":k{at}": {"S": kind} for at, kind in enumerate(sorted(kinds))}
    where: dict[str, Any] = {"ExclusiveStartKey": after.wire()} if after else {}
    answer = call(
        "Scan",
        TableName=table_name(),
        ConsistentRead=True,
        Limit=PAGE,
        Segment=segment,
        TotalSegments=segments,
        FilterExpression=f"#a{ALWAYS.index('kind')} IN ({', '.join(wanted)})",
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=wanted,
        **where,
    )
    last = answer.get("LastEvaluatedKey")
    return Stretch(
        answer["Items"], answer["ScannedCount"], Ref(last["pk"]["S"], last["sk"]["S"]) if last else None
    )


def rewrite(seen: Wire, wanted: Wire, attributes: Iterable[str]) -> None:
    """Make an item that was seen as it is wanted. One UpdateItem, safe to repeat.

    Raises Overtaken when one of `attributes` is not as it was seen, NotTaken when DynamoDB refuses the shape.
    """
    names, values = {"#version": "version", "#kind": "kind"}, {":one": {"N": "1"}, ":kind": seen["kind"]}
    conditions, sets, removes = ["#kind = :kind"], [], []
    for at, name in enumerate(sorted(attributes)):
        names[f"#a{at}"] = name
        if name in seen:
            values[f":s{at}"] = seen[name]
            conditions.append(f"#a{at} = :s{at}")
        else:
            conditions.append(f"attribute_not_exists(#a{at})")
        if wanted.get(name) == seen.get(name):
            continue
        if name in wanted:
            values[f":w{at}"] = wanted[name]
            sets.append(f"#a{at} = :w{at}")
        else:
            removes.append(f"#a{at}")
    actions = [f"SET {', '.join(sets)}"] if sets else []
    actions += [f"REMOVE {', '.join(removes)}"] if removes else []
    try:
        call(
            "UpdateItem",
            TableName=table_name(),
            Key={"pk": seen["pk"], "sk": seen["sk"]},
            UpdateExpression=" ".join([*actions, "ADD #version :one"]),
            ConditionExpression=" AND ".join(conditions),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )
    except ClientError as error:
        if error_code(error) == "ConditionalCheckFailedException":
            stands: Any = error.response.get("Item")
            raise Overtaken(_as_seen(stands, seen, attributes)) from None
        if error_code(error) == "ValidationException":
            raise NotTaken(str(error.response["Error"].get("Message", ""))) from error
        raise


def _as_seen(stands: Wire | None, seen: Wire, attributes: Iterable[str]) -> Wire | None:
    if not stands or stands.get("kind") != seen["kind"]:
        return None
    return {name: stands[name] for name in (*ALWAYS, *attributes) if name in stands}


def side_by_side(work: Callable[[int], None], segments: int) -> None:
    """Every segment at once; one after another where the engine cannot stand threads. Raises what the first raised."""
    if timers.threads == 1 or segments == 1:
        for segment in range(segments):
            work(segment)
        return
    with ThreadPoolExecutor(segments) as pool:
        jobs = [pool.submit(contextvars.copy_context().run, work, segment) for segment in range(segments)]
        for job in jobs:
            job.result()
