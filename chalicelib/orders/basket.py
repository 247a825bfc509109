"""What an order is made of, read in one or two store calls and checked before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.addresses.entities import Address, AddressBook
from chalicelib.addresses.service import book_ref as address_book_ref
from chalicelib.cart.basket import basket_of
from chalicelib.cart.entities import Cart
from chalicelib.cart.service import cart_ref
from chalicelib.catalog.entities import Product, Sku
from chalicelib.catalog.service import product_ref, sellable
from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.core.text import Text
from chalicelib.fulfilment.kinds import KINDS
from chalicelib.orders.entities import OrderBook, book_ref
from chalicelib.orders.schemas import PlaceOrder
from chalicelib.pricing import service as pricing
from chalicelib.store import Found, Ref, get_many
from chalicelib.tenants import service as tenants

MOST_LINES = 30
MOST_CARD_KEY_LINES = 10


class SkuUnavailable(Conflict):
    """`skus` lists the ids that are unknown, unpublished or retired."""

    code = "sku_unavailable"
    title = Text("Some SKUs are not for sale", "部分商品已下架")
    detail = Text("Remove the SKUs listed in `skus`.", "请移除 skus 中列出的商品。")


class TooManyUnits(Conflict):
    code = "too_many_units"
    title = Text("Too many units of this kind in one order", "单笔订单中该类商品数量过多")
    detail = Text("At most {most} units of kind {kind} in one order.", "每单最多 {most} 件 {kind} 类商品。")


@dataclass(slots=True)
class Wanted:
    """A basket, resolved: products as they are now, the address, the customer's book, the cart it came from."""

    lines: list[tuple[Product, Sku, int]]
    basket: pricing.Basket
    address: Address | None
    book: OrderBook | None
    found: Found
    cart: Cart | None = None
    ships: bool = field(default=False)


def load(ctx: Context, wish: PlaceOrder) -> Wanted:
    """Store calls: 1 when the items are given, 2 when they are the selected cart items (or no sku was known before)."""
    customer = [address_book_ref(ctx), book_ref(ctx.tenant, ctx.customer_id)]
    cart: Cart | None = None
    if wish.items is None:
        first = get_many([*customer, cart_ref(ctx)])
        cart = first.one(Cart, cart_ref(ctx))
        pairs = [(line.sku_id, line.quantity) for line in cart.lines if line.selected] if cart else []
        found = get_many(_sku_refs(ctx, pairs)) if pairs else first
    else:
        pairs = [(item.sku_id, item.quantity) for item in wish.items]
        first = found = get_many([*customer, *_sku_refs(ctx, pairs)])
    lines = _resolve(ctx, _merged(pairs), found)
    ships = any(KINDS[product.kind].ships for product, _, _ in lines)
    address_book = first.one(AddressBook, customer[0])
    return Wanted(
        lines=lines,
        basket=basket_of(tenants.of(ctx), lines),
        address=_address(wish, address_book),
        book=first.one(OrderBook, customer[1]),
        found=found,
        cart=cart,
        ships=ships,
    )


def _merged(pairs: Sequence[tuple[str, int]]) -> dict[str, int]:
    """One line per SKU: two lines of the same SKU are one demand (B2)."""
    merged: dict[str, int] = {}
    for sku_id, quantity in pairs:
        merged[sku_id] = merged.get(sku_id, 0) + quantity
    if not merged:
        raise Invalid.field("items", "nothing_to_order", "give items, or select some in the cart")
    if len(merged) > MOST_LINES:
        raise Invalid.field("items", "too_many_lines", f"an order has at most {MOST_LINES} lines")
    return merged


def _sku_refs(ctx: Context, pairs: Sequence[tuple[str, int]]) -> list[Ref]:
    refs = [product_ref(ctx.tenant, ids.product_of(sku_id)) for sku_id, _ in pairs]
    for kind in KINDS.values():
        for sku_id, _ in pairs:
            refs.extend(kind.refs(ctx.tenant, sku_id))
    return refs


def _resolve(ctx: Context, wanted: dict[str, int], found: Found) -> list[tuple[Product, Sku, int]]:
    lines: list[tuple[Product, Sku, int]] = []
    missing: list[str] = []
    for sku_id, quantity in wanted.items():
        product = found.one(Product, product_ref(ctx.tenant, ids.product_of(sku_id)))
        sku = sellable(product, sku_id)
        if product is None or sku is None or product.kind not in KINDS:
            missing.append(sku_id)
        else:
            lines.append((product, sku, quantity))
    if missing:
        raise SkuUnavailable(skus=missing)
    _check_kinds(lines)
    return lines


def _check_kinds(lines: Sequence[tuple[Product, Sku, int]]) -> None:
    if len({sku.price.currency for _, sku, _ in lines}) > 1:
        raise Invalid.field("items", "mixed_currencies", "an order has one currency")
    for kind in KINDS.values():
        of_kind = [quantity for product, _, quantity in lines if product.kind == kind.name]
        if sum(of_kind) > kind.most_units:
            raise TooManyUnits(kind=kind.name, most=kind.most_units)
    if sum(not KINDS[product.kind].ships for product, _, _ in lines) > MOST_CARD_KEY_LINES:
        raise Invalid.field("items", "too_many_lines", f"at most {MOST_CARD_KEY_LINES} lines of card keys")


def _address(wish: PlaceOrder, book: AddressBook | None) -> Address | None:
    if wish.address_id is None:
        return None
    address = book.find(wish.address_id) if book else None
    if address is None:
        raise Invalid.field("address_id", "address_not_found", "is not one of your addresses")
    return address
