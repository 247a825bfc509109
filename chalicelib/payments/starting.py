"""Starting a payment: one open attempt per order and provider; asking again continues the same attempt."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.orders import reading as orders
from chalicelib.orders.entities import OpenPayment, Order, moved
from chalicelib.orders.states import OrderState
from chalicelib.payments import channels, settling
from chalicelib.payments.channels import Offer
from chalicelib.payments.entities import Payment, payment_ref
from chalicelib.payments.providers import provider
from chalicelib.payments.providers.base import Charge
from chalicelib.store import again, get, refuse_repeat, remember, transaction

MOST_ATTEMPTS = 20


class TooManyAttempts(Conflict):
    code = "too_many_payments"
    title = Text("Too many payment attempts for this order", "该订单支付尝试过多")
    detail = Text("Cancel the order and place it again.", "请取消订单后重新下单。")


def start(ctx: Context, order_id: str, provider_name: str, method: str | None) -> Payment:
    """Open an attempt with a provider, or continue the open one.

    The attempt is written before the provider is asked, so that money can never come for a payment we do not know.
    Store calls: 5 and the provider's, and one a minute for the shop's channels. Raises NotFound, OrderState,
    ProviderOff, NotForThisClient, AmountNotTaken, TooManyAttempts, Unavailable.
    """
    offer = channels.offered(ctx, provider_name, method)
    refuse_repeat(ctx)
    payment, order = again(lambda: _attempt(ctx, order_id, offer, method), PreconditionFailed)
    if payment.status != "created":
        return payment
    created = provider(provider_name).create(ctx, _charge(payment, order))
    return again(lambda: _opened(ctx, payment, created.provider_ref, created.client), PreconditionFailed)


def _attempt(ctx: Context, order_id: str, offer: Offer, method: str | None) -> tuple[Payment, Order]:
    """Our record of the attempt, new or continued. Raises OrderState when the order takes no money any more."""
    provider_name = offer.provider
    order = orders.own(ctx, order_id)
    status = order.status_at(ctx.now)
    if status != "pending_payment":
        raise OrderState(status=status, event="start_payment")
    offer.check_amount(order.totals.payable)
    for known in order.open_payments:
        if known.provider == provider_name and known.method == method:
            payment = get(Payment, payment_ref(ctx.tenant, known.payment_id, ctx.customer_id))
            if payment is not None and payment.status in ("created", "pending"):
                return payment, order
    if sum(move.event == "start_payment" for move in order.timeline) >= MOST_ATTEMPTS:
        raise TooManyAttempts
    payment = Payment(
        tenant=ctx.tenant,
        payment_id=ctx.new_id("pay"),
        order_id=order.order_id,
        customer_id=order.customer_id,
        provider=provider_name,
        method=method,
        amount=order.totals.payable,
        status="created",
        created_at=ctx.now,
    )
    payment.write_log(ctx, "created")
    kept = [
        known for known in order.open_payments if known.provider != provider_name or known.method != method
    ]
    order.open_payments = [
        *kept,
        OpenPayment(payment_id=payment.payment_id, provider=provider_name, method=method),
    ]
    order.timeline = [*order.timeline, moved(ctx, "start_payment", order.status, provider_name)]
    with transaction(ctx) as tx:
        tx.put("payment", payment)
        tx.replace("order", order)
    return payment, order


def _charge(payment: Payment, order: Order) -> Charge:
    return Charge(
        payment_id=payment.payment_id,
        order_id=order.order_id,
        customer_id=order.customer_id,
        amount=payment.amount,
        method=payment.method,
        title=order.lines[0].title[:100],
        expires_at=order.expires_at,
    )


def _opened(ctx: Context, payment: Payment, provider_ref: str, client: dict[str, Any]) -> Payment:
    """created → pending with what the client needs. A callback may have been faster, or a cancel: then the charge
    that was just opened is closed again. Raises OrderState."""
    current = get(Payment, payment.ref)
    if current is None or current.status == "succeeded":
        return current or payment
    if current.status != "created":
        told = provider(payment.provider).close(ctx, payment.payment_id)
        if told is not None:
            settling.receive(told, request_id=ctx.request_id)
        raise OrderState(status=current.status, event="start_payment")
    current.status, current.provider_ref, current.client = "pending", provider_ref, client
    current.write_log(ctx, "opened", provider_ref)
    with transaction(ctx) as tx:
        tx.replace("payment", current)
        remember(tx, current)
    return current
