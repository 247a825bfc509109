"""How a cart changes. Two devices at once both win: who is outrun reads again and changes that."""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.cart.entities import MOST_LINES, Cart, CartLine
from chalicelib.cart.schemas import Select, SetLine
from chalicelib.cart.service import GUEST_PREFIX, CartChanged, load, owner_of, save
from chalicelib.cart.viewing import ShownCart, look_up, show
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Forbidden, NotFound
from chalicelib.core.text import Text
from chalicelib.store import again, transaction
from chalicelib.tenants import service as tenants
from chalicelib.tenants.parameters import GUEST_CARTS


class SkuNotFound(NotFound):
    code = "sku_not_found"
    title = Text("There is no such SKU for sale", "没有该在售商品")
    detail = Text("Look at the product again.", "请重新查看商品。")


class GuestCartsOff(Forbidden):
    code = "guest_carts_off"
    title = Text("This shop has no carts for visitors", "该店铺不支持访客购物车")
    detail = Text("Sign in or register first.", "请先登录或注册。")


class CartFull(Conflict):
    code = "cart_full"
    title = Text("The cart is full", "购物车已满")
    detail = Text(
        "A cart has at most {most} lines. Remove one first.", "购物车最多 {most} 行，请先移除一行。"
    )


def set_line(ctx: Context, sku_id: str, wish: SetLine) -> ShownCart:
    """Have this many of a SKU in the cart. A visitor without a cart is given one.

    Store calls: 3, 4 above 49 lines, more only after a lost race. Raises SkuNotFound, CartFull, GuestCartsOff.
    """
    if not ctx.actor.id and not tenants.is_on(ctx, GUEST_CARTS):
        raise GuestCartsOff
    if owner_of(ctx) is None:
        ctx = replace(ctx, guest_id=ctx.new_id(GUEST_PREFIX))
    return again(lambda: _set_once(ctx, sku_id, wish), CartChanged)


def _set_once(ctx: Context, sku_id: str, wish: SetLine) -> ShownCart:
    cart = load(ctx)
    offers = look_up(ctx, {sku_id, *(line.sku_id for line in cart.lines)}, consistent=True)
    offer, known = offers.of(sku_id), cart.line(sku_id)
    if offer is None:
        raise SkuNotFound
    if known is None and len(cart.lines) >= MOST_LINES:
        raise CartFull(most=MOST_LINES)
    selected = wish.selected if wish.selected is not None else known is None or known.selected
    line = CartLine(
        sku_id=sku_id,
        quantity=wish.quantity,
        selected=selected,
        title=offer.product.title,
        price=offer.sku.price,
        added_at=known.added_at if known else ctx.now,
    )
    cart.lines = [line if one is known else one for one in cart.lines] + ([] if known else [line])
    with transaction(ctx) as tx:
        save(tx, cart)
    return show(ctx, cart, offers)


def remove(ctx: Context, sku_id: str) -> ShownCart:
    """Have none of a SKU in the cart. Store calls: 3 at most, 2 when it was not there."""
    return _rewrite(ctx, lambda cart: [line for line in cart.lines if line.sku_id != sku_id])


def clear(ctx: Context) -> ShownCart:
    """Empty the cart. Store calls: 2, 1 when it was empty."""
    return _rewrite(ctx, lambda cart: [])


def select(ctx: Context, wish: Select) -> ShownCart:
    """Select lines for the order, or take them out of it. Store calls: 3 at most, 2 when nothing changed."""

    def chosen(cart: Cart) -> list[CartLine]:
        return [
            line.model_copy(update={"selected": wish.selected})
            if wish.sku_ids is None or line.sku_id in wish.sku_ids
            else line
            for line in cart.lines
        ]

    return _rewrite(ctx, chosen)


def _rewrite(ctx: Context, lines_of: Callable[[Cart], list[CartLine]]) -> ShownCart:
    return again(lambda: _rewrite_once(ctx, lines_of), CartChanged)


def _rewrite_once(ctx: Context, lines_of: Callable[[Cart], list[CartLine]]) -> ShownCart:
    cart = load(ctx)
    lines = lines_of(cart)
    if lines != cart.lines:
        cart.lines = lines
        with transaction(ctx) as tx:
            save(tx, cart)
    return show(ctx, cart)
