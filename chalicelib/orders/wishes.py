"""Small things a customer may ask of an order: a reminder to ship, and to see it no more."""

from datetime import timedelta

from chalicelib.core.clock import from_text
from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, PreconditionFailed, TooMany
from chalicelib.core.text import Text
from chalicelib.orders import reading
from chalicelib.orders.entities import Order
from chalicelib.orders.settling import note
from chalicelib.orders.states import FINAL, OrderState
from chalicelib.store import again, emit, transaction
from chalicelib.tenants import service as tenants
from chalicelib.tenants.parameters import REMINDERS

REMIND_AGAIN = timedelta(days=1)


class RemindersOff(Forbidden):
    code = "reminders_off"
    title = Text("This shop takes no reminders", "该店铺不接受催发货")
    detail = Text("Ask the shop directly.", "请直接联系店铺。")


def remind(ctx: Context, order_id: str) -> Order:
    """Ask the shop to ship, at most once a day. Store calls: 2. Raises NotFound, OrderState, TooMany,
    RemindersOff."""
    if not tenants.is_on(ctx, REMINDERS):
        raise RemindersOff
    return again(lambda: _remind_once(ctx, order_id), PreconditionFailed)


def _remind_once(ctx: Context, order_id: str) -> Order:
    order = reading.own(ctx, order_id)
    if order.status not in ("paid", "partially_shipped"):
        raise OrderState(status=order.status, event="remind")
    for move in order.timeline:
        since = ctx.now - from_text(move.at)
        if move.event == "remind" and since < REMIND_AGAIN:
            raise TooMany(retry_after=int((REMIND_AGAIN - since).total_seconds()) + 1)
    note(ctx, order, "remind", "the customer asks to ship")
    with transaction(ctx) as tx:
        tx.replace("order", order)
        emit(tx, "order.reminded", {"order_id": order.order_id, "number": order.number})
    return order


def remove_from_list(ctx: Context, order_id: str) -> None:
    """The customer does not want to see it any more; the shop keeps it. Store calls: 2. Raises NotFound, OrderState."""

    def once() -> None:
        order = reading.own(ctx, order_id)
        if order.status not in FINAL:
            raise OrderState(status=order.status, event="remove")
        order.listed_for = None
        note(ctx, order, "remove", "the customer removed it from their list")
        with transaction(ctx) as tx:
            tx.replace("order", order)

    again(once, PreconditionFailed)
