"""What a provider's word does: compared exactly with our own records, then one transaction, once.

Whatever the order's state, money that came is never lost (B5):

    unpaid, closing   → paid
    cancelled         → paid again if its stock can be taken again, else refunded in full
    paid already      → this second payment is refunded in full
"""

from dataclasses import dataclass

from chalicelib.core import log
from chalicelib.core.context import Actor, Context
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.fulfilment.kinds import KINDS
from chalicelib.fulfilment.kinds.card_key import PoolMoved
from chalicelib.inventory.entities import Reservation
from chalicelib.inventory.service import OutOfStock, ReservationEnded, reservation_of_order
from chalicelib.orders import settling as orders
from chalicelib.orders.entities import Order, order_ref
from chalicelib.orders.states import UNPAID
from chalicelib.payments import refunds
from chalicelib.payments.entities import ParkedCallback, Payment, payment_ref
from chalicelib.payments.providers import provider
from chalicelib.payments.providers.base import Told
from chalicelib.store import Transaction, again, emit, get_many, transaction

_BROUGHT_MONEY = frozenset({"settled", "revived", "refunded"})
"""What is done once for each attempt that the provider has the money of."""


@dataclass(slots=True)
class _Records:
    """What we know ourselves of what a provider tells us about."""

    payment: Payment
    order: Order
    reservation: Reservation


def receive(told: Told, *, request_id: str = "") -> str:
    """Act on a provider's word; answers what was done. Safe to repeat, in any order, in parallel (B6, B7).

    Store calls: 2 for a first success (read, transaction), 1 for a repeat.
    """
    ctx = Context(tenant=told.tenant, actor=Actor("provider", id=told.provider), request_id=request_id)
    done = again(lambda: _once(ctx.fresh(), told), PreconditionFailed, ReservationEnded, PoolMoved)
    _measure(told, done)
    return done


def _measure(told: Told, done: str) -> None:
    """Each attempt once, when it ends at its provider. One that was given up is neither a success nor a failure."""
    if done in _BROUGHT_MONEY:
        log.metrics({"provider": told.provider}, payments_succeeded=1, payment_success_rate=100)
    elif done == "failed":
        log.metrics({"provider": told.provider}, payment_failures=1, payment_success_rate=0)


def _once(ctx: Context, told: Told) -> str:
    records = _read(ctx, told)
    if records is None:
        return _park(ctx, told, "there is no such payment")
    if why := _differs(told, records):
        return _park(ctx, told, why)
    match told.outcome:
        case "paid":
            return _paid(ctx, told, records)
        case "failed" | "closed":
            return _ended(ctx, told, records)
        case "disputed":
            return _disputed(ctx, told, records)
        case _:
            return "nothing"


def _read(ctx: Context, told: Told) -> _Records | None:
    """Payment, order and reservation in one call: the callback carries our own references back to us."""
    refs = (
        payment_ref(ctx.tenant, told.payment_id, told.customer_id),
        order_ref(ctx.tenant, told.order_id, told.customer_id),
        Reservation.key.of(ctx.tenant, reservation_id=reservation_of_order(told.order_id)),
    )
    found = get_many(refs)
    payment, order = found.one(Payment, refs[0]), found.one(Order, refs[1])
    reservation = found.one(Reservation, refs[2])
    if payment is None or order is None or reservation is None:
        return None
    return _Records(payment, order, reservation)


def _differs(told: Told, ours: _Records) -> str:
    """Why this is not exactly the payment we asked for; empty when it is (B11)."""
    if ours.payment.order_id != told.order_id:
        return "it names another order"
    if ours.payment.provider != told.provider:
        return "it comes from another provider"
    if told.merchant != provider(told.provider).merchant:
        return "it is for another merchant"
    if told.amount.currency != ours.payment.amount.currency:
        return "the currency differs"
    if told.amount.amount != ours.payment.amount.amount:
        return "the amount differs"
    return ""


def _paid(ctx: Context, told: Told, ours: _Records) -> str:
    if ours.payment.status == "succeeded":
        return "known"
    if ours.order.status in UNPAID:
        with transaction(ctx) as tx:
            _succeed(tx, told, ours.payment)
            orders.settle(tx, ours.order, ours.reservation, ours.payment.payment_id)
        return "settled"
    if ours.order.status == "cancelled":
        return _late(ctx, told, ours)
    with transaction(ctx) as tx:
        if ours.payment.amount.amount:
            refunds.start(
                tx, ours.payment, ours.payment.amount, "the order was paid already", closes_order=False
            )
        _succeed(tx, told, ours.payment)
    return "refunded"


