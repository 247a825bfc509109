"""The six staff roles: what each may do, as `module:action`. Everything else is denied."""

from collections.abc import Iterable
from typing import Literal

Role = Literal["super_admin", "operations", "warehouse", "support", "finance", "shop_owner"]

_SELLING = frozenset({"products:*", "inventory:*", "card_keys:*", "orders:*", "shipments:*"})

ROLES: dict[Role, frozenset[str]] = {
    "super_admin": frozenset({"*"}),
    "operations": _SELLING | {"payments:read", "members:*", "events:*", "jobs:*", "settings:read", "kyc:*"},
    "warehouse": frozenset(
        {"products:read", "inventory:*", "card_keys:import", "orders:read", "orders:ship", "shipments:*"}
    ),
    "support": frozenset(
        {
            "products:read",
            "inventory:read",
            "orders:read",
            "orders:cancel",
            "shipments:read",
            "payments:read",
            "refunds:read",
            "refunds:create",
            "members:read",
        }
    ),
    "finance": frozenset(
        {"products:read", "orders:read", "payments:*", "refunds:*", "members:read", "events:read", "kyc:read"}
    ),
    "shop_owner": _SELLING
    | {"payments:read", "refunds:*", "members:*", "settings:*", "kyc:*", "audit:*", "roles:read"},
}


EVERY_STAFF = frozenset({"menu:read"})
"""What any role allows, be it the shop's own."""
MODULES_OF_SUPER_ADMINS = frozenset({"roles", "platform"})
"""What no role of a shop's own may hold."""


def covers(held: frozenset[str], wanted: Iterable[str]) -> bool:
    """Whether somebody who holds `held` may do all of `wanted`: nobody grants what they do not hold."""
    return all(not {one, f"{one.partition(':')[0]}:*", "*"}.isdisjoint(held) for one in wanted)


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """What these roles allow together; a role we do not know allows nothing."""
    words = set(roles)
    found = [allowed for role, allowed in ROLES.items() if role in words]
    return frozenset(EVERY_STAFF if found else ()).union(*found)
