"""Who holds which roles: given and taken by super admins, at once, and never from the last of them."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, NotFound, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.identity import custom_roles, holders, session_memory
from chalicelib.identity.custom_roles import PREFIX, every_role
from chalicelib.identity.entities import Session, User, user_ref
from chalicelib.identity.holders import HoldersMoved
from chalicelib.identity.roles import covers, roles_in
from chalicelib.staff.role_book import GrantsTooMuch
from chalicelib.staff.schemas import SetRoles
from chalicelib.store import Transaction, again, collection, get_many, transaction

_MOST_AT_ONCE = 60
"""Sessions whose roles change in the transaction itself; a person with more loses the oldest before."""


class NotActive(Conflict):
    code = "account_not_active"
    title = Text("This account is not active", "该账号未处于启用状态")
    detail = Text("Enable it before giving it a role.", "请先启用该账号再授予角色。")


def set_roles(ctx: Context, user_id: str, wish: SetRoles) -> User:
    """Exactly these roles from now on, in every session of theirs. Store calls: 3, and 1 with a shop's own role.

    A sign-in at this moment moves the account's version: it is read again, with the session that has begun. Raises
    NotFound, Invalid for an unknown role, GrantsTooMuch, LastOfRole, NotActive.
    """
    return again(lambda: _set_roles(ctx, user_id, wish), HoldersMoved, PreconditionFailed)


def _set_roles(ctx: Context, user_id: str, wish: SetRoles) -> User:
    whole = collection(ctx.tenant, User.key, user_id=user_id)
    user = whole.one(User, user_ref(ctx.tenant, user_id))
    if user is None:
        raise NotFound
    if user.status != "active" and wish.roles:
        raise NotActive
    before, after = user.roles, frozenset(wish.roles)
    _check_known(ctx, after - before)
    _check_covers(ctx, before ^ after)
    given, taken = after - before, before - after
    if not given and not taken:
        return user
    standing = _standing(ctx, whole.all(Session))
    for old in standing[_MOST_AT_ONCE:]:
        _end(ctx, old)
    standing = standing[:_MOST_AT_ONCE]
    found = get_many(holders.refs(ctx.tenant, given))
    user.roles = after
    with transaction(ctx) as tx:
        tx.replace("user", user)
        holders.join(tx, found, user, given)
        # who is disabled left their roles' lists then
        holders.leave(tx, user, taken if user.status == "active" else ())
        for session in standing:
            _carry(tx, session, after)
    for session in standing:
        session_memory.changed(session.ref)
    return user


def _check_known(ctx: Context, roles: frozenset[str]) -> None:
    own = {role for role in roles if role.startswith(PREFIX)}
    known = roles_in(ctx.tenant) | (every_role(ctx.tenant).keys() if own else set())
    unknown = sorted(roles - known)
    if unknown:
        raise Invalid.field("roles", "role_unknown", f"there is no role {', '.join(unknown)}")


def _check_covers(ctx: Context, roles: frozenset[str]) -> None:
    """For what is taken as for what is given: nobody demotes who may do more than they."""
    wanted = custom_roles.allowed(ctx.tenant, roles, ctx.now).permissions
    if not covers(ctx.actor.permissions, wanted):
        raise GrantsTooMuch(permissions=sorted(wanted - ctx.actor.permissions))


def _standing(ctx: Context, sessions: list[Session]) -> list[Session]:
    """Newest first."""
    good = [one for one in sessions if one.revoked_at is None and not one.is_expired(ctx.now)]
    return sorted(good, key=lambda one: one.session_id, reverse=True)


def _carry(tx: Transaction, session: Session, roles: frozenset[str]) -> None:
    tx.update(
        f"session:{session.session_id}",
        Session,
        session.ref,
        set={"roles": roles} if roles else None,
        unset=() if roles else ("roles",),
        when=Session.cur.exists(),
    )


def _end(ctx: Context, session: Session) -> None:
    with transaction(ctx) as tx:
        tx.update("session", Session, session.ref, set={"revoked_at": ctx.now}, when=Session.cur.exists())
    session_memory.ended(session.ref, ctx.now)
