"""A customer's messages, how they want to be told, their devices, and the sandbox's outbox."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.settings import settings
from chalicelib.http import CUSTOMER, PUBLIC, ListQuery, Routes
from chalicelib.notifications import devices, preferences, service
from chalicelib.notifications.entities import Device, Preferences
from chalicelib.notifications.schemas import (
    DeviceId,
    DeviceList,
    DeviceView,
    LetterPage,
    LetterView,
    NotificationPage,
    NotificationView,
    OutboxQuery,
    PreferencesView,
    RegisterDevice,
    WritePreferences,
)

routes = Routes("notifications")


@routes.get("/v1/me/notifications", permission=CUSTOMER)
def list_notifications(ctx: Context, query: ListQuery) -> NotificationPage:
    """My messages, newest first, in the language of Accept-Language."""
    page = service.listed(ctx, limit=query.limit, cursor=query.cursor)
    shown = []
    for message in page.data:
        title, text = service.said(ctx, message)
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


@routes.post("/v1/me/notifications/read", permission=CUSTOMER, status=204)
def read_notifications(ctx: Context) -> None:
    """I have read all of my messages: none is unread until the next one comes."""
    service.mark_read(ctx)


@routes.get("/v1/me/notifications/preferences", permission=CUSTOMER, answer=PreferencesView)
def read_preferences(ctx: Context) -> Preferences:
    """Which topics reach me by which channel, and when I want quiet."""
    return preferences.of(ctx, ctx.customer_id)


@routes.put("/v1/me/notifications/preferences", permission=CUSTOMER, answer=PreferencesView, errors=[Invalid])
def write_preferences(ctx: Context, body: WritePreferences) -> Preferences:
    """Choose which topics reach me by which channel, and when I want quiet.

    Orders and the account itself always stand in the list of messages; advertising by mail, SMS, WeChat or
    webhook comes to nobody who has not asked for it.
    """
    quiet = body.quiet_hours.value() if body.quiet_hours else None
    return preferences.write(ctx, body.channels, quiet, body.time_zone)


@routes.post("/v1/me/devices", permission=CUSTOMER, status=201, answer=DeviceView)
def register_device(ctx: Context, body: RegisterDevice) -> Device:
    """Say which device this is, and how messages are pushed to it. Said again, it is the same device."""
    return devices.register(ctx, body.platform, body.name, body.push_token)


@routes.get("/v1/me/devices", permission=CUSTOMER)
def list_devices(ctx: Context) -> DeviceList:
    """My devices, last seen first. The one not seen for longest gives way when there are too many."""
    return DeviceList(data=[DeviceView.of(device) for device in devices.listed(ctx)])


@routes.delete("/v1/me/devices/{device_id}", permission=CUSTOMER, status=204, errors=[NotFound])
def forget_device(ctx: Context, device_id: DeviceId) -> None:
    """Push nothing to this device any more."""
    devices.forget(ctx, device_id)


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
