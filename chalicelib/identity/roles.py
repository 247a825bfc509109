"""The six staff roles: what each may do, as `module:action`. Everything else is denied."""

from collections.abc import Iterable
from typing import Literal

Role = Literal["super_admin", "operations", "warehouse", "support", "finance", "shop_owner"]

_SELLING = frozenset({"products:*", "inventory:*", "card_keys:*", "orders:*", "shipments:*"})

ROLES: dict[Role, frozenset[str]] = {
    "super_admin": frozenset({"*"}),
    "operations": _SELLING | {"payments:read", "members:*", "events:*", "jobs:*", "settings:read"},
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
        {"products:read", "orders:read", "payments:*", "refunds:*", "members:read", "events:read"}
    ),
    "shop_owner": _SELLING | {"payments:read", "refunds:*", "members:*", "settings:*"},
}


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """What these roles allow together; a role we do not know allows nothing."""
    return frozenset[str]().union(*(allowed for role, allowed in ROLES.items() if role in set(roles)))
