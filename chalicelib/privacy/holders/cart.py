"""What lies in the cart."""

from typing import Any

from chalicelib.cart import service as cart
from chalicelib.core.context import Context
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _cart(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    return Page([line.model_dump(mode="json") for line in cart.load(ctx).lines])


HOLDERS = (Holder("cart", _cart),)
