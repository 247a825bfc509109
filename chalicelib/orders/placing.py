"""Placing an order: price, reserve and record in one transaction."""

from datetime import timedelta

from chalicelib.cart.service import CartChanged, take_selected
from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, SoukError
from chalicelib.core.text import Text
from chalicelib.fulfilment.kinds import KINDS, Parcel
from chalicelib.fulfilment.kinds.card_key import PoolMoved
from chalicelib.inventory import service as inventory
from chalicelib.orders import basket as baskets
from chalicelib.orders import reading
from chalicelib.orders.basket import Wanted
from chalicelib.orders.entities import (
    Order,
    OrderBook,
    OrderLine,
    OrderNumber,
    ShipTo,
    book_ref,
    hold_words,
    moved,
)
from chalicelib.orders.schemas import PlaceOrder, WantedItem
from chalicelib.orders.states import timer_of
from chalicelib.pricing import service as pricing
from chalicelib.store import Transaction, Wire, again, emit, refuse_with, remember, transaction
from chalicelib.tenants import service as tenants
from chalicelib.tenants.terms import InForce

PATIENCE_SECONDS = 20.0
"""How long a buyer in a rush for card keys tries again before a 503: as long as a gateway's 29 s allow."""


class TooManyOpenOrders(Conflict):
    code = "too_many_open_orders"
    title = Text("Too many unpaid orders", "未支付订单过多")
    detail = Text(
        "Pay or cancel one of your {most} unpaid orders first.", "请先支付或取消现有的 {most} 笔未支付订单。"
    )


class TooManyReserved(Conflict):
    code = "too_many_reserved"
    title = Text("You hold too many unpaid units of one SKU", "同一商品的未支付数量过多")
    detail = Text("At most {most} unpaid units of one SKU.", "同一商品最多保留 {most} 件未支付数量。")


class BookMoved(Conflict):
    """Another order of the same customer was placed meanwhile. Never shown to a client."""

    code = "order_book_moved"


class NumberTaken(Conflict):
    """The drawn number is another order's. Never shown to a client."""

    code = "order_number_taken"


def quote(ctx: Context, wish: PlaceOrder) -> tuple[Wanted, pricing.Quote]:
    """What `place` would charge, and why. Store calls: as `basket.load`; nothing is written."""
    wanted = baskets.load(ctx, wish)
    priced = pricing.quote(wanted.basket, at=ctx.now)
    skipped = [pricing.unknown_coupon(wanted.basket, coupon_id) for coupon_id in wish.coupon_ids]
    return wanted, priced.model_copy(update={"rules": (*skipped, *priced.rules)})


def place(ctx: Context, wish: PlaceOrder, *, ship_to: ShipTo | None = None) -> Order:
    """Price, reserve and record in one transaction. `ship_to` stands in for an address of the book.

    Store calls: 2 with items given, 3 from the cart; more only after a lost race. Raises OutOfStock, SkuUnavailable,
    TooManyOpenOrders, TooManyReserved, TooManyUnits, Invalid.
    """
    if wish.coupon_ids:
        raise Invalid.field("coupon_ids", "coupon_unknown", "you hold no such coupon")
    return again(
        lambda: _place_once(ctx.fresh(), wish, ship_to),
        *(CartChanged, BookMoved, NumberTaken, PoolMoved),
        budget=PATIENCE_SECONDS,
    )


def _place_once(ctx: Context, wish: PlaceOrder, ship_to: ShipTo | None) -> Order:
    wanted = baskets.load(ctx, wish)
    if wanted.address is not None:
        ship_to = ShipTo.model_validate(wanted.address, from_attributes=True)
    if wanted.ships and ship_to is None:
        raise Invalid.field("address_id", "address_required", "goods in a parcel need an address")
    order = _draft(ctx, wanted, pricing.quote(wanted.basket, at=ctx.now), ship_to, wish.note)
    _check_caps(order, wanted.book, tenants.terms(ctx))
    with transaction(ctx) as tx:
        inventory.reserve(
            tx,
            inventory.reservation_of_order(order.order_id),
            order.demand(),
            holder="order",
            holder_id=order.order_id,
            customer_id=order.customer_id,
            expires_at=order.expires_at,
        )
        _hold_kinds(tx, order, wanted)
        tx.put("order", order)
        tx.put("number", _number(order), refuse=refuse_with(NumberTaken))
        _write_book(tx, order, wanted.book)
        if wanted.cart is not None:
            take_selected(tx, wanted.cart)
        emit(tx, "order.placed", {"order_id": order.order_id, "customer_id": order.customer_id})
        remember(tx, order)
    return order


