"""Whose cart it is, how it is read and written, and what an order takes from it."""

from datetime import timedelta

from chalicelib.cart.entities import Cart
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text
from chalicelib.store import Event, Ref, Transaction, get, refuse_with, transaction

GUEST_PREFIX = "gst"
GUEST_CART_KEPT = timedelta(days=30)
"""Since its last change."""


class CartChanged(Conflict):
    """Another request of the same owner wrote the cart first. Read it again; never shown to a client."""

    code = "cart_changed"
    title = Text("The cart was changed meanwhile", "购物车刚被修改")


def owner_of(ctx: Context) -> str | None:
    """The signed-in person, else the guest whose id came along, else nobody."""
    return ctx.actor.id or ctx.guest_id or None


def cart_ref(ctx: Context) -> Ref:
    """The caller's cart. Raises LookupError when the caller is nobody."""
    owner = owner_of(ctx)
    if owner is None:
        raise LookupError("neither a customer nor a guest")
    return Cart.key.of(ctx.tenant, owner_id=owner)


def current(ctx: Context, owner_id: str, stored: Cart | None) -> Cart:
    """The cart as it counts now: a new one where none is stored, an empty one where a guest's has expired."""
    if stored is None:
        return Cart(tenant=ctx.tenant, owner_id=owner_id)
    if stored.is_expired(ctx.now):
        stored.lines = []
    return stored


def load(ctx: Context) -> Cart:
    """The caller's cart, empty if there is none. One GetItem; none for nobody's."""
    owner = owner_of(ctx)
    return current(ctx, owner or "", get(Cart, cart_ref(ctx)) if owner else None)


def save(tx: Transaction, cart: Cart) -> None:
    """Part `cart:<owner>`: the cart as it is now, unless somebody wrote it since (CartChanged)."""
    is_guests = cart.owner_id.startswith(f"{GUEST_PREFIX}_")
    cart.ttl = tx.ctx.now + GUEST_CART_KEPT if is_guests else None
    name = f"cart:{cart.owner_id}"
    if cart.version == 0:
        cart.version = 1
        tx.put(name, cart, refuse=refuse_with(CartChanged))
    else:
        tx.replace(name, cart, refuse=refuse_with(CartChanged))


def take_selected(tx: Transaction, cart: Cart) -> None:
    """Take out the selected lines, which are being ordered. Refuses with CartChanged: read it again."""
    cart.lines = [line for line in cart.lines if not line.selected]
    save(tx, cart)


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: the cart of who has left goes. One transaction; harmless when repeated."""
    with transaction(ctx) as tx:
        tx.delete("cart", Cart.key.of(ctx.tenant, owner_id=event.data["user_id"]))
