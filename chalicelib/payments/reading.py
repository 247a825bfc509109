"""Reading payments, and asking the provider when no callback came."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.payments import settling
from chalicelib.payments.entities import ParkedCallback, Payment, payment_ref
from chalicelib.payments.providers import provider
from chalicelib.store import Page, get, rows


def own(ctx: Context, payment_id: str) -> Payment:
    """The caller's own payment. One GetItem. Raises NotFound."""
    payment = get(Payment, payment_ref(ctx.tenant, payment_id, ctx.customer_id))
    if payment is None:
        raise NotFound
    return payment


def current(ctx: Context, payment_id: str) -> Payment:
    """The caller's payment as the provider knows it: while no callback has come, the provider is asked (B7).

    Store calls: 1 when it has ended; otherwise the provider's, and what settling makes.
    """
    payment = own(ctx, payment_id)
    if payment.status not in ("created", "pending"):
        return payment
    told = provider(payment.provider).query(ctx, payment_id)
    if told is None or told.outcome == "open":
        return payment
    settling.receive(told, request_id=ctx.request_id)
    return own(ctx, payment_id)


def staff_list(ctx: Context, *, status: str, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Payments in one state, newest first. One Query of `by_state`."""
    return rows(ctx.tenant, Payment.in_state, limit=limit, cursor=cursor, status=status)


def parked(ctx: Context, *, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Callbacks that wait for a person, newest first. One Query of `by_state`."""
    return rows(ctx.tenant, ParkedCallback.waiting, limit=limit, cursor=cursor, status="waiting")
