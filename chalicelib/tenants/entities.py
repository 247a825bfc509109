"""A tenant and what a shop is set to."""

import re
from typing import Literal

from chalicelib.store import Int, Item, Key, OptionalInt, Ref, Text, Words

TenantStatus = Literal["active", "suspended"]

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def is_slug(text: str) -> bool:
    """Lower-case letters, digits and inner hyphens, 40 at most: what may stand at the front of a key."""
    return _SLUG.fullmatch(text) is not None


class Tenant(Item, discriminator="tenant"):
    """One shop. Its slug is the `tenant` every item carries."""

    key = Key("TENANT", "TENANT", "one tenant by slug")

    name: Text = Text()
    currency: Text = Text(default="CNY")
    locale: Text = Text(default="zh-CN")
    time_zone: Text = Text(default="Asia/Shanghai")
    status: Text = Text(default="active")
    shipping_fee: Int = Int(default=0)
    """In minor units, for an order with goods to ship."""
    free_shipping_from: OptionalInt = OptionalInt(default=None)
    """Goods worth this many minor units ship for nothing; None: none do."""

    origins: Words = Words(default=frozenset)
    """The web origins (`https://shop.example`) whose pages may read this shop's answers."""

    @property
    def slug(self) -> str:
        return self.tenant


def tenant_ref(slug: str) -> Ref:
    return Tenant.key.of(slug)
