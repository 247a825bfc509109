"""Reads: one item, many items in one call, one page of a list."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chalicelib.core.errors import Unavailable
from chalicelib.store.attributes import Wire
from chalicelib.store.client import call, pause, table_name
from chalicelib.store.cursors import seal, unseal
from chalicelib.store.handling import met
from chalicelib.store.items import Item, card_of
from chalicelib.store.keys import INDEX_KEYS, Key, Ref

T = TypeVar("T")
I = TypeVar("I", bound=Item)

MOST_KEYS = 100
_FILL_ROWS = 200
_MOST_FILLS = 5


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    data: list[T]
    next_cursor: str | None = None


def get(of: type[I], ref: Ref, *, consistent: bool = True) -> I | None:
    """One item, or None. One GetItem: 1 RRU per 4 KB (half when not consistent)."""
    answer = call("GetItem", TableName=table_name(), Key=ref.wire(), ConsistentRead=consistent)
    wire = answer.get("Item")
    if not wire:
        return None
    met(wire)
    return of.from_wire(wire)


class Found:
    """The answer of `get_many` and `collection`: items by address, typed on the way out."""

    def __init__(self, wires: dict[Ref, Wire]) -> None:
        self._wires = wires

    def one(self, of: type[I], ref: Ref) -> I | None:
        wire = self._wires.get(ref)
        return of.from_wire(wire) if wire else None

    def __contains__(self, ref: Ref) -> bool:
        return ref in self._wires

    def wires(self) -> Iterable[Wire]:
        """Every item as stored, for who copies them."""
        return self._wires.values()

    def all(self, of: type[I]) -> list[I]:
        """Every item of this kind, in the order in which they were read."""
        kind = of.item_kind.get_discriminator(of)
        return [of.from_wire(wire) for wire in self._wires.values() if wire["kind"]["S"] == kind]


def get_many(refs: Iterable[Ref], *, consistent: bool = True, table: str | None = None) -> Found:
    """Up to 100 items in one BatchGetItem (more in several); duplicates are asked for once.

    `table` is another than the shop's own, with the same keys.
    """
    table = table or table_name()
    waiting = list(dict.fromkeys(refs))
    found: dict[Ref, Wire] = {}
    deadline, attempt = time.monotonic() + 5.0, 0
    while waiting:
        batch, waiting = waiting[:MOST_KEYS], waiting[MOST_KEYS:]
        request = {"Keys": [ref.wire() for ref in batch], "ConsistentRead": consistent}
        answer = call("BatchGetItem", RequestItems={table: request})
        for wire in answer.get("Responses", {}).get(table, []):
            found[Ref(wire["pk"]["S"], wire["sk"]["S"])] = wire
            met(wire)
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        if left:
            waiting = [Ref(key["pk"]["S"], key["sk"]["S"]) for key in left] + waiting
            if time.monotonic() > deadline:
                raise Unavailable
            time.sleep(pause(attempt))
            attempt += 1
    return Found(found)


def _query(
    key: Key, pk: str, prefix: str, *, newest_first: bool, limit: int | None, start: Wire | None
) -> dict[str, Any]:
    pk_name, sk_name = INDEX_KEYS[key.index]
    parameters: dict[str, Any] = {
        "TableName": table_name(),
        "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": pk_name},
        "ExpressionAttributeValues": {":p": {"S": pk}},
        "ScanIndexForward": not newest_first,
    }
    if limit is not None:
        parameters["Limit"] = limit
    if prefix:
        parameters["KeyConditionExpression"] += " AND begins_with(#s, :s)"
        parameters["ExpressionAttributeNames"]["#s"] = sk_name
        parameters["ExpressionAttributeValues"][":s"] = {"S": prefix}
    if key.index == "table":
        parameters["ConsistentRead"] = True
    else:
        parameters["IndexName"] = key.index
    if start:
        parameters["ExclusiveStartKey"] = start
    return call("Query", **parameters)


def collection(tenant: str, key: Key, **fields: Any) -> Found:
    """Everything in one partition of the table, whatever its kind. One Query for each MB of it."""
    pk = key.partition(tenant, **fields)
    found: dict[Ref, Wire] = {}
    start: Wire | None = None
    while True:
        answer = _query(key, pk, "", newest_first=False, limit=None, start=start)
        for wire in answer["Items"]:
            found[Ref(wire["pk"]["S"], wire["sk"]["S"])] = wire
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return Found(found)


def _position(wire: Wire, key: Key) -> dict[str, str]:
    names = {"pk", "sk", *INDEX_KEYS[key.index]}
    return {name: wire[name]["S"] for name in names}


def _page(
    key: Key,
    pk: str,
    prefix: str,
    *,
    limit: int,
    cursor: str | None,
    newest_first: bool,
    keep: Callable[[Wire], bool] | None,
    filters: str,
) -> tuple[list[Wire], str | None]:
    query = f"{key.index}|{pk}|{prefix}|{newest_first}|{filters}"
    start = {name: {"S": text} for name, text in unseal(cursor, query).items()} if cursor else None
    kept: list[Wire] = []
    last: dict[str, str] = {}
    for _ in range(_MOST_FILLS if keep else 1):
        want = limit - len(kept) + 1
        answer = _query(
            key,
            pk,
            prefix,
            newest_first=newest_first,
            limit=max(want, _FILL_ROWS) if keep else want,
            start=start,
        )
        for wire in answer["Items"]:
            if keep is None or keep(wire):
                if len(kept) == limit:
                    return kept, seal(last, query)
                kept.append(wire)
            last = _position(wire, key)
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return kept, None
    return kept, seal({name: value["S"] for name, value in start.items()}, query) if start else None


def items(
    of: type[I],
    tenant: str,
    key: Key,
    *,
    limit: int = MOST_KEYS,
    cursor: str | None = None,
    newest_first: bool = False,
    keep: Callable[[I], bool] | None = None,
    filters: str = "",
    **fields: Any,
) -> Page[I]:
    """One page of whole items under a table key; `fields` fill the key's template as far as they go."""
    wires, after = _page(
        key,
        key.partition(tenant, **fields),
        key.prefix(**fields),
        limit=limit,
        cursor=cursor,
        newest_first=newest_first,
        keep=None if keep is None else lambda wire: keep(of.from_wire(wire)),
        filters=filters,
    )
    return Page([of.from_wire(wire) for wire in wires], after)


def rows(
    tenant: str,
    key: Key,
    *,
    limit: int,
    cursor: str | None = None,
    newest_first: bool = True,
    keep: Callable[[dict[str, Any]], bool] | None = None,
    filters: str = "",
    **fields: Any,
) -> Page[dict[str, Any]]:
    """One page of a list index: the `card` of each item. One Query, unless `keep` has to read on to fill the page.

    With `keep`, up to five Queries of 200 rows; then the page may be short while `next_cursor` is set.
    `filters` must name everything `keep` depends on: the cursor is bound to it.
    """
    wires, after = _page(
        key,
        key.partition(tenant, **fields),
        key.prefix(**fields),
        limit=limit,
        cursor=cursor,
        newest_first=newest_first,
        keep=None if keep is None else lambda wire: keep(card_of(wire)),
        filters=filters,
    )
    return Page([card_of(wire) for wire in wires], after)
