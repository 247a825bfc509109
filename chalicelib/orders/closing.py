"""Closing an unpaid order: everything it held goes back, once, in one transaction."""

from chalicelib.core.context import Context
from chalicelib.fulfilment.kinds import KINDS
from chalicelib.inventory import service as inventory
from chalicelib.inventory.entities import Reservation
from chalicelib.orders.entities import Order, write_move
from chalicelib.orders.placing import parcel_of
from chalicelib.store import Transaction, emit, transaction


def start(ctx: Context, order: Order, reason: str) -> None:
    """The providers are about to be asked to close its attempts: no new attempt may start. One transaction."""
    with transaction(ctx) as tx:
        write_move(tx, order, *order.record(ctx, "start_closing", reason))


def cancel(tx: Transaction, order: Order, reservation: Reservation, reason: str) -> None:
    """Stock and what the kinds set aside go back; the order is cancelled. Refused when anything moved since."""
    before, after = order.record(tx.ctx, "cancel", reason)
    order.open_payments = []
    write_move(tx, order, before, after)
    inventory.release(tx, reservation)
    for line in order.lines:
        KINDS[line.kind].release(tx, parcel_of(order, line))
    emit(
        tx,
        "order.cancelled",
        {
            "order_id": order.order_id,
            "customer_id": order.customer_id,
            "number": order.number,
            "reason": reason,
        },
    )
