"""How large DynamoDB takes an item to be: the rules of its page on item sizes, and the units that follow.

The rules (docs.aws.amazon.com/amazondynamodb, "Item sizes and formats"): names and strings count in UTF-8 bytes, a
number one byte for each two digits and one more, a map or list three bytes and one for each element. What is stored
is billed with 100 bytes more for each item, and again for each index entry. What must be assumed, because no page
read says it: an index entry written by a transaction costs as the item does, twice a plain write.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from infra.local import template

Wire = dict[str, Any]

WRITE_UNIT = 1024
READ_UNIT = 4096
STORED_OVERHEAD = 100
"""Bytes billed for each stored item and index entry, beside the item itself."""
_KEYS = ("pk", "sk")


def value_size(value: dict[str, Any]) -> int:
    """Bytes of one attribute value in DynamoDB's JSON."""
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(str(held).encode())
        case "N":
            return _number_size(str(held))
        case "B":
            return len(held) if isinstance(held, bytes) else len(base64.b64decode(held))
        case "BOOL" | "NULL":
            return 1
        case "M":
            return 3 + sum(len(name.encode()) + value_size(one) + 1 for name, one in held.items())
        case "L":
            return 3 + sum(value_size(one) + 1 for one in held)
        case "SS" | "NS" | "BS":
            return sum(value_size({kind[0]: one}) for one in held)
    raise ValueError(f"DynamoDB knows no type {kind!r}")


def _number_size(text: str) -> int:
    digits = Decimal(text).normalize().as_tuple().digits
    return math.ceil(len(digits) / 2) + 1 + text.startswith("-")


def item_size(item: Wire) -> int:
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


@cache
def _indexes() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Index → its own key attributes, and all that it carries."""
    declared = template.load()["Resources"][template.TABLE]["Properties"]["GlobalSecondaryIndexes"]
    found = {}
    for index in declared:
        own = tuple(one["AttributeName"] for one in index["KeySchema"])
        more = tuple(index["Projection"].get("NonKeyAttributes", ()))
        found[index["IndexName"]] = (own, (*_KEYS, *own, *more))
    return found


def entries(item: Wire | None) -> dict[str, Wire]:
    """Index → what stands there of this item."""
    if item is None:
        return {}
    return {
        name: {attribute: item[attribute] for attribute in carried if attribute in item}
        for name, (own, carried) in _indexes().items()
        if all(attribute in item for attribute in own)
    }


def stored_bytes(item: Wire | None) -> int:
    """What is billed as storage for an item, its index entries included."""
    if item is None:
        return 0
    return sum(item_size(one) + STORED_OVERHEAD for one in (item, *entries(item).values()))


def write_units(before: Wire | None, after: Wire | None) -> int:
    """Units of one plain write that turned `before` into `after`; a transaction takes twice as many."""
    return sum(units for _, units in written(before, after))


def written(before: Wire | None, after: Wire | None) -> Iterator[tuple[str, int]]:
    """Each partition that such a write goes to, as `by_state: <partition>`, and its units there.

    The larger of the two images counts. An index whose entry does not change costs nothing; one whose key changes is
    written twice.
    """
    yield f"table: {_partition(after or before, 'pk')}", _units(before, after)
    old, new = entries(before), entries(after)
    for index, (own, _) in _indexes().items():
        was, now = old.get(index), new.get(index)
        if was == now:
            continue
        if was is not None and now is not None and all(was[name] == now[name] for name in own):
            yield f"{index}: {_partition(now, own[0])}", _units(was, now)
            continue
        for one in (was, now):
            if one is not None:
                yield f"{index}: {_partition(one, own[0])}", _units(one, None)


def _partition(item: Wire | None, name: str) -> str:
    return str((item or {})[name]["S"])


def _units(before: Wire | None, after: Wire | None) -> int:
    largest = max(item_size(one) for one in (before, after) if one is not None)
    return math.ceil(largest / WRITE_UNIT)


def read_units(sizes: list[int], *, consistent: bool, together: bool) -> float:
    """Units of reading items of these sizes: `together` in one Query, or each by its key. Nothing found costs as
    much as the smallest item."""
    if together or not sizes:
        whole = max(1, math.ceil(sum(sizes) / READ_UNIT))
    else:
        whole = sum(max(1, math.ceil(size / READ_UNIT)) for size in sizes)
    return whole if consistent else whole / 2
