"""The cost meter: store calls, read units and write units of one request, as DynamoDB itself reports them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"})


@dataclass(slots=True)
class Meter:
    calls: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    operations: list[str] = field(default_factory=list)
    outer: "Meter | None" = None
    """The meter this one was opened inside of: it counts along."""

    def count(self, operation: str, answer: dict[str, Any] | None) -> None:
        self.calls += 1
        self.operations.append(operation)
        consumed = (answer or {}).get("ConsumedCapacity") or []
        units = sum(
            entry.get("CapacityUnits", 0.0)
            for entry in (consumed if isinstance(consumed, list) else [consumed])
        )
        if operation in _READS:
            self.read_units += units
        else:
            self.write_units += units
        if self.outer is not None:
            self.outer.count(operation, answer)

    def header(self) -> str:
        return f"calls={self.calls}; rru={self.read_units:g}; wru={self.write_units:g}"


_meter: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metering() -> Iterator[Meter]:
    """Count every store call made inside the block (and in threads that copy its context)."""
    meter = Meter(outer=_meter.get())
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


def count(operation: str, answer: dict[str, Any] | None) -> None:
    meter = _meter.get()
    if meter is not None:
        meter.count(operation, answer)
