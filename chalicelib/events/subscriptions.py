"""Who wants to know of what. The one list: an event without subscribers is delivered to nobody and done."""

from chalicelib.addresses import service as addresses
from chalicelib.cart import service as cart
from chalicelib.core.context import Context
from chalicelib.core.log import info
from chalicelib.favorites import service as favorites
from chalicelib.identity import codes, session_list
from chalicelib.kyc import service as kyc
from chalicelib.media import accounting as storage_books
from chalicelib.media import erasing as files
from chalicelib.members import levels
from chalicelib.notifications import codes as code_letters
from chalicelib.notifications import service as notifications
from chalicelib.notifications.templates.messages import TOLD
from chalicelib.orders import inheriting, leaving
from chalicelib.payments import callbacks, closing, refunds
from chalicelib.points import service as points
from chalicelib.store import Consumer, Event


def write_down(ctx: Context, event: Event) -> None:
    """Staff matters without a page of their own yet reach the log, and the alarms that read it."""
    info("staff_alarm", about=event.name, data=event.data)


_TELL_CUSTOMER = Consumer("notifications.tell_customer", notifications.tell_customer)
_CARRY_OUT_REFUND = Consumer("payments.carry_out_refund", refunds.carry_out)
_SANDBOX_CALLBACK = Consumer("payments.sandbox_callback", callbacks.sandbox_callback_due)
_CLOSE_LEFT_OPEN = Consumer("payments.close_left_open", closing.close_left_open)
_COUNT_ORDER = Consumer("members.count_order", levels.count_order)
_HAND_OVER = Consumer("orders.hand_over", inheriting.hand_over)
_STAFF_ALARM = Consumer("events.write_down", write_down)
_SEND_CODE = Consumer("notifications.send_code", code_letters.send_code)
_END_SESSIONS = Consumer("identity.end_sessions", session_list.end_due)
_FORGET_ORDERS = Consumer("orders.forget", leaving.forget)
_STORAGE_ALARM = Consumer("media.raise_alarm", storage_books.raise_alarm)
_ERASE_KYC = Consumer("kyc.erase_closed", kyc.erase_closed)
_FORGET_MERGED_FILES = Consumer("media.forget_merged", files.forget_merged)
_FORGET = (
    Consumer("addresses.forget", addresses.forget),
    Consumer("cart.forget", cart.forget),
    Consumer("notifications.forget", notifications.forget),
    Consumer("members.forget", levels.forget),
    Consumer("points.forget", points.forget),
    Consumer("favorites.forget", favorites.forget),
    Consumer("media.forget", files.forget),
    _FORGET_ORDERS,
    _ERASE_KYC,
)

SUBSCRIPTIONS: dict[str, tuple[Consumer, ...]] = {
    **dict.fromkeys(TOLD, (_TELL_CUSTOMER,)),
    "order.paid": (_TELL_CUSTOMER, _CLOSE_LEFT_OPEN, _COUNT_ORDER),
    "order.completed": (_TELL_CUSTOMER, _COUNT_ORDER),
    "member.merged": (_HAND_OVER, _FORGET_MERGED_FILES),
    "refund.requested": (_CARRY_OUT_REFUND,),
    "sandbox.callback_due": (_SANDBOX_CALLBACK,),
    codes.EVENT: (_SEND_CODE,),
    session_list.ENDING: (_END_SESSIONS,),
    "user.closed": _FORGET,
    leaving.GOING_ON: (_FORGET_ORDERS,),
    "order.stuck": (_STAFF_ALARM,),
    "order.reminded": (_STAFF_ALARM,),
    "payment.parked": (_STAFF_ALARM,),
    "payment.disputed": (_STAFF_ALARM,),
    "kyc.waiting": (_STAFF_ALARM,),
    storage_books.LEVEL_REACHED: (_STAFF_ALARM, _STORAGE_ALARM),
}


def consumers_of(event: Event) -> tuple[Consumer, ...]:
    return SUBSCRIPTIONS.get(event.name, ())
