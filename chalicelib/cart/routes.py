"""The cart of whoever asks: a customer's by their token, a guest's by the id their device keeps."""

from chalicelib.cart import changing, merging, service, viewing
from chalicelib.cart.changing import CartFull, GuestCartsOff, SkuNotFound
from chalicelib.cart.schemas import CartQuoteView, CartView, Merge, MergedCartView, Select, SetLine
from chalicelib.cart.viewing import ShownCart
from chalicelib.core.context import Context
from chalicelib.http import CUSTOMER, CUSTOMER_OR_GUEST, Idempotent, RateLimit, Routes
from chalicelib.inventory.schemas import SkuId

routes = Routes("cart")


@routes.get("/v1/cart", permission=CUSTOMER_OR_GUEST, answer=CartView)
def read_cart(ctx: Context) -> ShownCart:
    """The cart at today's prices, with what is wrong with a line: sold out, too few, dearer, off the shelf.

    A guest sends X-Guest-Cart: gst_<ULID>; without it the cart is empty.
    """
    return viewing.show(ctx, service.load(ctx))


@routes.delete("/v1/cart", permission=CUSTOMER_OR_GUEST, answer=CartView)
def clear_cart(ctx: Context) -> ShownCart:
    """Empty the cart."""
    return changing.clear(ctx)


@routes.put(
    "/v1/cart/items/{sku_id}",
    permission=CUSTOMER_OR_GUEST,
    answer=CartView,
    rate_limit=RateLimit(60, 60, per="guest"),
    errors=[SkuNotFound, CartFull, GuestCartsOff],
)
def set_cart_item(ctx: Context, sku_id: SkuId, body: SetLine) -> ShownCart:
    """Have this many of a SKU in the cart. A guest without a cart is given one: keep its `guest_id`."""
    return changing.set_line(ctx, sku_id, body)


@routes.delete("/v1/cart/items/{sku_id}", permission=CUSTOMER_OR_GUEST, answer=CartView)
def remove_cart_item(ctx: Context, sku_id: SkuId) -> ShownCart:
    """Take a SKU out of the cart; the same when it is not there."""
    return changing.remove(ctx, sku_id)


@routes.post("/v1/cart/select", permission=CUSTOMER_OR_GUEST, answer=CartView)
def select_cart_items(ctx: Context, body: Select) -> ShownCart:
    """Select or unselect lines, or all of them (`sku_ids: null`)."""
    return changing.select(ctx, body)


@routes.post("/v1/cart/quote", permission=CUSTOMER_OR_GUEST, answer=CartQuoteView)
def quote_cart(ctx: Context) -> ShownCart:
    """What the selected lines cost, and what each rule did about it."""
    return viewing.show(ctx, service.load(ctx))


@routes.post("/v1/cart/merge", permission=CUSTOMER, answer=MergedCartView, idempotent=Idempotent.ACCEPTED)
def merge_cart(ctx: Context, body: Merge) -> ShownCart:
    """Add lines, and those of the guest cart named by X-Guest-Cart, to the customer's own cart.

    Quantities are summed, capped by stock and 999; `problems` tells what could not be added. The guest
    cart is empty afterwards.
    """
    return merging.merge(ctx, body)
