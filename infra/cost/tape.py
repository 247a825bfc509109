"""What one act asks of the store, taken down beside it: each call, and each change as the table's stream tells it.

The emulator reports capacity for most calls, but none for BatchGetItem, and charges an index entry in a transaction
once (docs/development.md, Tests). So units are counted here from the sizes of what was read and written, and never
below what the emulator itself reports.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.cost import sizes
from infra.cost.sizes import Wire

ANY_SHARD = "*"
_OF_ONE_THING = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|@|[0-9a-f]{20}|[0-9]{8}")
"""An id, a mailbox, a fingerprint, a number."""
_SHARD = re.compile(r"^(due: .+)#[0-9]+$")
TRANSACTION = "TransactWriteItems"
_READS = frozenset({"GetItem", "BatchGetItem", "Query", "TransactGetItems"})
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


@dataclass(slots=True)
class Call:
    operation: str
    asked: dict[str, Any]
    answered: dict[str, Any]

    @property
    def refused(self) -> bool:
        """A refused write is charged, and leaves no record in the stream."""
        return "Error" in self.answered

    @property
    def reported(self) -> float:
        """Units, as the engine says."""
        consumed = self.answered.get("ConsumedCapacity") or []
        entries = consumed if isinstance(consumed, list) else [consumed]
        return float(sum(entry.get("CapacityUnits", 0.0) for entry in entries))


@dataclass(slots=True)
class Tape:
    """Listens to a client of botocore's."""

    calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self, client: Any) -> Iterator[Tape]:
        events = client.meta.events
        events.register("provide-client-params.dynamodb", self._asked)
        events.register("after-call.dynamodb", self._answered)
        try:
            yield self
        finally:
            events.unregister("provide-client-params.dynamodb", self._asked)
            events.unregister("after-call.dynamodb", self._answered)

    def _asked(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["souk_asked"] = params

    def _answered(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        with self._lock:
            self.calls.append(Call(model.name, context.get("souk_asked", {}), parsed))

    def take(self) -> list[Call]:
        with self._lock:
            taken, self.calls = self.calls, []
        return taken


def read_units(calls: list[Call]) -> float:
    return sum(max(call.reported, _read_units(call)) for call in calls if call.operation in _READS)


def _read_units(call: Call) -> float:
    match call.operation:
        case "GetItem":
            found = [call.answered["Item"]] if "Item" in call.answered else []
            return _of(found, consistent=call.asked.get("ConsistentRead", False), together=False)
        case "Query":
            consistent = call.asked.get("ConsistentRead", False)
            return _of(call.answered.get("Items", []), consistent=consistent, together=True)
        case "BatchGetItem":
            return _batch_units(call)
    return 0.0


def _of(found: list[Wire], *, consistent: bool, together: bool) -> float:
    return sizes.read_units(
        [sizes.item_size(item) for item in found], consistent=consistent, together=together
    )


def _batch_units(call: Call) -> float:
    """Each key on its own; one that is not there costs as much as a small item."""
    units = 0.0
    for table, request in call.asked["RequestItems"].items():
        found = call.answered.get("Responses", {}).get(table, [])
        consistent = request.get("ConsistentRead", False)
        missing = len(request["Keys"]) - len(found)
        if found:
            units += _of(found, consistent=consistent, together=False)
        units += missing * sizes.read_units([], consistent=consistent, together=False)
    return units


def write_units(calls: list[Call], changes: list[Change]) -> float:
    """From the images before and after; a write that changed nothing, and a check, cost their smallest."""
    images: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        images[change.key].append(change)
    total = 0.0
    for call in calls:
        if call.operation not in _WRITES and call.operation != TRANSACTION:
            continue
        times = 2 if call.operation == TRANSACTION else 1
        counted = sum(times * (1 if call.refused else _written(images, key)) for key in _keys_of(call))
        total += max(call.reported, float(counted))
    return total


def _keys_of(call: Call) -> list[tuple[str, str]]:
    actions = call.asked["TransactItems"] if call.operation == TRANSACTION else [{call.operation: call.asked}]
    return [_key_of(part) for action in actions for part in action.values()]


def _written(images: dict[tuple[str, str], list[Change]], key: tuple[str, str]) -> int:
    known = images.get(key)
    return known.pop(0).write_units if known else 1


def _key_of(part: dict[str, Any]) -> tuple[str, str]:
    held = part.get("Key") or part["Item"]
    return held["pk"]["S"], held["sk"]["S"]


def kinds(calls: list[Call]) -> Counter[str]:
    """How many calls are reads, plain writes, transactions: each waits for its own time."""
    named = {TRANSACTION: "transactions"}
    return Counter(
        named.get(call.operation, "reads" if call.operation in _READS else "writes") for call in calls
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One record of the table's stream."""

    key: tuple[str, str]
    before: Wire | None
    after: Wire | None

    @classmethod
    def of(cls, record: dict[str, Any]) -> Change:
        told = record["dynamodb"]
        keys = told["Keys"]
        return cls((keys["pk"]["S"], keys["sk"]["S"]), told.get("OldImage"), told.get("NewImage"))

    @property
    def write_units(self) -> int:
        return sizes.write_units(self.before, self.after)

    def shared(self) -> Iterator[tuple[str, int]]:
        """Units in a transaction, in partitions that stand for no single thing: all their writers meet there."""
        for partition, units in sizes.written(self.before, self.after):
            if not _OF_ONE_THING.search(partition):
                yield _SHARD.sub(rf"\1#{ANY_SHARD}", partition), 2 * units

    @property
    def kind(self) -> str:
        return str((self.after or self.before or {})["kind"]["S"])

    @property
    def stored(self) -> int:
        """Bytes that storage grew by."""
        return sizes.stored_bytes(self.after) - sizes.stored_bytes(self.before)

    def days(self, now: float) -> int | None:
        """For how long it is kept; None: for good."""
        ends = (self.after or self.before or {}).get("ttl")
        return None if ends is None else max(0, round((float(ends["N"]) - now) / 86_400))
