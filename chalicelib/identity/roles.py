"""The six staff roles and the platform's owner: what each may do, as `module:action`. Everything else is denied."""

from collections.abc import Iterable
from typing import Literal

from chalicelib.tenants.entities import HOME

Role = Literal["super_admin", "operations", "warehouse", "support", "finance", "shop_owner", "platform_owner"]
OF_THE_PLATFORM: frozenset[Role] = frozenset({"platform_owner"})
"""Good in the platform's own tenant alone: the same word on an account of any other shop allows nothing."""

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
    "shop_owner": _SELLING | {"payments:read", "refunds:*", "members:read", "settings:*"},
    "platform_owner": frozenset({"platform:*"}),
}


def permissions_of(roles: Iterable[str], tenant: str) -> frozenset[str]:
    """What these roles allow together in a shop; a role we do not know allows nothing."""
    held = set(roles) if tenant == HOME else set(roles) - OF_THE_PLATFORM
    return frozenset[str]().union(*(allowed for role, allowed in ROLES.items() if role in held))
