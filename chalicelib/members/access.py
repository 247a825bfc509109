"""Letting a member in or not: disable, enable, end their sessions."""

from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
from chalicelib.identity import holders, session_list, session_memory
from chalicelib.identity.entities import Session, User
from chalicelib.identity.holders import HoldersMoved
from chalicelib.members import guards, reading
from chalicelib.members.reading import Shown
from chalicelib.store import Transaction, again, get_many, items, refuse_with, remember, transaction

_AT_ONCE = 80
"""Sessions that are ended in one transaction, beside the account itself."""


def disable(ctx: Context, user_id: str) -> Shown:
    """They can sign in no more, and are signed out everywhere at once. A disabled account stays so.

    Store calls: 4. Raises NotFound, OwnAccount, StaffProtected, AccountGone, LastOfRole.
    """
    return _switch(ctx, user_id, "disabled")


def enable(ctx: Context, user_id: str) -> Shown:
    """They can sign in again. Store calls: 2, or 3 for staff. Raises as `disable` does."""
    return _switch(ctx, user_id, "active")


def log_out(ctx: Context, user_id: str) -> None:
    """End their sessions; they may sign in again. Store calls: 4. Raises as `disable` does."""

    def attempt() -> None:
        guards.check(ctx, reading.member(ctx, user_id))
        with transaction(ctx) as tx:
            sessions = end_sessions(tx, user_id)
            remember(tx, None)
        ended(ctx, user_id, sessions)

    again(attempt, PreconditionFailed)


def _switch(ctx: Context, user_id: str, status: str) -> Shown:
    def attempt() -> Shown:
        user = guards.check(ctx, reading.member(ctx, user_id))
        changes, user.status = user.status != status, status
        shown = reading.shown(ctx, user)
        with transaction(ctx) as tx:
            if changes:
                tx.replace("user", user)
                _hold_roles(tx, user)
            sessions = end_sessions(tx, user_id) if status == "disabled" else None
            remember(tx, shown)
        if sessions is not None:
            ended(ctx, user_id, sessions)
        return shown

    return again(attempt, PreconditionFailed, HoldersMoved)


def _hold_roles(tx: Transaction, user: User) -> None:
    """Who is disabled holds no role, so that the last who can do everything cannot be. Refuses with LastOfRole."""
    if user.status == "disabled":
        holders.leave(tx, user, user.roles)
    elif user.roles:
        holders.join(tx, get_many(holders.refs(user.tenant, user.roles)), user, user.roles)


def end_sessions(tx: Transaction, user_id: str) -> list[Session]:
    """Adds a part `session:<id>` for each that stands, as many as fit, and has the rest ended. One Query.

    After the transaction the caller calls `ended`.
    """
    ctx = tx.ctx
    page = items(
        Session,
        ctx.tenant,
        Session.key,
        user_id=user_id,
        newest_first=True,
        limit=_AT_ONCE,
        keep=lambda session: session.stands(ctx.now),
        filters="standing",
    )
    for session in page.data:
        tx.update(
            f"session:{session.session_id}",
            Session,
            session.ref,
            set={"revoked_at": ctx.now},
            when=Session.cur.exists(),
            refuse=refuse_with(PreconditionFailed),
        )
    session_list.announce_end(tx, user_id)
    return page.data


def ended(ctx: Context, user_id: str, sessions: list[Session]) -> None:
    """This process takes none of them for standing any more; others ask the table within five seconds. One Query: a
    sign-in that was under way may have opened one since they were read."""
    for session in sessions:
        session_memory.ended(session.ref, ctx.now)
    session_list.end_all(ctx.fresh(), user_id)
