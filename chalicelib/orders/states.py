"""The order's state machine, as a table that code, tests, documents and the time line read."""

from datetime import datetime, timedelta
from typing import Literal, cast

from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text
from chalicelib.tenants.terms import InForce

State = Literal[
    "pending_payment",
    "closing",
    "paid",
    "partially_shipped",
    "shipped",
    "completed",
    "cancelled",
    "refunding",
    "refunded",
]
Event = Literal[
    "pay",
    "start_closing",
    "cancel",
    "revive",
    "deliver_all",
    "ship_some",
    "ship_all",
    "complete",
    "refund",
    "refund_done",
]

MOVES: dict[tuple[State, Event], State] = {
    ("pending_payment", "pay"): "paid",
    ("pending_payment", "start_closing"): "closing",
    ("pending_payment", "cancel"): "cancelled",
    ("closing", "pay"): "paid",
    ("closing", "cancel"): "cancelled",
    ("cancelled", "revive"): "paid",
    ("cancelled", "refund"): "refunding",
    ("paid", "ship_some"): "partially_shipped",
    ("paid", "ship_all"): "shipped",
    ("paid", "deliver_all"): "completed",
    ("paid", "refund"): "refunding",
    ("partially_shipped", "ship_some"): "partially_shipped",
    ("partially_shipped", "ship_all"): "shipped",
    ("shipped", "complete"): "completed",
    ("refunding", "refund_done"): "refunded",
}

UNPAID: frozenset[State] = frozenset({"pending_payment", "closing"})
FINAL: frozenset[State] = frozenset({"completed", "cancelled", "refunded"})
"""Nothing has to happen any more. Late money may still move a cancelled order (B5)."""
EVERY: tuple[State, ...] = (
    "pending_payment",
    "closing",
    "paid",
    "partially_shipped",
    "shipped",
    "completed",
    "cancelled",
    "refunding",
    "refunded",
)

ORDER_TIMEOUT = "order_timeout"
AUTO_CONFIRM = "auto_confirm"
ORDER_STUCK = "order_stuck"

CLOSING_RETRY = timedelta(minutes=1)


class OrderState(Conflict):
    """The move is not legal from where the order stands."""

    code = "order_state"
    title = Text("The order is not in a state for this", "订单当前状态不允许此操作")
    detail = Text("The order is {status}.", "订单当前状态为 {status}。")


def move(state: str, event: Event) -> State:
    """Where `event` leads from `state`. Raises OrderState when it leads nowhere."""
    after = MOVES.get((cast(State, state), event))
    if after is None:
        raise OrderState(status=state, event=event)
    return after


def timer_of(state: State, at: datetime, expires_at: datetime, terms: InForce) -> tuple[str, datetime] | None:
    """Which sweep looks at an order that entered `state` at `at`, and when. Only final states have none (B22)."""
    match state:
        case "pending_payment":
            return ORDER_TIMEOUT, expires_at
        case "closing":
            return ORDER_TIMEOUT, at + CLOSING_RETRY
        case "shipped":
            return AUTO_CONFIRM, at + timedelta(days=terms.confirm_days)
        case "paid" | "partially_shipped" | "refunding":
            return ORDER_STUCK, at + timedelta(hours=terms.ship_alarm_hours)
        case _:
            return None
