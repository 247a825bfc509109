"""Messages the shop wrote to the person, how they want to be told, and their devices."""

from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.notifications import devices, preferences
from chalicelib.notifications import service as notifications
from chalicelib.notifications.schemas import DeviceView, PreferencesView
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _messages(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = notifications.listed(ctx, limit=limit, cursor=cursor)
    shown = []
    for message in page.data:
        title, text = notifications.said(ctx, message)
        shown.append({"at": to_text(message.at), "about": message.about, "title": title, "text": text})
    return Page(shown, page.next_cursor)


def _preferences(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    return Page([PreferencesView.of(preferences.of(ctx, ctx.customer_id)).model_dump(mode="json")])


def _devices(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    return Page([DeviceView.of(one).model_dump(mode="json") for one in devices.listed(ctx)])


HOLDERS = (
    Holder("messages", _messages),
    Holder("notification_preferences", _preferences),
    Holder("devices", _devices),
)
