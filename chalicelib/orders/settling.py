"""Money has come: the order is paid, its stock is sold, and what can be delivered is delivered — in one transaction."""

from typing import Literal

from chalicelib.core.context import Context
from chalicelib.fulfilment.kinds import KINDS
from chalicelib.inventory import service as inventory
from chalicelib.inventory.entities import Reservation
from chalicelib.orders.entities import Order, moved, write_move
from chalicelib.orders.placing import parcel_of
from chalicelib.orders.states import timer_of
from chalicelib.store import Found, Transaction, emit
from chalicelib.tenants import service as tenants


def settle(tx: Transaction, order: Order, reservation: Reservation, payment_id: str) -> None:
    """An unpaid (or closing) order is paid. Refused when anything moved since it was read. Raises OrderState."""
    _pay(tx, order, "pay", payment_id)
    inventory.deduct(tx, reservation)


def revive(tx: Transaction, order: Order, reservation: Reservation, payment_id: str, found: Found) -> None:
    """Money came after the order was cancelled: take its stock again, and pay it (B5).

    `found` holds what the lines' kinds need to set aside anew. Refuses with OutOfStock, PoolMoved.
    """
    inventory.retake(tx, reservation)
    for line in order.lines:
        parcel = parcel_of(order, line)
        parcel.held = []
        KINDS[line.kind].hold(tx, parcel, found)
        line.held = parcel.held
    order.listed_for = order.belongs_to
    _pay(tx, order, "revive", payment_id)


def _pay(tx: Transaction, order: Order, event: Literal["pay", "revive"], payment_id: str) -> None:
    ctx = tx.ctx
    before, after = order.record(ctx, event, f"payment {payment_id}")
    order.paid_at, order.payment_id = ctx.now, payment_id
    # the other attempts are closed at their providers afterwards: they must bring no second payment unheard
    left_open = [one.model_dump() for one in order.open_payments if one.payment_id != payment_id]
    order.open_payments = []
    for kind in KINDS.values():
        lines = [line for line in order.lines if line.kind == kind.name]
        if not lines:
            continue
        kind.deliver(tx, [parcel_of(order, line) for line in lines])
        if not kind.ships:
            for line in lines:
                line.fulfilled = line.quantity
    if all(line.fulfilled == line.quantity for line in order.lines):
        # nothing is left to ship: the order passes through `paid` to `completed` in the same transaction
        _, after = order.record(ctx, "deliver_all", "everything was delivered")
    write_move(tx, order, before, after)
    emit(
        tx,
        "order.paid",
        {
            "order_id": order.order_id,
            "customer_id": order.customer_id,
            "number": order.number,
            "payment_id": payment_id,
            "left_open": left_open,
        },
    )


def note(ctx: Context, order: Order, event: str, reason: str) -> None:
    """Write into the time line something that did not move the order."""
    order.timeline = [*order.timeline, moved(ctx, event, order.status, reason)]


def start_refund(tx: Transaction, order: Order, reason: str) -> None:
    """The order's money goes back: a paid order, or one whose late money could not be honoured."""
    order.listed_for = order.belongs_to
    write_move(tx, order, *order.record(tx.ctx, "refund", reason))


def finish_refund(tx: Transaction, order: Order, reason: str) -> None:
    write_move(tx, order, *order.record(tx.ctx, "refund_done", reason))


def rearm(ctx: Context, order: Order) -> None:
    """Look at a stuck order again after another span."""
    timer = timer_of(order.status, ctx.now, order.expires_at, tenants.terms(ctx))  # type: ignore[arg-type]
    if timer:
        order.set_timer(*timer)
