"""Who holds a role: so that the last super admin can be neither demoted nor disabled, in any race."""

from collections.abc import Iterable

from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text as Said
from chalicelib.identity.entities import User
from chalicelib.store import Found, Int, Item, Key, Ref, Text, Transaction, Words, refuse_with

NEVER_EMPTY = frozenset({"super_admin", "platform_owner"})


class LastOfRole(Conflict):
    """`role` is the one that nobody else would hold."""

    code = "last_of_role"
    title = Said("Nobody else holds this role", "没有其他人拥有此角色")
    detail = Said("Give the role to another member of staff first.", "请先将该角色授予其他员工。")


class HoldersMoved(Conflict):
    """Somebody else's roles changed at the same moment."""


class RoleHolders(Item, discriminator="role_holders"):
    """The active members of staff who hold a role."""

    key = Key("ROLE_HOLDERS#{role}", "HOLDERS", "who holds a role")
    audited = False

    role: Text = Text()
    how_many: Int = Int(default=0)
    holders: Words = Words(default=frozenset)


def holders_ref(tenant: str, role: str) -> Ref:
    return RoleHolders.key.of(tenant, role=role)


def refs(tenant: str, roles: Iterable[str]) -> list[Ref]:
    return [holders_ref(tenant, role) for role in sorted(roles)]


def join(tx: Transaction, found: Found, user: User, roles: Iterable[str]) -> None:
    """Adds a part `holders:<role>` each. `found` holds the items at `refs`. Refuses with HoldersMoved."""
    for role in sorted(roles):
        ref = holders_ref(user.tenant, role)
        if ref not in found:
            first = RoleHolders(tenant=user.tenant, role=role, how_many=1, holders=frozenset({user.user_id}))
            tx.put(f"holders:{role}", first, refuse=refuse_with(HoldersMoved))
            continue
        tx.update(
            f"holders:{role}",
            RoleHolders,
            ref,
            add={"how_many": 1},
            include={"holders": [user.user_id]},
            # the role may have been taken away since: then so was this item, and an update would make a torn one
            when=RoleHolders.how_many.exists() & ~RoleHolders.holders.contains(user.user_id),
            refuse=refuse_with(HoldersMoved),
        )


def leave(tx: Transaction, user: User, roles: Iterable[str]) -> None:
    """Adds a part `holders:<role>` each. Refuses with LastOfRole where the role may not be left empty."""
    for role in sorted(roles):
        tx.update(
            f"holders:{role}",
            RoleHolders,
            holders_ref(user.tenant, role),
            add={"how_many": -1},
            floor={"how_many": 1 if role in NEVER_EMPTY else 0},
            exclude={"holders": [user.user_id]},
            when=RoleHolders.holders.contains(user.user_id),
            refuse=refuse_with(LastOfRole, role=role) if role in NEVER_EMPTY else refuse_with(HoldersMoved),
        )


def begin(tx: Transaction, user: User) -> None:
    """For the first member of staff of a tenant: adds a part `holders:<role>` for each of their roles."""
    for role in sorted(user.roles):
        tx.put(
            f"holders:{role}",
            RoleHolders(tenant=user.tenant, role=role, how_many=1, holders=frozenset({user.user_id})),
        )
