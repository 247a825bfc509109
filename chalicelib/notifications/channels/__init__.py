"""The channels by which a message leaves the shop: one strategy each, by name."""

from collections.abc import Callable

from chalicelib.core.settings import settings
from chalicelib.notifications.channels.base import Channel, Letter

__all__ = ["Channel", "Letter", "to_mailbox", "to_phone"]


def _sandbox() -> Channel:
    from chalicelib.notifications.channels.sandbox import Sandbox

    return Sandbox()


def _sns() -> Channel:
    from chalicelib.notifications.channels.sms_sns import Sns

    return Sns()


def _ses() -> Channel:
    from chalicelib.notifications.channels.mail_ses import Ses

    return Ses()


CHANNELS: dict[str, Callable[[], Channel]] = {"sandbox": _sandbox, "sns": _sns, "ses": _ses}


def to_phone() -> Channel | None:
    """How this stage sends text messages; None: it does not."""
    name = settings().sms_channel
    return CHANNELS[name]() if name else None


def to_mailbox() -> Channel | None:
    """How this stage sends mail; None: it does not."""
    name = settings().mail_channel
    return CHANNELS[name]() if name else None
