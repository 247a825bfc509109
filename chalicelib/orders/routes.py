"""Orders: for the customer, and for staff. Paying and cancelling live with payments, which close attempts first."""

from chalicelib.cart.basket import ForeignCurrency
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, TooMany
from chalicelib.http import CUSTOMER, Idempotent, RateLimit, Routes, staff
from chalicelib.inventory.service import OutOfStock
from chalicelib.orders import placing, reading, shipping, wishes
from chalicelib.orders.basket import SkuUnavailable, TooManyUnits
from chalicelib.orders.entities import Order
from chalicelib.orders.placing import TooManyOpenOrders, TooManyReserved
from chalicelib.orders.schemas import (
    OrderCounts,
    OrderId,
    OrderPage,
    OrderQuery,
    OrderRow,
    OrderView,
    PlaceOrder,
    QuoteLine,
    QuoteView,
    ShipOrder,
    StaffOrderPage,
    StaffOrderQuery,
    StaffOrderRow,
)
from chalicelib.orders.shipping import NothingToShip
from chalicelib.orders.states import OrderState
from chalicelib.orders.wishes import RemindersOff

routes = Routes("orders")


@routes.post(
    "/v1/orders/quote",
    permission=CUSTOMER,
    rate_limit=RateLimit(240, 60, per="user", shared=False),
    errors=[SkuUnavailable, TooManyUnits, ForeignCurrency],
)
def quote_order(ctx: Context, body: PlaceOrder) -> QuoteView:
    """What placing this order would cost, and why. Nothing is written."""
    wanted, priced = placing.quote(ctx, body)
    return QuoteView(
        items=[
            QuoteLine(
                sku_id=sku.id,
                title=product.title,
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
        needs_address=wanted.ships,
        currency=wanted.basket.currency,
    )


@routes.post(
    "/v1/orders",
    permission=CUSTOMER,
    status=201,
    answer=OrderView,
    idempotent=Idempotent.REQUIRED,
    rate_limit=RateLimit(120, 60, per="user", shared=False),
    errors=[OutOfStock, SkuUnavailable, TooManyUnits, ForeignCurrency, TooManyOpenOrders, TooManyReserved],
)
def place_order(ctx: Context, body: PlaceOrder) -> Order:
    """Place an order from the given items, or from the selected cart items. Reserves stock at once."""
    return placing.place(ctx, body)


@routes.get("/v1/orders", permission=CUSTOMER)
def list_orders(ctx: Context, query: OrderQuery) -> OrderPage:
    """My orders, newest first."""
    page = reading.own_list(ctx, status=query.status, limit=query.limit, cursor=query.cursor)
    return OrderPage.page([OrderRow.of(row) for row in page.data], page.next_cursor)


@routes.get("/v1/orders/counts", permission=CUSTOMER, answer=OrderCounts)
def count_orders(ctx: Context) -> OrderCounts:
    """How many of my orders stand in each state."""
    return OrderCounts.of(reading.counts(ctx))


@routes.get("/v1/orders/{order_id}", permission=CUSTOMER, answer=OrderView, errors=[NotFound])
def read_order(ctx: Context, order_id: OrderId) -> Order:
    """One of my orders, with its lines, parcels and time line."""
    return reading.own(ctx, order_id)


@routes.post(
    "/v1/orders/{order_id}/confirm-receipt",
    permission=CUSTOMER,
    answer=OrderView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, OrderState],
)
def confirm_receipt(ctx: Context, order_id: OrderId) -> Order:
    """I have received everything: the order is complete."""
    return shipping.confirm_receipt(ctx, order_id)


@routes.post(
    "/v1/orders/{order_id}/rebuy",
    permission=CUSTOMER,
    status=201,
    answer=OrderView,
    idempotent=Idempotent.ACCEPTED,
    errors=[
        NotFound,
        OutOfStock,
        SkuUnavailable,
        TooManyUnits,
        ForeignCurrency,
        TooManyOpenOrders,
        TooManyReserved,
    ],
)
def buy_again(ctx: Context, order_id: OrderId) -> Order:
    """Place a new order with the same lines, to the same address, at today's prices."""
    return placing.place_again(ctx, order_id)


@routes.post(
    "/v1/orders/{order_id}/remind",
    permission=CUSTOMER,
    answer=OrderView,
    errors=[NotFound, OrderState, TooMany, RemindersOff],
)
def remind_to_ship(ctx: Context, order_id: OrderId) -> Order:
    """Ask the shop to ship a paid order, at most once a day."""
    return wishes.remind(ctx, order_id)


@routes.delete("/v1/orders/{order_id}", permission=CUSTOMER, status=204, errors=[NotFound, OrderState])
def remove_order(ctx: Context, order_id: OrderId) -> None:
    """Remove an order that is over from my list. The shop keeps it."""
    wishes.remove_from_list(ctx, order_id)


@routes.get("/v1/admin/orders", permission=staff("orders:read"))
def list_orders_for_staff(ctx: Context, query: StaffOrderQuery) -> StaffOrderPage:
    """Orders in one state (default: paid, which is what waits to be shipped), newest first."""
    page = reading.staff_list(ctx, status=query.status, limit=query.limit, cursor=query.cursor)
    return StaffOrderPage.page([StaffOrderRow.of(row) for row in page.data], page.next_cursor)


@routes.get(
    "/v1/admin/orders/{order_id}", permission=staff("orders:read"), answer=OrderView, errors=[NotFound]
)
def read_order_for_staff(ctx: Context, order_id: OrderId) -> Order:
    """One order of the shop."""
    return reading.for_staff(ctx, order_id)


@routes.post(
    "/v1/admin/orders/{order_id}/shipments",
    permission=staff("orders:ship"),
    status=201,
    answer=OrderView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, OrderState, NothingToShip],
)
def ship_order(ctx: Context, order_id: OrderId, body: ShipOrder) -> Order:
    """Hand a parcel to a carrier: the given units, or everything that is left."""
    return shipping.ship(ctx, order_id, body)
