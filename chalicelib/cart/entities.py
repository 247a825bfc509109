"""The cart: one item, its lines inside."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.core.money import Money
from chalicelib.store import Int, Item, Key, Text, Value

MOST_LINES = 100
MOST_UNITS = 999
"""Of one SKU."""


class CartLine(BaseModel):
    """One SKU in a cart. Title and price are as when it was put there, to tell what changed."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    sku_id: str
    quantity: Annotated[int, Field(ge=1, le=MOST_UNITS)]
    selected: bool = True
    title: str
    price: Money
    added_at: datetime


class Cart(Item, discriminator="cart"):
    """What one customer, or one guest, means to buy. A guest's has a `ttl`."""

    key = Key("CUSTOMER#{owner_id}", "CART", "the cart of a customer or of a guest")

    owner_id: Text = Text()
    lines: Value[list[CartLine]] = Value(list[CartLine], default=list)
    version: Int = Int(default=0)
    """0 until it is written: a cart that is in the table has at least 1."""

    def line(self, sku_id: str) -> CartLine | None:
        return next((line for line in self.lines if line.sku_id == sku_id), None)
