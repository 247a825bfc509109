"""Refunds: decided in a transaction, carried out afterwards, retried until the provider has done it."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, PreconditionFailed
from chalicelib.core.money import Money
from chalicelib.core.text import Text
from chalicelib.orders import settling as orders
from chalicelib.orders.entities import Order, order_ref
from chalicelib.payments.entities import Payment, Refund
from chalicelib.payments.providers import provider
from chalicelib.store import Event, Transaction, again, emit, get_many, transaction


class RefundTooLarge(Conflict):
    code = "refund_too_large"
    title = Text("More than what was paid", "退款金额超过实付金额")
    detail = Text("At most {left} can still be refunded.", "最多还可退款 {left}。")


class RefundPending(Exception):
    """The provider has not finished: the outbox asks again later."""


def start(tx: Transaction, payment: Payment, amount: Money, reason: str, *, closes_order: bool) -> Refund:
    """Decide a refund: the sum never passes what was paid (B13). Raises Invalid for zero, RefundTooLarge.

    It changes `payment.refunded`; the caller replaces the payment in the same transaction, after this.
    """
    if amount.amount <= 0:
        raise Invalid.field("amount", "greater_than", "a refund is more than zero")
    left = payment.amount.amount - payment.refunded
    if amount.amount > left:
        raise RefundTooLarge(left=left)
    payment.refunded += amount.amount
    refund = Refund(
        tenant=tx.ctx.tenant,
        refund_id=tx.ctx.new_id("rfd"),
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        provider=payment.provider,
        amount=amount,
        reason=reason,
        closes_order="yes" if closes_order else "no",
        created_at=tx.ctx.now,
    )
    tx.put("refund", refund)
    emit(tx, "refund.requested", _told(refund))
    return refund


def _told(refund: Refund) -> dict[str, object]:
    return {
        "refund_id": refund.refund_id,
        "payment_id": refund.payment_id,
        "order_id": refund.order_id,
        "customer_id": refund.customer_id,
        "amount": refund.amount.model_dump(mode="json"),
    }


def carry_out(ctx: Context, event: Event) -> None:
    """Consumer of `refund.requested`: ask the provider, then record. Safe to repeat: the refund's id is fixed.

    Raises RefundPending while the provider works on it, and whatever the provider raises: the outbox retries both.
    """
    again(lambda: _carry_out_once(ctx, event.data), PreconditionFailed)


def _carry_out_once(ctx: Context, data: dict[str, str]) -> None:
    refund_ref = Refund.key.of(ctx.tenant, payment_id=data["payment_id"], refund_id=data["refund_id"])
    order_key = order_ref(ctx.tenant, data["order_id"], data["customer_id"])
    found = get_many([refund_ref, order_key])
    refund, order = found.one(Refund, refund_ref), found.one(Order, order_key)
    if refund is None or order is None or refund.status == "succeeded":
        return
    if not provider(refund.provider).refund(ctx, refund.payment_id, refund.refund_id, refund.amount):
        raise RefundPending(refund.refund_id)
    refund.status, refund.succeeded_at = "succeeded", ctx.now
    with transaction(ctx) as tx:
        tx.replace("refund", refund)
        if refund.closes_order == "yes" and order.status == "refunding":
            orders.finish_refund(tx, order, f"refund {refund.refund_id}")
        emit(tx, "refund.succeeded", {**_told(refund), "number": order.number})
