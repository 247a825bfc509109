"""When a customer leaves for good: not before their orders have ended, and then what those say of the person goes.

The orders stay, for the books: what was sold, when, for how much, and to which district it went.
"""

from datetime import timedelta
from functools import partial
from typing import Any, cast

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed, SoukError
from chalicelib.core.text import Text
from chalicelib.orders import states
from chalicelib.orders.entities import Order, OrderBook, book_ref
from chalicelib.orders.reading import for_staff
from chalicelib.store import Event, Page, Transaction, Wire, again, emit, once, rows, transaction

GOING_ON = "orders.forget_due"
_PAGE = 25
"""Orders an event deals with; the next event has the next ones."""
_LOOKED_AT_AGAIN = timedelta(days=1)
_OPEN = tuple(state for state in states.EVERY if state not in states.FINAL)


class OrdersOpen(Conflict):
    """`open` counts them by state."""

    code = "account_has_open_orders"
    title = Text("There are orders that have not ended", "您还有未完结的订单")
    detail = Text("Wait for them, or cancel them.", "请等待订单完结，或先取消订单。")


def guard_open_orders(tx: Transaction, customer_id: str) -> None:
    """Part `book`: the transaction holds only while no order of theirs is open. Refuses with OrdersOpen."""
    condition = None
    for state in _OPEN:
        counted = OrderBook.get_attributes()[state]
        none_open = counted.does_not_exist() | (counted <= 0)
        condition = none_open if condition is None else condition & none_open
    if condition is not None:
        tx.check("book", book_ref(tx.ctx.tenant, customer_id), condition, refuse=_open_orders)


def _open_orders(old: Wire | None) -> SoukError:
    book = OrderBook.from_wire(old) if old else None
    counted = {state: cast(int, getattr(book, state)) for state in _OPEN} if book else {}
    return OrdersOpen(open={state: count for state, count in counted.items() if count})


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed` and of its own `orders.forget_due`: a page of the customer's list, then of what they
    had removed from it. One Query, and 2 store calls an order.

    An order that money may still come for keeps its address until that is over: it is looked at again a day later.
    """
    customer_id, removed = event.data["user_id"], event.data.get("removed", False)
    page = _page(ctx, customer_id, event.data.get("cursor"), removed=removed)
    done = [again(partial(_forget_one, ctx, row["id"], customer_id), PreconditionFailed) for row in page.data]
    waits = event.data.get("waits", False) or not all(done)
    if page.next_cursor is None and removed and not waits:
        return
    with transaction(ctx) as tx:
        once(tx, event, "orders.forget")
        if page.next_cursor is not None:
            place = {"removed": removed, "cursor": page.next_cursor, "waits": waits}
            emit(tx, GOING_ON, {"user_id": customer_id, **place})
        elif not removed:
            emit(tx, GOING_ON, {"user_id": customer_id, "removed": True, "waits": waits})
        else:
            emit(tx, GOING_ON, {"user_id": customer_id}, not_before=ctx.now + _LOOKED_AT_AGAIN)


def _page(ctx: Context, customer_id: str, cursor: str | None, *, removed: bool) -> Page[dict[str, Any]]:
    if removed:
        return rows(ctx.tenant, Order.removed, limit=_PAGE, cursor=cursor, removed_by=customer_id)
    return rows(ctx.tenant, Order.of_customer, limit=_PAGE, cursor=cursor, listed_for=customer_id)


def _forget_one(ctx: Context, order_id: str, customer_id: str) -> bool:
    """Whether nothing personal is left of it."""
    order = for_staff(ctx, order_id)  # one that came with a merged account has another key
    if order.belongs_to != customer_id:
        return True
    if order.status not in states.FINAL or order.open_payments:
        return False
    order.note = None
    if order.ship_to is not None:
        nobody = {"recipient": "", "phone": "", "line1": "", "postal_code": None}
        order.ship_to = order.ship_to.model_copy(update=nobody)
    with transaction(ctx) as tx:
        tx.replace("order", order)
    return True
