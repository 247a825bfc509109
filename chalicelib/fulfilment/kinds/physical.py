"""Goods in a parcel: stock is all they need until staff ship them."""

from chalicelib.fulfilment.kinds.base import Parcel
from chalicelib.store import Found, Ref, Transaction


class PhysicalKind:
    name = "physical"
    ships = True
    most_units = 30 * 999

    def refs(self, tenant: str, sku_id: str) -> list[Ref]:
        return []

    def hold(self, tx: Transaction, parcel: Parcel, found: Found) -> None:
        """Nothing beyond stock."""

    def deliver(self, tx: Transaction, parcels: list[Parcel]) -> None:
        """A parcel is sent by hand; see orders' shipping."""

    def release(self, tx: Transaction, parcel: Parcel) -> None:
        """Nothing beyond stock."""
