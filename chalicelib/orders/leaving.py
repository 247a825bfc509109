"""When a customer leaves for good: not before their orders have ended, and then what those say of the person goes.

The orders stay, for the books: what was sold, when, for how much, and to which district it went.
"""

from functools import partial
from typing import cast

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed, SoukError
from chalicelib.core.text import Text
from chalicelib.orders import states
from chalicelib.orders.entities import Order, OrderBook, book_ref
from chalicelib.orders.reading import for_staff
from chalicelib.store import Event, Transaction, Wire, again, emit, once, rows, transaction

GOING_ON = "orders.forget_due"
_PAGE = 25
"""Orders an event deals with; the next event has the next ones."""
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
    """Consumer of `user.closed` and of its own `orders.forget_due`. One Query, and 2 store calls an order."""
    customer_id = event.data["user_id"]
    page = rows(
        ctx.tenant, Order.of_customer, limit=_PAGE, cursor=event.data.get("cursor"), listed_for=customer_id
    )
    for row in page.data:
        again(partial(_forget_one, ctx, row["id"], customer_id), PreconditionFailed)
    if page.next_cursor is not None:
        with transaction(ctx) as tx:
            once(tx, event, "orders.forget")
            emit(tx, GOING_ON, {"user_id": customer_id, "cursor": page.next_cursor})


def _forget_one(ctx: Context, order_id: str, customer_id: str) -> None:
    order = for_staff(ctx, order_id)  # one that came with a merged account has another key
    if order.listed_for != customer_id or order.status not in states.FINAL or order.open_payments:
        return
    order.note = None
    if order.ship_to is not None:
        nobody = {"recipient": "", "phone": "", "line1": "", "postal_code": None}
        order.ship_to = order.ship_to.model_copy(update=nobody)
    with transaction(ctx) as tx:
        tx.replace("order", order)
