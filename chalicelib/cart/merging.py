"""Merging what a guest, or another device, had put aside into a customer's cart.

Quantities are summed, then capped by what is available and by 999; a line never shrinks. What could not be
taken is told line by line and fails nothing. The guest cart is emptied with the same stroke.
"""

from collections.abc import Mapping

from chalicelib.cart.entities import MOST_LINES, MOST_UNITS, Cart, CartLine
from chalicelib.cart.schemas import Merge, MergeProblem, MergeTrouble
from chalicelib.cart.service import CartChanged, current, save
from chalicelib.cart.viewing import Offer, Offers, ShownCart, look_up, show
from chalicelib.core.context import Context
from chalicelib.inventory.service import demand
from chalicelib.store import again, get_many, remember, transaction


def merge(ctx: Context, wish: Merge) -> ShownCart:
    """Add the given lines and those of the guest cart that came along to the customer's cart.

    Store calls: 3, or 1 more for each further 50 SKUs; more only after a lost race.
    """
    return again(lambda: _merge_once(ctx, wish), CartChanged)


def _merge_once(ctx: Context, wish: Merge) -> ShownCart:
    cart, guest_cart = _both(ctx)
    from_guest = guest_cart.lines if guest_cart else []
    pairs = [(item.sku_id, item.quantity) for item in wish.items]
    pairs += [(line.sku_id, line.quantity) for line in from_guest]
    wanted = {held.sku_id: held.quantity for held in demand(pairs)}
    if not wanted:
        return show(ctx, cart)
    offers = look_up(ctx, {*wanted, *(line.sku_id for line in cart.lines)}, consistent=True)
    problems = add_up(cart, wanted, offers, ctx)
    shown = show(ctx, cart, offers, problems)
    with transaction(ctx) as tx:
        save(tx, cart)
        if guest_cart is not None and from_guest:
            guest_cart.lines = []
            save(tx, guest_cart)
        remember(tx, shown)
    return shown


def _both(ctx: Context) -> tuple[Cart, Cart | None]:
    """The customer's cart and the guest's. One BatchGet."""
    owners = [owner for owner in (ctx.customer_id, ctx.guest_id) if owner]
    refs = {owner: Cart.key.of(ctx.tenant, owner_id=owner) for owner in owners}
    found = get_many(refs.values())
    carts = [current(ctx, owner, found.one(Cart, ref)) for owner, ref in refs.items()]
    return carts[0], carts[1] if len(carts) > 1 else None


def add_up(cart: Cart, wanted: Mapping[str, int], offers: Offers, ctx: Context) -> list[MergeProblem]:
    """Add to the cart's lines what can be had of `wanted`; answers what could not."""
    lines = {line.sku_id: line for line in cart.lines}
    problems: list[MergeProblem] = []
    for sku_id, requested in wanted.items():
        offer, known = offers.of(sku_id), lines.get(sku_id)
        has = known.quantity if known else 0
        taken, problem = _share(requested, has, offer, is_full=known is None and len(lines) >= MOST_LINES)
        if problem is not None:
            problems.append(MergeProblem(sku_id=sku_id, code=problem, requested=requested, taken=taken))
        if offer is not None and taken:
            lines[sku_id] = _line(known, offer, has + taken, ctx)
    cart.lines = list(lines.values())
    return problems


def _share(
    requested: int, has: int, offer: Offer | None, *, is_full: bool
) -> tuple[int, MergeTrouble | None]:
    """How many more units a line takes, and why not all of them."""
    if offer is None:
        return 0, "off_shelf"
    if is_full:
        return 0, "cart_full"
    room = min(offer.available, MOST_UNITS) - has
    if requested <= room:
        return requested, None
    if offer.available == 0:
        return 0, "out_of_stock"
    return max(0, room), "too_many_units" if offer.available >= MOST_UNITS else "insufficient_stock"


def _line(known: CartLine | None, offer: Offer, quantity: int, ctx: Context) -> CartLine:
    if known is not None:
        return known.model_copy(update={"quantity": quantity})
    return CartLine(
        sku_id=offer.sku.id,
        quantity=quantity,
        title=offer.product.title,
        price=offer.sku.price,
        added_at=ctx.now,
    )
