"""A message in a customer's list."""

from typing import Any

from chalicelib.store import Instant, Item, Key, Text, Value


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
