"""Writing messages from events, and reading them in the reader's language."""

from collections.abc import Callable

from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
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
from chalicelib.notifications.templates.reading import rendered
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

TOPICS: dict[str, Topic] = {"order": "orders", "refund": "orders"}
"""The noun of an event → what a message of it is about. What is not listed is about the account."""


def tell_customer(ctx: Context, event: Event) -> None:
    """Consumer of every event in TOLD: one message per event, unless the customer wants none of this topic.

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


def said(ctx: Context, message: Notification) -> tuple[str, str]:
    """Title and text of a message, in the reader's language and the shop's words of today.

    At most one Query a minute, and one GetItem.
    """
    words = rendered(ctx, message.about, "in_app", ctx.locale, message.data)
    assert words is not None  # noqa: S101 - what is kept in a list always has words
    return words.title, words.text
