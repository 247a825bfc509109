"""API shapes of messages, preferences and devices."""

from datetime import time
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from chalicelib.core import ids
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View
from chalicelib.notifications import preferences as rules
from chalicelib.notifications.entities import Channel, Device, Platform, Preferences, QuietHours, Topic

DeviceId = Annotated[str, Field(pattern=ids.pattern("dev"))]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
DeviceName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")
]


class NotificationView(View):
    id: str
    at: Timestamp
    about: str
    title: str
    text: str
    order_id: str | None


class NotificationPage(ListOf[NotificationView]):
    pass


class WriteQuietHours(Body):
    begins: TimeOfDay
    ends: TimeOfDay
    """Of the next day where it is earlier."""

    def value(self) -> QuietHours:
        return QuietHours(begins=time.fromisoformat(self.begins), ends=time.fromisoformat(self.ends))


class WritePreferences(Body):
    """The preferences as they shall be: what is left out is as usual."""

    channels: dict[Channel, dict[Topic, bool]] = Field(default_factory=dict)
    quiet_hours: WriteQuietHours | None = None
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Of the IANA data base, like `Asia/Shanghai`; left out or null: the shop's."""


class QuietHoursView(View):
    begins: str
    ends: str


class PreferencesView(View):
    channels: dict[Channel, dict[Topic, bool]]
    quiet_hours: QuietHoursView | None
    time_zone: str

    @classmethod
    def of(cls, thing: Any) -> Self:
        preferences: Preferences = thing
        quiet = preferences.quiet_hours
        return cls(
            channels={
                channel: {topic: rules.allows(preferences, channel, topic) for topic in rules.TOPICS}
                for channel in rules.CHANNELS
            },
            quiet_hours=None
            if quiet is None
            else QuietHoursView(begins=f"{quiet.begins:%H:%M}", ends=f"{quiet.ends:%H:%M}"),
            time_zone=preferences.time_zone,
        )


class RegisterDevice(Body):
    platform: Platform
    name: DeviceName
    push_token: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """What the platform's push service knows it by. It is kept sealed, and never shown again."""


class DeviceView(View):
    id: str
    platform: Platform
    name: str
    can_be_pushed_to: bool
    created_at: Timestamp
    last_seen_at: Timestamp

    @classmethod
    def of(cls, thing: Any) -> Self:
        device: Device = thing
        return cls(
            id=device.id,
            platform=device.platform,
            name=device.name,
            can_be_pushed_to=device.sealed_token is not None,
            created_at=device.created_at,
            last_seen_at=device.last_seen_at,
        )


class DeviceList(View):
    data: list[DeviceView]


class OutboxQuery(ListQuery):
    to: Annotated[str | None, Field(max_length=254)] = None
    """A phone or an email, as it was given."""


class LetterView(View):
    id: str
    at: Timestamp
    to: str
    title: str
    text: str
    code: str | None
    """The code in it, for who reads by machine."""


class LetterPage(ListOf[LetterView]):
    pass
