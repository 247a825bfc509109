"""Roles that a shop makes for itself: a set of permissions, perhaps over one's own customers only.

A warm process asks for a tenant's roles twice a minute, and only when a person with such a role comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core import process
from chalicelib.identity.roles import EVERY_STAFF, covers, permissions_of
from chalicelib.store import Flag, Instant, Item, Key, Ref, Text, Words, items

PREFIX = "rol_"
REMEMBERED_FOR = timedelta(seconds=30)
"""How long another process may go on with a role that was just changed."""
SCOPED = frozenset({"members"})
"""Modules that know whose customer a thing belongs to: a role over one's own may hold no other."""
MOST = 100
"""Roles a shop may make."""

_known: dict[str, tuple[datetime, "dict[str, Role]"]] = {}


class Role(Item, discriminator="role"):
    """A shop's own role."""

    key = Key("ROLES", "{role_id}", "a shop's own roles: one, or all in one Query")

    role_id: Text = Text()
    name: Text = Text()
    permissions: Words = Words(default=frozenset)
    own_customers_only: Flag = Flag(default=False)
    created_at: Instant = Instant()


@dataclass(frozen=True, slots=True)
class Allowed:
    permissions: frozenset[str]
    sees_own_only: bool


def role_ref(tenant: str, role_id: str) -> Ref:
    return Role.key.of(tenant, role_id=role_id)


def every_role(tenant: str) -> dict[str, Role]:
    """All of a shop's own roles, by id. One Query."""
    return {role.role_id: role for role in items(Role, tenant, Role.key, limit=MOST).data}


def allowed(tenant: str, roles: Iterable[str], now: datetime) -> Allowed:
    """What these roles allow together; a role nobody knows allows nothing. At most one Query in half a minute."""
    words = frozenset(roles)
    own = {word for word in words if word.startswith(PREFIX)}
    full = permissions_of(words - own, tenant)
    if not own:
        return Allowed(full, sees_own_only=False)
    known = _remembered(tenant, now)
    found = [known[word] for word in own if word in known]
    wide = [role.permissions for role in found if not role.own_customers_only]
    full = full.union(EVERY_STAFF if found else (), *wide)
    narrow = frozenset[str]().union(*(role.permissions for role in found if role.own_customers_only))
    # a role over one's own that adds nothing narrows nothing; what it adds is never good over everybody
    return Allowed(full | narrow, sees_own_only=not covers(full, narrow))


def _remembered(tenant: str, now: datetime) -> dict[str, Role]:
    at, known = _known.get(tenant, (None, {}))
    is_old = at is None or now - at >= REMEMBERED_FOR
    process.looked_up("roles", known=not is_old)
    if is_old:
        known = every_role(tenant)
        _known[tenant] = (now, known)
    return known


def forget() -> None:
    """Ask the table again at the next look."""
    _known.clear()
