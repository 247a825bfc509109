"""The protocol of a kind."""

from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.store import Found, Ref, Transaction


@dataclass(slots=True)
class Parcel:
    """One order line as a kind sees it. `held` is what `hold` set aside; the order keeps it."""

    order_id: str
    customer_id: str
    sku_id: str
    title: str
    quantity: int
    held: list[int] = field(default_factory=list)


class Kind(Protocol):
    name: str
    ships: bool
    """Whether a line needs an address and a parcel; otherwise it delivers itself when paid."""
    most_units: int
    """Units one order may hold of this kind, so that its transactions stay inside DynamoDB's limits."""

    def refs(self, tenant: str, sku_id: str) -> list[Ref]:
        """What placing has to read for a line, beside its product."""
        ...

    def hold(self, tx: Transaction, parcel: Parcel, found: Found) -> None:
        """Set aside what the line needs beyond stock, filling `parcel.held`. Refuses with PoolMoved, OutOfStock."""
        ...

    def deliver(self, tx: Transaction, parcels: list[Parcel]) -> None:
        """The order's lines of this kind are paid: hand over, in the settling transaction."""
        ...

    def release(self, tx: Transaction, parcel: Parcel) -> None:
        """The order closed unpaid: give back what `hold` set aside."""
        ...
