"""How a customer wants to be told: by topic and channel, and not while they sleep."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.notifications.entities import Channel, Preferences, QuietHours, Topic, preferences_ref
from chalicelib.store import get, transaction
from chalicelib.tenants import service as tenants

CHANNELS: tuple[Channel, ...] = get_args(Channel)
TOPICS: tuple[Topic, ...] = get_args(Topic)
FIXED: frozenset[tuple[Channel, Topic]] = frozenset({("in_app", "orders"), ("in_app", "account")})
"""What the shop owes its customer to keep somewhere: cannot be switched off."""
OFF_UNASKED: frozenset[tuple[Channel, Topic]] = frozenset(
    {("mail", "marketing"), ("sms", "marketing"), ("wechat", "marketing"), ("webhook", "marketing")}
)
"""Advertising that goes to somebody's door needs their yes first."""
SILENT: frozenset[Channel] = frozenset({"in_app", "webhook"})
"""Nobody is woken by these."""


def of(ctx: Context, user_id: str) -> Preferences:
    """A customer's preferences, or the usual ones in the shop's time zone. One GetItem."""
    return get(Preferences, preferences_ref(ctx.tenant, user_id)) or usual(ctx, user_id)


def usual(ctx: Context, user_id: str) -> Preferences:
    return Preferences(tenant=ctx.tenant, user_id=user_id, time_zone=tenants.of(ctx).time_zone)


def write(
    ctx: Context,
    choices: Mapping[Channel, Mapping[Topic, bool]],
    quiet_hours: QuietHours | None,
    time_zone: str | None,
) -> Preferences:
    """The customer's own preferences as a whole. One transaction. Raises Invalid."""
    for channel, topic in FIXED:
        if choices.get(channel, {}).get(topic) is False:
            raise Invalid.field(f"channels.{channel}.{topic}", "always_on", "cannot be switched off")
    if quiet_hours is not None and quiet_hours.begins == quiet_hours.ends:
        raise Invalid.field("quiet_hours", "no_hours", "must end at another time than they begin")
    preferences = usual(ctx, ctx.customer_id)
    preferences.choices = {channel: dict(topics) for channel, topics in choices.items()}
    preferences.quiet_hours = quiet_hours
    if time_zone is not None:
        preferences.time_zone = _known_zone(time_zone)
    with transaction(ctx) as tx:
        tx.overwrite("preferences", preferences)
    return preferences


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, LookupError):
        raise Invalid.field("time_zone", "unknown", "is not a time zone like Asia/Shanghai") from None


def allows(preferences: Preferences, channel: Channel, topic: Topic) -> bool:
    """Pure: whether a topic may reach the customer by a channel at all."""
    said = preferences.choices.get(channel, {}).get(topic)
    if said is None or (channel, topic) in FIXED:
        return (channel, topic) not in OFF_UNASKED
    return said


def goes_at(preferences: Preferences, channel: Channel, topic: Topic, at: datetime) -> datetime | None:
    """Pure: when a message of `at` may go: then, when the quiet hours are over, or (None) never.

    What is about the account itself waits for no morning: it may be a theft.
    """
    if not allows(preferences, channel, topic):
        return None
    if channel in SILENT or topic == "account" or preferences.quiet_hours is None:
        return at
    return _after(preferences.quiet_hours, at, ZoneInfo(preferences.time_zone))


def _after(quiet: QuietHours, at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    if not _is_within(quiet, local.time()):
        return at
    ends = datetime.combine(local.date(), quiet.ends, zone)
    if quiet.ends <= local.time():
        ends = datetime.combine(local.date() + timedelta(days=1), quiet.ends, zone)
    return ends.astimezone(at.tzinfo)


def _is_within(quiet: QuietHours, now: time) -> bool:
    if quiet.begins < quiet.ends:
        return quiet.begins <= now < quiet.ends
    return now >= quiet.begins or now < quiet.ends
