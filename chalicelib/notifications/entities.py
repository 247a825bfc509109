"""A message in a customer's list, and a letter that the sandbox kept."""

from typing import Any

from chalicelib.store import Instant, Item, Key, OptionalText, Text, Value


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