def _late(ctx: Context, told: Told, ours: _Records) -> str:
    """Money after the order closed: honour it with stock taken again, or send it all back. Store calls: 3."""
    wanted = [ref for line in ours.order.lines for ref in KINDS[line.kind].refs(ctx.tenant, line.sku_id)]
    found = get_many(wanted)
    try:
        with transaction(ctx) as tx:
            orders.revive(tx, ours.order, ours.reservation, ours.payment.payment_id, found)
            _succeed(tx, told, ours.payment)
        log.info("late_payment", outcome="revived", order_id=told.order_id)
        return "revived"
    except OutOfStock:
        pass
    again_read = _read(ctx, told)
    if (
        again_read is None
        or again_read.order.status != "cancelled"
        or again_read.payment.status == "succeeded"
    ):
        raise PreconditionFailed
    with transaction(ctx) as tx:
        if again_read.payment.amount.amount:
            orders.start_refund(tx, again_read.order, "paid after it was cancelled, and its stock is gone")
            refunds.start(
                tx,
                again_read.payment,
                again_read.payment.amount,
                "paid after cancellation",
                closes_order=True,
            )
        _succeed(tx, told, again_read.payment)
    log.info("late_payment", outcome="refunding", order_id=told.order_id)
    return "refunded"


def _succeed(tx: Transaction, told: Told, payment: Payment) -> None:
    payment.status, payment.paid_at, payment.provider_ref = "succeeded", tx.ctx.now, told.provider_ref
    payment.write_log(tx.ctx, "succeeded", told.event_id)
    tx.replace("payment", payment)
    emit(
        tx,
        "payment.succeeded",
        {
            "payment_id": payment.payment_id,
            "order_id": payment.order_id,
            "customer_id": payment.customer_id,
            "provider": payment.provider,
            "amount": payment.amount.model_dump(mode="json"),
        },
    )


def _ended(ctx: Context, told: Told, ours: _Records) -> str:
    """The attempt brought no money; the order waits for another one."""
    if ours.payment.status not in ("created", "pending"):
        return "known"
    ours.payment.status = "failed" if told.outcome == "failed" else "closed"
    ours.payment.write_log(ctx, ours.payment.status, told.event_id)
    with transaction(ctx) as tx:
        tx.replace("payment", ours.payment)
        if any(known.payment_id == ours.payment.payment_id for known in ours.order.open_payments):
            left = [
                known for known in ours.order.open_payments if known.payment_id != ours.payment.payment_id
            ]
            ours.order.open_payments = left
            tx.replace("order", ours.order)
    return ours.payment.status


def _disputed(ctx: Context, told: Told, ours: _Records) -> str:
    """Recorded on payment and order; what to answer is for staff."""
    if ours.payment.status != "succeeded":
        # a dispute says that the money had come: that is settled first, then the dispute is written down
        _measure(told, _paid(ctx, told, ours))
        raise PreconditionFailed
    if any(entry.event == "disputed" for entry in ours.payment.log):
        return "known"
    ours.payment.write_log(ctx, "disputed", told.event_id)
    orders.note(ctx, ours.order, "dispute", "the payment is disputed at the provider")
    with transaction(ctx) as tx:
        tx.replace("payment", ours.payment)
        tx.replace("order", ours.order)
        emit(tx, "payment.disputed", {"payment_id": told.payment_id, "order_id": told.order_id})
    log.metrics({"provider": told.provider}, payments_disputed=1)
    return "disputed"


def _park(ctx: Context, told: Told, why: str) -> str:
    """Genuine, but not ours to settle: keep it for a person and raise an alarm, once per event. It is acknowledged."""
    parked = ParkedCallback(
        tenant=ctx.tenant,
        provider=told.provider,
        event_id=told.event_id,
        at=ctx.now,
        why=why,
        payment_id=told.payment_id,
        told={
            "outcome": told.outcome,
            "order_id": told.order_id,
            "merchant": told.merchant,
            "amount": told.amount.model_dump(mode="json"),
            "provider_ref": told.provider_ref,
        },
    )
    try:
        with transaction(ctx) as tx:
            tx.put("parked", parked)
            emit(tx, "payment.parked", {"provider": told.provider, "payment_id": told.payment_id, "why": why})
    except Conflict:
        return "parked"
    log.warning("payment_parked", provider=told.provider, payment_id=told.payment_id, why=why)
    log.metrics({"provider": told.provider}, payments_parked=1)
    return "parked"