def _draft(
    ctx: Context, wanted: Wanted, priced: pricing.Quote, ship_to: ShipTo | None, note: str | None
) -> Order:
    terms = tenants.terms(ctx)
    expires_at = ctx.now + timedelta(minutes=terms.pay_minutes)
    timer = timer_of("pending_payment", ctx.now, expires_at, terms)
    assert timer is not None  # noqa: S101 - an unpaid order always has its timer
    return Order(
        tenant=ctx.tenant,
        order_id=ctx.new_id("ord"),
        number=ids.order_number(ctx.now),
        customer_id=ctx.customer_id,
        listed_for=ctx.customer_id,
        status="pending_payment",
        lines=[
            OrderLine(
                sku_id=sku.id,
                product_id=product.product_id,
                title=product.title,
                kind=product.kind,
                image=sku.image or product.image,
                attributes=sku.attributes,
                quantity=quantity,
                unit_price=sku.price,
                line_total=priced.line_totals[index],
                discount=priced.line_discounts[index],
            )
            for index, (product, sku, quantity) in enumerate(wanted.lines)
        ],
        totals=priced.totals,
        rules=list(priced.rules),
        rules_version=priced.rules_version,
        ship_to=ship_to,
        note=note,
        placed_at=ctx.now,
        expires_at=expires_at,
        timer=timer[0],
        due_at=timer[1],
        timeline=[moved(ctx, "place", "pending_payment")],
    )


def _number(order: Order) -> OrderNumber:
    return OrderNumber(
        tenant=order.tenant, number=order.number, order_id=order.order_id, customer_id=order.customer_id
    )


def place_again(ctx: Context, order_id: str) -> Order:
    """The same lines to the same address at today's prices. Store calls: as `place` and 1. Raises as `place`."""
    before = reading.own(ctx, order_id)
    items = [WantedItem(sku_id=line.sku_id, quantity=line.quantity) for line in before.lines]
    return place(ctx, PlaceOrder(items=items), ship_to=before.ship_to)


def _check_caps(order: Order, book: OrderBook | None, terms: InForce) -> None:
    """One buyer cannot hoard (B23). The book's version makes the check hold when orders race."""
    most_orders, most_units = terms.open_orders, terms.reserved_units
    if book is not None and book.open_orders() >= most_orders:
        raise TooManyOpenOrders(most=most_orders)
    for line in order.lines:
        if line.quantity + (book.held_units(line.sku_id) if book else 0) > most_units:
            raise TooManyReserved(most=most_units, sku_id=line.sku_id)


def _write_book(tx: Transaction, order: Order, book: OrderBook | None) -> None:
    if book is None:
        first = OrderBook(
            tenant=order.tenant,
            customer_id=order.customer_id,
            holds=frozenset(hold_words(order)),
            pending_payment=1,
        )
        tx.put("book", first, refuse=refuse_with(BookMoved))
        return
    tx.update(
        "book",
        OrderBook,
        book_ref(order.tenant, order.customer_id),
        add={"version": 1, "pending_payment": 1},
        include={"holds": hold_words(order)},
        when=OrderBook.version == book.version,
        refuse=_moved,
    )


def _moved(old: Wire | None) -> SoukError:
    return BookMoved()


def _hold_kinds(tx: Transaction, order: Order, wanted: Wanted) -> None:
    for line in order.lines:
        parcel = parcel_of(order, line)
        KINDS[line.kind].hold(tx, parcel, wanted.found)
        line.held = parcel.held


def parcel_of(order: Order, line: OrderLine) -> Parcel:
    return Parcel(order.order_id, order.belongs_to, line.sku_id, line.title, line.quantity, list(line.held))
