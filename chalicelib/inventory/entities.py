"""Stock of a SKU, and reservations of it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.core import ids
from chalicelib.store import Instant, Int, Item, Key, OptionalText, Ref, Text, Value


class Stock(Item, discriminator="stock"):
    """The units of one SKU. `available + reserved` is what lies in the warehouse; `sold` only grows."""

    key = Key("PRODUCT#{product_id}", "STOCK#{sku_id}", "the stock of one SKU (with its product: one Query)")

    product_id: Text = Text()
    sku_id: Text = Text()
    available: Int = Int()
    reserved: Int = Int(default=0)
    sold: Int = Int(default=0)
    opened_with: Int = Int(default=0)
    """Units it began with: with the stock ledger they must add up to what there is and what was sold."""
    counted: Text = Text(default="units")
    """`units` are counted by hand; `keys` are as many as there are card keys, and change only with those."""


def stock_ref(tenant: str, sku_id: str) -> Ref:
    return Stock.key.of(tenant, product_id=ids.product_of(sku_id), sku_id=sku_id)


class Held(BaseModel):
    """Units of one SKU inside a reservation; one entry per SKU, demands already summed (B2)."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    sku_id: str
    quantity: Annotated[int, Field(ge=1)]


ReservationState = Literal["held", "deducted", "released"]


class Reservation(Item, discriminator="reservation"):
    """Stock held for one order or one outside caller, until it is deducted, released or due. It ends once (B3)."""

    key = Key("RESERVATION#{reservation_id}", "RESERVATION", "one reservation by id")

    reservation_id: Text = Text()
    state: Text = Text()
    lines: Value[list[Held]] = Value(list[Held])
    holder: Text = Text()
    """`order` or `external`: who answers for its end."""
    holder_id: Text = Text()
    """The order, or the caller's own reference."""
    customer_id: OptionalText = OptionalText(default=None)
    created_at: Instant = Instant()
    expires_at: Instant = Instant()


class StockMove(Item, discriminator="stock_move"):
    """One line of a SKU's stock ledger: what staff changed, by how much, why."""

    key = Key("STOCK_LEDGER#{sku_id}", "{created_at}#{move_id}", "the stock ledger of a SKU, by time")

    sku_id: Text = Text()
    move_id: Text = Text()
    created_at: Instant = Instant()
    delta: Int = Int()
    reason: Text = Text()
    actor_id: Text = Text()
