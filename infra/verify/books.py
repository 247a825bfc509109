"""A whole table in memory, by kind and address: what the checks fold over."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chalicelib.audit.entities import ChainHead, ChainLink
from chalicelib.fulfilment.entities import CardKey, CardKeyPool
from chalicelib.inventory.entities import Reservation, Stock, StockMove
from chalicelib.media.entities import StorageUsage, Upload
from chalicelib.orders.entities import Order, OrderBook
from chalicelib.payments.entities import Payment, Refund
from chalicelib.points.entities import PointsAccount, PointsEntry
from chalicelib.store import AuditEntry, Item
from chalicelib.tenants.entities import HostBinding, Tenant, TenantRow

Wire = dict[str, Any]
I = TypeVar("I", bound=Item)

KINDS: tuple[type[Item], ...] = (
    Stock,
    StockMove,
    Reservation,
    Order,
    OrderBook,
    Payment,
    Refund,
    CardKey,
    CardKeyPool,
    PointsAccount,
    PointsEntry,
    Upload,
    StorageUsage,
    Tenant,
    TenantRow,
    HostBinding,
    AuditEntry,
    ChainLink,
    ChainHead,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up: which rule, what, and the item it was seen on."""

    rule: str
    what: str
    item: Item


@dataclass(slots=True)
class Books:
    by_kind: dict[type[Item], list[Item]] = field(default_factory=lambda: defaultdict(list))

    def all(self, kind: type[I]) -> Iterator[I]:
        for item in self.by_kind[kind]:
            assert isinstance(item, kind)  # noqa: S101 - `read` sorted them
            yield item


def read(wires: Iterable[Wire]) -> Books:
    """Sort a table's items by kind; kinds no check looks at are left out."""
    books = Books()
    known = {kind.item_kind.get_discriminator(kind): kind for kind in KINDS}
    for wire in wires:
        kind = known.get(wire["kind"]["S"])
        if kind is not None:
            books.by_kind[kind].append(kind.from_wire(wire))
    return books
