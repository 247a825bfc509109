"""A customer's messages, and the sandbox's outbox."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.core.settings import settings
from chalicelib.http import CUSTOMER, PUBLIC, ListQuery, Routes
from chalicelib.notifications import service
from chalicelib.notifications.schemas import (
    LetterPage,
    LetterView,
    NotificationPage,
    NotificationView,
    OutboxQuery,
)

routes = Routes("notifications")


@routes.get("/v1/me/notifications", permission=CUSTOMER)
def list_notifications(ctx: Context, query: ListQuery) -> NotificationPage:
    """My messages, newest first, in the language of Accept-Language."""
    page = service.listed(ctx, limit=query.limit, cursor=query.cursor)
    shown = []
    for message in page.data:
        title, text = service.said(message, ctx.locale)
        shown.append(
            NotificationView(
                id=message.notification_id,
                at=message.at,
                about=message.about,
                title=title,
                text=text,
                order_id=message.data.get("order_id"),
            )
        )
    return NotificationPage.page(shown, page.next_cursor)


@routes.get("/v1/sandbox/outbox", permission=PUBLIC, errors=[NotFound])
def sandbox_outbox(ctx: Context, query: OutboxQuery) -> LetterPage:
    """What would have gone out by SMS or mail, newest first. Only on a developer's machine: codes open accounts."""
    if not settings().shows_messages:
        raise NotFound
    page = service.outbox(ctx, to=query.to, limit=query.limit, cursor=query.cursor)
    shown = [
        LetterView(id=one.letter_id, at=one.at, to=one.to, title=one.title, text=one.text, code=one.code)
        for one in page.data
    ]
    return LetterPage.page(shown, page.next_cursor)
