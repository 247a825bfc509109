"""Every permission there is: what a role may be made of. A test holds this list against the routes."""

PERMISSIONS = (
    "audit:export",
    "audit:read",
    "card_keys:import",
    "card_keys:read",
    "events:read",
    "events:resend",
    "inventory:adjust",
    "inventory:read",
    "inventory:reserve",
    "jobs:read",
    "jobs:run",
    "kyc:read",
    "kyc:review",
    "members:erase",
    "members:export",
    "members:import",
    "members:merge",
    "members:read",
    "members:reveal",
    "members:write",
    "menu:read",
    "orders:read",
    "orders:ship",
    "payments:read",
    "points:adjust",
    "points:read",
    "products:import",
    "products:publish",
    "products:read",
    "products:write",
    "roles:grant",
    "roles:read",
    "settings:payments",
    "settings:read",
    "settings:write",
    "system:read",
    "uploads:read",
    "uploads:write",
)
ASKED_WITHIN = frozenset({"members:reveal"})
"""Those no route asks for: they say how much a route shows."""
MODULES = frozenset(name.partition(":")[0] for name in PERMISSIONS)


def is_known(permission: str) -> bool:
    """One of the list, or `module:*` for a module of it."""
    module, _, action = permission.partition(":")
    return permission in PERMISSIONS or (action == "*" and module in MODULES)
