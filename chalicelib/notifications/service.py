"""Writing messages from events, and reading them in the reader's language."""

from collections.abc import Callable
from typing import Any

from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
from chalicelib.core.text import Locale, Text
from chalicelib.notifications import preferences
from chalicelib.notifications.entities import (
    Inbox,
    Notification,
    SandboxLetter,
    Topic,
    device_book_ref,
    inbox_ref,
    preferences_ref,
)
from chalicelib.notifications.preferences import FIXED, allows
from chalicelib.store import (
    MOST_ACTIONS,
    Event,
    Page,
    Transaction,
    again,
    get,
    items,
    once,
    refuse_with,
    transaction,
)

MESSAGES: dict[str, tuple[Text, Text]] = {
    "order.paid": (
        Text("Order {number} is paid", "订单 {number} 已支付"),
        Text("We have your payment and are getting your order ready.", "已收到您的付款，正在为您准备商品。"),
    ),
    "order.shipped": (
        Text("Order {number} is on its way", "订单 {number} 已发货"),
        Text("{carrier}, tracking number {tracking_number}.", "{carrier}，运单号 {tracking_number}。"),
    ),
    "order.completed": (
        Text("Order {number} is complete", "订单 {number} 已完成"),
        Text("Thank you for your order.", "感谢您的购买。"),
    ),
    "order.cancelled": (
        Text("Order {number} was cancelled", "订单 {number} 已取消"),
        Text("Reason: {reason}.", "原因：{reason}。"),
    ),
    "refund.succeeded": (
        Text("A refund for order {number}", "订单 {number} 已退款"),
        Text("The money is on its way back to you.", "款项将原路退回。"),
    ),
    "kyc.approved": (
        Text("Your identity is verified", "您的实名认证已通过"),
        Text("The verification is good until {expires_on}.", "认证有效期至 {expires_on}。"),
    ),
    "kyc.rejected": (
        Text("Your identity could not be verified", "您的实名认证未通过"),
        Text("You may submit again. Reason: {reason}", "您可以重新提交。原因：{reason}"),
    ),
    "kyc.expired": (
        Text("Your verification has expired", "您的实名认证已过期"),
        Text("Submit a valid document to be verified again.", "请提交有效证件重新认证。"),
    ),
}
"""About what → (title, text). The event's data fills the fields."""


TOPICS: dict[str, Topic] = {"order": "orders", "refund": "orders"}
"""The noun of an event → what a message of it is about. What is not listed is about the account."""


def tell_customer(ctx: Context, event: Event) -> None:
    """Consumer of every event in MESSAGES: one message per event, unless the customer wants none of this topic.

    Store calls: 2, and one more for a topic that may be switched off.
    """
    customer_id, topic = event.data["customer_id"], topic_of(event.name)
    if ("in_app", topic) not in FIXED and not allows(preferences.of(ctx, customer_id), "in_app", topic):
        return
    message = Notification(
        tenant=ctx.tenant,
        customer_id=customer_id,
        notification_id=ids.derived_id("ntf", event.event_id),
        at=event.occurred_at,
        about=event.name,
        data=event.data,
    )

    def attempt() -> None:
        inbox = _inbox(ctx, customer_id)
        inbox.unread += 1
        with transaction(ctx) as tx:
            once(tx, event, "notifications")
            tx.put("notification", message)
            _write(tx, inbox)

    again(attempt, PreconditionFailed)


def topic_of(event_name: str) -> Topic:
    return TOPICS.get(event_name.partition(".")[0], "account")


def mark_read(ctx: Context) -> None:
    """Store calls: 2, or 1 when nothing is unread."""

    def attempt() -> None:
        inbox = _inbox(ctx, ctx.customer_id)
        if not inbox.unread:
            return
        inbox.unread = 0
        with transaction(ctx) as tx:
            _write(tx, inbox)

    again(attempt, PreconditionFailed)


def _inbox(ctx: Context, user_id: str) -> Inbox:
    return get(Inbox, inbox_ref(ctx.tenant, user_id)) or Inbox(tenant=ctx.tenant, user_id=user_id)


def _write(tx: Transaction, inbox: Inbox) -> None:
    """Refused (412) when somebody wrote it since it was read."""
    if inbox.version:
        tx.replace("inbox", inbox)
    else:
        inbox.version = 1
        tx.put("inbox", inbox, refuse=refuse_with(PreconditionFailed))


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: messages, devices and preferences of who has left go. One transaction, and one with a
    Query for each hundred messages."""
    user_id = event.data["user_id"]
    with transaction(ctx) as tx:
        for ref in (inbox_ref, device_book_ref, preferences_ref):
            own = ref(ctx.tenant, user_id)
            tx.delete(own.sk, own)
    while True:
        page = items(Notification, ctx.tenant, Notification.key, customer_id=user_id, limit=MOST_ACTIONS)
        with transaction(ctx) as tx:
            for number, message in enumerate(page.data):
                tx.delete(f"message:{number}", message.ref)
        if page.next_cursor is None:
            return


def listed(ctx: Context, *, limit: int, cursor: str | None) -> Page[Notification]:
    """The customer's messages, newest first. One Query."""
    return items(
        Notification,
        ctx.tenant,
        Notification.key,
        customer_id=ctx.customer_id,
        limit=limit,
        cursor=cursor,
        newest_first=True,
    )


def outbox(ctx: Context, *, to: str | None, limit: int, cursor: str | None) -> Page[SandboxLetter]:
    """What the sandbox kept. One Query, unless `to` has it read on. A plus that a URL made a space is forgiven."""
    keep: Callable[[SandboxLetter], bool] | None = None
    if to is not None:
        wanted = to.strip(" +").lower()
        keep = lambda one: one.to.strip("+") == wanted  # noqa: E731 - a predicate, once
    return items(
        SandboxLetter,
        ctx.tenant,
        SandboxLetter.key,
        limit=limit,
        cursor=cursor,
        newest_first=True,
        keep=keep,
        filters=f"to={to}",
    )


def said(message: Notification, locale: Locale) -> tuple[str, str]:
    title, text = MESSAGES[message.about]
    fields: dict[str, Any] = message.data
    return title.say(locale, **fields), text.say(locale, **fields)
