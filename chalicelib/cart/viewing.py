"""A cart against the shop as it is now: each line's price and problems, and what the selected ones cost."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chalicelib.cart.basket import basket_of
from chalicelib.cart.entities import Cart, CartLine
from chalicelib.cart.schemas import LineProblem, MergeProblem
from chalicelib.catalog.entities import Product, Sku
from chalicelib.catalog.service import product_ref, sellable
from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.inventory.entities import Stock, stock_ref
from chalicelib.pricing import service as pricing
from chalicelib.store import Found, get_many
from chalicelib.tenants import service as tenants


@dataclass(frozen=True, slots=True)
class Offer:
    """A SKU that can be bought now, and how many there are of it."""

    product: Product
    sku: Sku
    available: int


class Offers:
    """What is for sale among some SKUs, in the shop's currency."""

    def __init__(self, ctx: Context, found: Found) -> None:
        self._ctx, self._found = ctx, found
        self._currency = tenants.of(ctx).currency

    def of(self, sku_id: str) -> Offer | None:
        tenant = self._ctx.tenant
        product = self._found.one(Product, product_ref(tenant, ids.product_of(sku_id)))
        sku = sellable(product, sku_id)
        if product is None or sku is None or sku.price.currency != self._currency:
            return None
        stock = self._found.one(Stock, stock_ref(tenant, sku_id))
        return Offer(product, sku, max(0, stock.available) if stock else 0)


def look_up(ctx: Context, sku_ids: Iterable[str], *, consistent: bool) -> Offers:
    """One BatchGet for up to 50 SKUs (a product and a stock item each), none for none."""
    wanted = list(sku_ids)
    products = [product_ref(ctx.tenant, ids.product_of(sku_id)) for sku_id in wanted]
    stocks = [stock_ref(ctx.tenant, sku_id) for sku_id in wanted]
    return Offers(ctx, get_many([*products, *stocks], consistent=consistent))


@dataclass(frozen=True, slots=True)
class ShownLine:
    line: CartLine
    offer: Offer | None

    @property
    def is_counted(self) -> bool:
        """Whether the totals count it: selected, and still on the shelf."""
        return self.line.selected and self.offer is not None

    def problems(self) -> list[LineProblem]:
        if self.offer is None:
            return [LineProblem(code="off_shelf")]
        found: list[LineProblem] = []
        if self.offer.available == 0:
            found.append(LineProblem(code="out_of_stock", available=0))
        elif self.offer.available < self.line.quantity:
            found.append(LineProblem(code="insufficient_stock", available=self.offer.available))
        if self.offer.sku.price != self.line.price:
            found.append(LineProblem(code="price_changed", was=self.line.price))
        return found


@dataclass(frozen=True, slots=True)
class ShownCart:
    """A cart as its owner sees it. `problems` is what a merge could not take."""

    guest_id: str | None
    lines: list[ShownLine]
    quote: pricing.Quote
    problems: list[MergeProblem] = field(default_factory=list)

    def counted(self) -> list[ShownLine]:
        """The lines the quote is of, in its order."""
        return [line for line in self.lines if line.is_counted]


def show(
    ctx: Context, cart: Cart, offers: Offers | None = None, problems: Iterable[MergeProblem] = ()
) -> ShownCart:
    """Price a cart. Store calls: those of `look_up`, unless `offers` are given."""
    if offers is None:
        offers = look_up(ctx, [line.sku_id for line in cart.lines], consistent=False)
    lines = [ShownLine(line, offers.of(line.sku_id)) for line in cart.lines]
    bought = [
        (line.offer.product, line.offer.sku, line.line.quantity)
        for line in lines
        if line.offer is not None and line.is_counted
    ]
    return ShownCart(
        guest_id=None if ctx.actor.id else ctx.guest_id or None,
        lines=lines,
        quote=pricing.quote(basket_of(tenants.of(ctx), bought), at=ctx.now),
        problems=list(problems),
    )
