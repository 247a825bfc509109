"""A customer's messages."""

from chalicelib.core.context import Context
from chalicelib.http import CUSTOMER, ListQuery, Routes
from chalicelib.notifications import service
from chalicelib.notifications.schemas import NotificationPage, NotificationView

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
