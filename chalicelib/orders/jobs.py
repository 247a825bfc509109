"""The clock of orders: what happens when nobody does anything."""

from datetime import datetime

from chalicelib.core.context import system
from chalicelib.core.errors import Conflict
from chalicelib.http.jobs import Jobs
from chalicelib.inventory import reservations
from chalicelib.inventory import service as inventory
from chalicelib.inventory.entities import Reservation
from chalicelib.orders import shipping
from chalicelib.orders.entities import Order, order_ref
from chalicelib.orders.states import AUTO_CONFIRM, UNPAID
from chalicelib.store import Ref, refuse_with, transaction
from chalicelib.store.timers import Sweep, sweep

jobs = Jobs("chalicelib.orders.jobs")


class _StillUnpaid(Conflict):
    """The order behind the reservation still waits for money."""


@jobs.every_hour
def auto_confirm(now: datetime) -> Sweep:
    """Complete shipped orders that nobody confirmed in time."""
    return sweep(AUTO_CONFIRM, now, lambda ref: shipping.auto_confirm(ref, now))


@jobs.every_minute
def stock_release(now: datetime) -> Sweep:
    """End reservations past their time: those other back ends took, and any that outlived its order."""
    return sweep(inventory.TIMER, now, lambda ref: release_overdue(ref, now))


def release_overdue(ref: Ref, now: datetime) -> None:
    """Store calls: 2. An order ends its own reservation when it closes; here is the net below that."""
    reservation = reservations.overdue(ref, now)
    if reservation is None:
        return
    ctx = system(reservation.tenant)
    try:
        with transaction(ctx) as tx:
            reservations.expire(tx, reservation)
            if reservation.holder == "order":
                closed = ~Order.status.is_in(*UNPAID)
                tx.check("order", _order_of(reservation), closed, refuse=refuse_with(_StillUnpaid))
    except _StillUnpaid:
        with transaction(ctx) as tx:
            reservations.look_later(tx, reservations.overdue(ref, now) or reservation)


def _order_of(reservation: Reservation) -> Ref:
    return order_ref(reservation.tenant, reservation.holder_id, reservation.customer_id or "-")
