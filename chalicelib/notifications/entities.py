"""A message in a customer's list, how many are unread, how they want to be told, their devices, and a letter that the
sandbox kept."""

from datetime import datetime, time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.store import Instant, Int, Item, Key, OptionalText, Ref, Text, Value

Channel = Literal["in_app", "mail", "sms", "wechat", "webhook"]
Topic = Literal["orders", "marketing", "alerts", "account"]
Platform = Literal["ios", "android", "wechat", "web"]


class Notification(Item, discriminator="notification"):
    """One message. Its id follows from the event, so that an event told twice is one message."""

    key = Key(
        "CUSTOMER#{customer_id}#NOTIFICATIONS",
        "{at}#{notification_id}",
        "a customer's messages, newest first",
    )

    customer_id: Text = Text()
    notification_id: Text = Text()
    at: Instant = Instant()
    about: Text = Text()
    data: Value[dict[str, Any]] = Value(dict[str, Any])


class Inbox(Item, discriminator="inbox"):
    """How many messages came since the customer last said they had read them."""

    key = Key("USER#{user_id}", "INBOX", "how many messages a customer has not read")

    user_id: Text = Text()
    unread: Int = Int(default=0)


class QuietHours(BaseModel):
    """From `begins` until `ends`, over midnight where it ends earlier than it begins."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    begins: time
    ends: time


class Preferences(Item, discriminator="notification_preferences"):
    """Which topics may reach a customer by which channel, and when not."""

    key = Key("USER#{user_id}", "NOTIFICATION_PREFERENCES", "how a customer wants to be told")

    user_id: Text = Text()
    choices: Value[dict[Channel, dict[Topic, bool]]] = Value(dict[Channel, dict[Topic, bool]], default=dict)
    """What the customer has said; the rest is as usual."""
    quiet_hours: Value[QuietHours | None] = Value(QuietHours, default=None, null=True)
    time_zone: Text = Text()


class Device(BaseModel):
    """Something a customer holds in their hands that messages can be pushed to."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    id: str
    platform: Platform
    name: str
    sealed_token: str | None = None
    """The push service's address of it, sealed, in base64."""
    created_at: datetime
    last_seen_at: datetime


class DeviceBook(Item, discriminator="device_book"):
    """All devices of one customer, in one item, so that there are never more than allowed."""

    key = Key("USER#{user_id}", "DEVICES", "all devices of a customer")
    hidden = frozenset({"devices"})

    user_id: Text = Text()
    devices: Value[list[Device]] = Value(list[Device], default=list)


def inbox_ref(tenant: str, user_id: str) -> Ref:
    return Inbox.key.of(tenant, user_id=user_id)


def preferences_ref(tenant: str, user_id: str) -> Ref:
    return Preferences.key.of(tenant, user_id=user_id)


def device_book_ref(tenant: str, user_id: str) -> Ref:
    return DeviceBook.key.of(tenant, user_id=user_id)


class SandboxLetter(Item, discriminator="sandbox_letter"):
    """A text message or a mail that never left: only where the sandbox is on, for a day."""

    key = Key("SANDBOX_OUTBOX", "{at}#{letter_id}", "what would have gone out, newest first")
    audited = False

    letter_id: Text = Text()
    at: Instant = Instant()
    to: Text = Text()
    title: Text = Text()
    text: Text = Text()
    code: OptionalText = OptionalText(default=None)
