"""Messages the shop wrote to the person."""

from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.notifications import service as notifications
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _messages(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = notifications.listed(ctx, limit=limit, cursor=cursor)
    shown = []
    for message in page.data:
        title, text = notifications.said(message, ctx.locale)
        shown.append({"at": to_text(message.at), "about": message.about, "title": title, "text": text})
    return Page(shown, page.next_cursor)


HOLDERS = (Holder("messages", _messages),)
