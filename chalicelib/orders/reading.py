"""Reading orders. Each is one store call."""

from collections.abc import Callable
from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.orders.entities import Order, OrderBook, book_ref, order_ref
from chalicelib.store import Page, get, items, rows


def own(ctx: Context, order_id: str) -> Order:
    """The caller's own order. Raises NotFound, also for another customer's: the key holds the owner.

    One that its customer removed from their list is not there for them any more.
    """
    order = get(Order, order_ref(ctx.tenant, order_id, ctx.customer_id))
    if order is None or order.listed_for is None:
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
    keep: Callable[[dict[str, Any]], bool] | None = None
    if status is not None:
        keep = lambda row: row["status"] == status  # noqa: E731 - a predicate, once
    return rows(
        ctx.tenant,
        Order.of_customer,
        limit=limit,
        cursor=cursor,
        keep=keep,
        filters=f"status={status}",
        listed_for=ctx.customer_id,
    )


def staff_list(ctx: Context, *, status: str, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Orders in one state, newest first. One Query of `by_state`."""
    return rows(ctx.tenant, Order.in_state, limit=limit, cursor=cursor, status=status)


def counts(ctx: Context) -> OrderBook:
    """The caller's orders counted by state. One GetItem."""
    book = get(OrderBook, book_ref(ctx.tenant, ctx.customer_id))
    return book or OrderBook(tenant=ctx.tenant, customer_id=ctx.customer_id)
