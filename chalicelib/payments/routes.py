"""Paying, cancelling, callbacks, and the sandbox's counter."""

from typing import Literal

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, Unavailable
from chalicelib.core.settings import settings
from chalicelib.fulfilment.kinds.card_key import KeyNotStocked
from chalicelib.http import (
    CUSTOMER,
    PUBLIC,
    TOKENLESS,
    Idempotent,
    ListQuery,
    RateLimit,
    Raw,
    RawAnswer,
    Routes,
    staff,
)
from chalicelib.orders.entities import Order
from chalicelib.orders.schemas import OrderId, OrderView
from chalicelib.orders.states import OrderState
from chalicelib.payments import callbacks, closing, reading, starting
from chalicelib.payments.channels import AmountNotTaken, NotForThisClient
from chalicelib.payments.entities import Payment
from chalicelib.payments.providers import ProviderOff
from chalicelib.payments.providers.base import CallbackUnreadable, SignatureInvalid
from chalicelib.payments.providers.sandbox import ChargeState, Sandbox
from chalicelib.payments.schemas import (
    CreatePayment,
    ParkedPage,
    ParkedRow,
    PaymentId,
    PaymentPage,
    PaymentQuery,
    PaymentRow,
    PaymentView,
    ProviderName,
    SandboxAnswer,
    SandboxCall,
)
from chalicelib.payments.starting import TooManyAttempts

routes = Routes("payments")


@routes.post(
    "/v1/orders/{order_id}/payments",
    permission=CUSTOMER,
    status=201,
    answer=PaymentView,
    idempotent=Idempotent.REQUIRED,
    rate_limit=RateLimit(120, 60, per="user", shared=False),
    errors=[NotFound, OrderState, ProviderOff, NotForThisClient, AmountNotTaken, TooManyAttempts],
)
def create_payment(ctx: Context, order_id: OrderId, body: CreatePayment) -> Payment:
    """Start paying an order, or continue the attempt that is open with this provider."""
    return starting.start(ctx, order_id, body.provider, body.method)


@routes.post(
    "/v1/orders/{order_id}/cancel",
    permission=CUSTOMER,
    answer=OrderView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, OrderState],
)
def cancel_order(ctx: Context, order_id: OrderId) -> Order:
    """Cancel an unpaid order: its open attempts are closed first, then everything it held goes back."""
    return closing.cancel(ctx, order_id, "cancelled by the customer")


@routes.get("/v1/payments/{payment_id}", permission=CUSTOMER, answer=PaymentView, errors=[NotFound])
def read_payment(ctx: Context, payment_id: PaymentId) -> Payment:
    """One of my payments; while no callback has come, the provider is asked."""
    return reading.current(ctx, payment_id)


@routes.post("/v1/payments/{payment_id}/close", permission=CUSTOMER, answer=PaymentView, errors=[NotFound])
def close_payment(ctx: Context, payment_id: PaymentId) -> Payment:
    """Give up this attempt. Closing a closed one changes nothing; money that was faster wins."""
    return closing.close_payment(ctx, payment_id)


@routes.post(
    "/v1/webhooks/{provider}",
    permission=TOKENLESS,
    tenantless=True,  # the signed body names it
    content_types=["*/*"],
    errors=[NotFound, SignatureInvalid, CallbackUnreadable, KeyNotStocked, Unavailable],
)
def receive_webhook(ctx: Context, provider: ProviderName, raw: Raw) -> RawAnswer:
    """A provider's callback, in the provider's own form; answered with the provider's own acknowledgement."""
    return callbacks.receive(ctx, provider, raw)


@routes.post(
    "/v1/sandbox/payments/{payment_id}/pay", permission=PUBLIC, errors=[NotFound, ChargeState, KeyNotStocked]
)
def sandbox_pay(ctx: Context, payment_id: PaymentId, body: SandboxCall) -> SandboxAnswer:
    """The customer pays at the sandbox, which then sends its signed webhook."""
    return _at_the_counter(ctx, payment_id, body, "paid")


@routes.post("/v1/sandbox/payments/{payment_id}/fail", permission=PUBLIC, errors=[NotFound, ChargeState])
def sandbox_fail(ctx: Context, payment_id: PaymentId, body: SandboxCall) -> SandboxAnswer:
    """The sandbox refuses the customer's card, and says so by webhook."""
    return _at_the_counter(ctx, payment_id, body, "failed")


@routes.post("/v1/sandbox/payments/{payment_id}/dispute", permission=PUBLIC, errors=[NotFound, ChargeState])
def sandbox_dispute(ctx: Context, payment_id: PaymentId, body: SandboxCall) -> SandboxAnswer:
    """The customer's bank disputes a paid charge, and the sandbox says so by webhook."""
    return _at_the_counter(ctx, payment_id, body, "disputed")


def _at_the_counter(
    ctx: Context, payment_id: str, body: SandboxCall, charge: Literal["paid", "failed", "disputed"]
) -> SandboxAnswer:
    """Only where the sandbox is switched on; elsewhere there is no such address."""
    if not settings().sandbox:
        raise NotFound
    sandbox = Sandbox()
    act = {"paid": sandbox.pay, "failed": sandbox.fail, "disputed": sandbox.dispute}[charge]
    told = act(ctx, payment_id)
    sent = 0
    if body.deliver:
        sent = callbacks.send_from_sandbox(ctx, told, times=body.times, delay_seconds=body.delay_seconds)
    return SandboxAnswer(payment_id=payment_id, charge=charge, callbacks=sent)


@routes.get("/v1/admin/payments", permission=staff("payments:read"))
def list_payments(ctx: Context, query: PaymentQuery) -> PaymentPage:
    """Payments in one state, newest first."""
    page = reading.staff_list(ctx, status=query.status, limit=query.limit, cursor=query.cursor)
    return PaymentPage.page([PaymentRow.of(row) for row in page.data], page.next_cursor)


@routes.get("/v1/admin/payments/parked", permission=staff("payments:read"))
def list_parked_callbacks(ctx: Context, query: ListQuery) -> ParkedPage:
    """Genuine callbacks that fit no payment exactly, and wait for a person."""
    page = reading.parked(ctx, limit=query.limit, cursor=query.cursor)
    return ParkedPage.page([ParkedRow.of(row) for row in page.data], page.next_cursor)
