"""Reading orders. Each is one store call."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib.core.clock import from_text
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.orders.entities import Order, OrderBook, book_ref, order_ref
from chalicelib.store import Page, get, items, rows


def own(ctx: Context, order_id: str) -> Order:
    """The caller's own order. One GetItem; one Query more for what is not at the caller's own address.

    Raises NotFound, also for another customer's: the key holds the owner. An order that came with a merged account
    keeps the key of that account and names its owner. One that its customer removed from their list is not there
    for them any more.
    """
    order = get(Order, order_ref(ctx.tenant, order_id, ctx.customer_id))
    if order is None:
        order = for_staff(ctx, order_id)
    if order.belongs_to != ctx.customer_id or order.listed_for is None:
        raise NotFound
    return order


def for_staff(ctx: Context, order_id: str) -> Order:
    """Any order of the tenant, by id alone. One Query. Raises NotFound."""
    found = items(Order, ctx.tenant, Order.key, order_id=order_id, limit=1).data
    if not found:
        raise NotFound
    return found[0]


def own_list(ctx: Context, *, status: str | None, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """The caller's orders, newest first. One Query; with `status`, reading on until the page is full."""
    return list_of(ctx, ctx.customer_id, status=status, limit=limit, cursor=cursor)


def list_of(
    ctx: Context, customer_id: str, *, status: str | None, limit: int, cursor: str | None
) -> Page[dict[str, Any]]:
    """A customer's orders as they see them, for staff who may. One Query, or more with `status`."""
    keep: Callable[[dict[str, Any]], bool] | None = None
    if status is not None:
        keep = lambda row: seen_at(row, ctx.now)["status"] == status  # noqa: E731 - a predicate, once
    page = rows(
        ctx.tenant,
        Order.of_customer,
        limit=limit,
        cursor=cursor,
        keep=keep,
        filters=f"status={status}",
        listed_for=customer_id,
    )
    return Page([seen_at(row, ctx.now) for row in page.data], page.next_cursor)


def seen_at(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A row as it is now: an unpaid order past its time is closing, even before the sweep comes by."""
    if row["status"] == "pending_payment" and from_text(row["expires_at"]) <= now:
        return {**row, "status": "closing"}
    return row


def staff_list(ctx: Context, *, status: str, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Orders in one state, newest first. One Query of `by_state`."""
    return rows(ctx.tenant, Order.in_state, limit=limit, cursor=cursor, status=status)


def counts(ctx: Context) -> OrderBook:
    """The caller's orders counted by state. One GetItem."""
    book = get(OrderBook, book_ref(ctx.tenant, ctx.customer_id))
    return book or OrderBook(tenant=ctx.tenant, customer_id=ctx.customer_id)
