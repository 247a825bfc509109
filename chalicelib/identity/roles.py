"""The six staff roles and the platform's owner: what each may do, as `module:action`. Everything else is denied."""

from collections.abc import Iterable
from typing import Literal

from chalicelib.core.context import OF_THE_INSTALLATION, Actor
from chalicelib.tenants.entities import HOME

Role = Literal["super_admin", "operations", "warehouse", "support", "finance", "shop_owner", "platform_owner"]
OF_THE_PLATFORM: frozenset[Role] = frozenset({"platform_owner"})
"""Good in the platform's own tenant alone: the same word on an account of any other shop allows nothing."""

_SELLING = frozenset({"products:*", "inventory:*", "card_keys:*", "orders:*", "shipments:*"})

ROLES: dict[Role, frozenset[str]] = {
    "super_admin": frozenset({"*", "jobs:*", "system:*"}),
    "operations": _SELLING
    | {"payments:read", "members:*", "points:*", "events:*", "jobs:*", "system:*", "settings:read", "kyc:*"}
    | {"uploads:*"},
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
            "points:read",
        }
    ),
    "finance": frozenset(
        {
            "products:read",
            "orders:read",
            "payments:*",
            "refunds:*",
            "members:read",
            "points:read",
            "events:read",
            "kyc:read",
        }
    ),
    "shop_owner": _SELLING
    | {"payments:read", "refunds:*", "members:*", "points:*", "settings:*", "kyc:*", "audit:*", "roles:read"}
    | {"uploads:*"},
    "platform_owner": frozenset({"platform:*", "jobs:*", "system:*"}),
}


EVERY_STAFF = frozenset({"menu:read"})
"""What any role allows, be it the shop's own."""
MODULES_OF_SUPER_ADMINS = OF_THE_INSTALLATION | {"roles"}
"""What no role of a shop's own may hold."""


def covers(held: frozenset[str], wanted: Iterable[str]) -> bool:
    """Whether somebody who holds `held` may do all of `wanted`: nobody grants what they do not hold."""
    holder = Actor("staff", permissions=held)
    return all(holder.may(one) for one in wanted)


def roles_in(tenant: str) -> set[str]:
    """The roles that mean something in a shop, besides those it makes for itself."""
    return {role for role in ROLES if tenant == HOME or role not in OF_THE_PLATFORM}


def permissions_of(roles: Iterable[str], tenant: str) -> frozenset[str]:
    """What these roles allow together in a shop; a role we do not know allows nothing.

    Jobs and the system are of all shops together: no role of any shop but the platform's own reaches them.
    """
    words = set(roles) & roles_in(tenant)
    found = [allowed for role, allowed in ROLES.items() if role in words]
    together = frozenset(EVERY_STAFF if found else ()).union(*found)
    return together if tenant == HOME else frozenset(one for one in together if not _is_of_all_shops(one))


def _is_of_all_shops(permission: str) -> bool:
    return permission.partition(":")[0] in OF_THE_INSTALLATION
