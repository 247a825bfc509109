"""After the money: staff ship, the customer confirms, and a forgotten order confirms itself."""

from datetime import datetime

from chalicelib.core import log
from chalicelib.core.clock import to_text
from chalicelib.core.context import Context, system
from chalicelib.core.errors import Conflict, Invalid, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.fulfilment.kinds import KINDS
from chalicelib.orders import reading
from chalicelib.orders.entities import Order, Shipment, ShippedUnits, write_move
from chalicelib.orders.schemas import ShipOrder
from chalicelib.orders.settling import rearm
from chalicelib.orders.states import AUTO_CONFIRM, ORDER_STUCK
from chalicelib.store import Ref, again, emit, get, remember, transaction

MOST_SHIPMENTS = 50


class NothingToShip(Conflict):
    code = "nothing_to_ship"
    title = Text("Nothing of this is left to ship", "没有可发货的商品")
    detail = Text("Read the order to see what was shipped already.", "请查询订单的发货记录。")


def ship(ctx: Context, order_id: str, wish: ShipOrder) -> Order:
    """Staff hand a parcel to a carrier: the given units, or all that are left.

    Store calls: 2. Raises NotFound, OrderState, NothingToShip, Invalid for units that are not left to ship.
    """
    return again(lambda: _ship_once(ctx, order_id, wish), PreconditionFailed)


def _ship_once(ctx: Context, order_id: str, wish: ShipOrder) -> Order:
    order = reading.for_staff(ctx, order_id)
    units = _units_to_ship(order, wish)
    for line in order.lines:
        line.fulfilled += units.get(line.sku_id, 0)
    whole = all(line.fulfilled == line.quantity for line in order.lines)
    before, after = order.record(
        ctx, "ship_all" if whole else "ship_some", f"{wish.carrier} {wish.tracking_number}"
    )
    shipment = Shipment(
        id=ctx.new_id("shp"),
        carrier=wish.carrier,
        tracking_number=wish.tracking_number,
        items=[ShippedUnits(sku_id=sku_id, quantity=quantity) for sku_id, quantity in units.items()],
        shipped_at=to_text(ctx.now),
    )
    order.shipments = [*order.shipments, shipment]
    with transaction(ctx) as tx:
        write_move(tx, order, before, after)
        emit(
            tx,
            "order.shipped",
            {
                "order_id": order.order_id,
                "customer_id": order.customer_id,
                "number": order.number,
                "carrier": wish.carrier,
                "tracking_number": wish.tracking_number,
            },
        )
        remember(tx, order)
    return order


def _units_to_ship(order: Order, wish: ShipOrder) -> dict[str, int]:
    """What goes into this parcel, by SKU. Only lines of kinds that ship."""
    left = {
        line.sku_id: line.quantity - line.fulfilled
        for line in order.lines
        if KINDS[line.kind].ships and line.fulfilled < line.quantity
    }
    if not left or len(order.shipments) >= MOST_SHIPMENTS:
        raise NothingToShip
    if wish.items is None:
        return left
    units: dict[str, int] = {}
    for item in wish.items:
        units[item.sku_id] = units.get(item.sku_id, 0) + item.quantity
    for sku_id, quantity in units.items():
        if quantity > left.get(sku_id, 0):
            raise Invalid.field(
                "items", "not_left_to_ship", f"{left.get(sku_id, 0)} of {sku_id} are left to ship"
            )
    return units


def confirm_receipt(ctx: Context, order_id: str) -> Order:
    """The customer has it: shipped → completed. Store calls: 2. Raises NotFound, OrderState."""
    return again(
        lambda: _complete_once(ctx, reading.own(ctx, order_id), "confirmed by the customer"),
        PreconditionFailed,
    )


def _complete_once(ctx: Context, order: Order, reason: str) -> Order:
    before, after = order.record(ctx, "complete", reason)
    with transaction(ctx) as tx:
        write_move(tx, order, before, after)
        emit(
            tx,
            "order.completed",
            {"order_id": order.order_id, "customer_id": order.customer_id, "number": order.number},
        )
        remember(tx, order)
    return order


def auto_confirm(ref: Ref, now: datetime) -> None:
    """The sweep's handler: complete a shipped order whose time has come. Store calls: 2."""
    order = get(Order, ref)
    if order is None or order.timer != AUTO_CONFIRM or order.due_at is None or order.due_at > now:
        return
    _complete_once(system(order.tenant), order, "confirmed by itself")


def raise_alarm(ref: Ref, now: datetime) -> None:
    """The sweep's handler for an order that stands too long where somebody should act: alarm, and look again later."""
    order = get(Order, ref)
    if order is None or order.timer != ORDER_STUCK or order.due_at is None or order.due_at > now:
        return
    ctx = system(order.tenant)
    rearm(ctx, order)
    with transaction(ctx) as tx:
        tx.replace("order", order)
        emit(tx, "order.stuck", {"order_id": order.order_id, "number": order.number, "status": order.status})
    log.warning("order_stuck", order_id=order.order_id, status=order.status)
    log.metrics({"status": order.status}, orders_stuck=1)
