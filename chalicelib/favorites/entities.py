"""What a customer marked, and what they looked at: one item each, so that the caps cannot tear."""

from datetime import datetime

from chalicelib.favorites.marks import Marks
from chalicelib.store import Item, Key, Ref, Text, Value


class Favorites(Item, discriminator="favorites"):
    """The products a customer marked. The customer is in the key: nobody else's can be named."""

    key = Key("USER#{user_id}", "FAVORITES", "all favourites of a customer")

    user_id: Text = Text()
    marks: Value[Marks] = Value(dict[str, datetime], default=dict)
    """Since when each is one."""


class Footprints(Item, discriminator="footprints"):
    """The products a customer looked at, until none of them is recent."""

    key = Key("USER#{user_id}", "FOOTPRINTS", "what a customer looked at")

    user_id: Text = Text()
    marks: Value[Marks] = Value(dict[str, datetime], default=dict)
    """When they last looked at each."""


def favorites_ref(tenant: str, user_id: str) -> Ref:
    return Favorites.key.of(tenant, user_id=user_id)


def footprints_ref(tenant: str, user_id: str) -> Ref:
    return Footprints.key.of(tenant, user_id=user_id)
