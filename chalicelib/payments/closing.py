"""Closing an unpaid order: first its attempts at the providers, then the order. Whoever was faster wins (B4).

pending_payment → (asking the providers: closing) → cancelled, or paid when a provider already has the money
"""

from datetime import datetime

from chalicelib.core import log
from chalicelib.core.context import Context, system
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.inventory.entities import Reservation
from chalicelib.inventory.service import ReservationEnded, reservation_of_order
from chalicelib.orders import closing as orders
from chalicelib.orders.entities import Order, order_ref
from chalicelib.orders.states import ORDER_TIMEOUT, UNPAID, OrderState
from chalicelib.payments import reading, settling
from chalicelib.payments.entities import Payment, payment_ref
from chalicelib.payments.providers import provider
from chalicelib.store import Event, Ref, again, get, get_many, refuse_repeat, remember, transaction


def cancel(ctx: Context, order_id: str, reason: str) -> Order:
    """The customer cancels an unpaid order.

    Store calls: 2 when no attempt is open. Raises NotFound, OrderState when it is not unpaid, or was paid meanwhile.
    """

    def once() -> Order:
        order, reservation = _read(ctx, order_ref(ctx.tenant, order_id, ctx.customer_id))
        if order.status not in UNPAID:
            raise OrderState(status=order.status, event="cancel")
        return _close(ctx, order, reservation, reason)

    order = again(once, PreconditionFailed, ReservationEnded)
    if order.status != "cancelled":
        raise OrderState(status=order.status, event="cancel")
    return order


def expire(ref: Ref, now: datetime) -> None:
    """The sweep's handler: close an order whose time is over, or finish a closing that was cut off.

    Store calls: 2 when no attempt is open. Twice at once, killed anywhere or a day late: the same end.
    """
    ctx = system(ref.tenant)

    def once() -> None:
        order, reservation = _read(ctx, ref)
        if order.timer == ORDER_TIMEOUT and order.due_at is not None and order.due_at <= now:
            _close(ctx, order, reservation, "not paid in time")

    again(once, PreconditionFailed, ReservationEnded)


def _read(ctx: Context, ref: Ref) -> tuple[Order, Reservation]:
    order_id = ref.pk.rpartition("#")[2]
    reserved = Reservation.key.of(ctx.tenant, reservation_id=reservation_of_order(order_id))
    found = get_many([ref, reserved])
    order, reservation = found.one(Order, ref), found.one(Reservation, reserved)
    if order is None or reservation is None:
        raise NotFound
    return order, reservation


def _close(ctx: Context, order: Order, reservation: Reservation, reason: str) -> Order:
    if order.open_payments:
        refuse_repeat(ctx)
        if order.status == "pending_payment":
            orders.start(ctx, order, reason)
        if _money_was_faster(ctx, order):
            return _read(ctx, order.ref)[0]
    payments = _attempts(ctx, order)
    with transaction(ctx) as tx:
        orders.cancel(tx, order, reservation, reason)
        for payment in payments:
            payment.status = "closed"
            payment.write_log(ctx, "closed", reason)
            tx.replace(f"payment:{payment.payment_id}", payment)
        remember(tx, order)
    return order


def _money_was_faster(ctx: Context, order: Order) -> bool:
    """Ask every provider to close; True when one of them has the money, which is then settled. Stock is still held."""
    for attempt in order.open_payments:
        told = provider(attempt.provider).close(ctx, attempt.payment_id)
        if told is not None and told.outcome in ("paid", "disputed"):
            log.info("closing_found_money", order_id=order.order_id, payment_id=attempt.payment_id)
            settling.receive(told, request_id=ctx.request_id)
            return True
    return False


def _attempts(ctx: Context, order: Order) -> list[Payment]:
    """The attempts that are to be closed with the order. None of them: no call."""
    refs = [payment_ref(ctx.tenant, one.payment_id, order.customer_id) for one in order.open_payments]
    found = get_many(refs)
    payments = (found.one(Payment, ref) for ref in refs)
    return [
        payment for payment in payments if payment is not None and payment.status in ("created", "pending")
    ]


def close_left_open(ctx: Context, event: Event) -> None:
    """Consumer of `order.paid`: the order's other attempts are closed; one that has money already is refunded."""
    for attempt in event.data["left_open"]:
        ref = payment_ref(ctx.tenant, attempt["payment_id"], event.data["customer_id"])
        payment = get(Payment, ref)
        if payment is not None:
            _close_attempt(ctx, payment)


def _close_attempt(ctx: Context, payment: Payment) -> None:
    """Close one attempt at its provider and with us. One the provider never heard of is closed with us alone."""

    def unheard() -> None:
        current = get(Payment, payment.ref)
        if current is not None and current.status in ("created", "pending"):
            current.status = "closed"
            current.write_log(ctx, "closed", "the provider has no such charge")
            with transaction(ctx) as tx:
                tx.replace("payment", current)

    told = provider(payment.provider).close(ctx, payment.payment_id)
    if told is not None:
        settling.receive(told, request_id=ctx.request_id)
    else:
        again(unheard, PreconditionFailed)


def close_payment(ctx: Context, payment_id: str) -> Payment:
    """The customer gives up one attempt; the order stays open for another. Raises NotFound."""
    payment = reading.own(ctx, payment_id)
    if payment.status in ("created", "pending"):
        _close_attempt(ctx, payment)
        payment = reading.own(ctx, payment_id)
    return payment
