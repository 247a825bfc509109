"""Orders, the payments that paid them, and deliveries without their secrets."""

from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.fulfilment import deliveries
from chalicelib.fulfilment.schemas import DeliveryView
from chalicelib.orders import reading
from chalicelib.orders.entities import Order, order_ref
from chalicelib.orders.schemas import OrderView
from chalicelib.payments.entities import Payment, payment_ref
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page, get_many


def _whole_orders(ctx: Context, limit: int, cursor: str | None) -> Page[Order]:
    page = reading.own_list(ctx, status=None, limit=limit, cursor=cursor)
    refs = [order_ref(ctx.tenant, row["id"], ctx.customer_id) for row in page.data]
    found = get_many(refs)
    # one that came with a merged account stands at another address
    orders = [
        found.one(Order, ref) or reading.own(ctx, row["id"]) for ref, row in zip(refs, page.data, strict=True)
    ]
    return Page(orders, page.next_cursor)


def _orders(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = _whole_orders(ctx, limit, cursor)
    return Page([OrderView.of(order).model_dump(mode="json") for order in page.data], page.next_cursor)


def _payments(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = _whole_orders(ctx, limit, cursor)
    refs = [
        payment_ref(ctx.tenant, order.payment_id, order.customer_id)
        for order in page.data
        if order.payment_id is not None
    ]
    payments = get_many(refs).all(Payment)
    return Page([_shown(payment) for payment in payments], page.next_cursor)


def _shown(payment: Payment) -> dict[str, Any]:
    return {
        **payment.row(),
        "method": payment.method,
        "paid_at": payment.paid_at and to_text(payment.paid_at),
        "refunded": {"amount": payment.refunded, "currency": payment.amount.currency},
    }


def _deliveries(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = deliveries.listed(ctx, limit=limit, cursor=cursor)
    return Page([DeliveryView.of(one).model_dump(mode="json") for one in page.data], page.next_cursor)


HOLDERS = (
    Holder("orders", _orders),
    Holder("payments", _payments),
    Holder("deliveries", _deliveries),
)
