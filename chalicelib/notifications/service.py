"""Writing messages from events, and reading them in the reader's language."""

from collections.abc import Callable
from typing import Any

from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.text import Locale, Text
from chalicelib.notifications.entities import Notification, SandboxLetter
from chalicelib.store import MOST_ACTIONS, Event, Page, items, once, transaction

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


def tell_customer(ctx: Context, event: Event) -> None:
    """Consumer of every event in MESSAGES: one message per event. One transaction."""
    message = Notification(
        tenant=ctx.tenant,
        customer_id=event.data["customer_id"],
        notification_id=ids.derived_id("ntf", event.event_id),
        at=event.occurred_at,
        about=event.name,
        data=event.data,
    )
    with transaction(ctx) as tx:
        once(tx, event, "notifications")
        tx.put("notification", message)


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: the messages of who has left go. One Query and one transaction for each hundred."""
    while True:
        page = items(
            Notification, ctx.tenant, Notification.key, customer_id=event.data["user_id"], limit=MOST_ACTIONS
        )
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
