"""Letting a member in or not: disable, enable, end their sessions."""

from collections.abc import Iterator

from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
from chalicelib.identity import holders, session_memory
from chalicelib.identity.entities import Session, User
from chalicelib.identity.holders import HoldersMoved
from chalicelib.members import guards, reading
from chalicelib.members.reading import Shown
from chalicelib.store import Transaction, again, get_many, items, refuse_with, remember, transaction

_AT_ONCE = 80
"""Sessions that are ended in one transaction, beside the account itself."""


def disable(ctx: Context, user_id: str) -> Shown:
    """They can sign in no more, and are signed out everywhere at once. A disabled account stays so.

    Store calls: 3. Raises NotFound, OwnAccount, StaffProtected, AccountGone, LastOfRole.
    """
    return _switch(ctx, user_id, "disabled")


def enable(ctx: Context, user_id: str) -> Shown:
    """They can sign in again. Store calls: 2, or 3 for staff. Raises as `disable` does."""
    return _switch(ctx, user_id, "active")


def log_out(ctx: Context, user_id: str) -> None:
    """End their sessions; they may sign in again. Store calls: 2, and one when there were any. Raises as `disable`."""

    def attempt() -> None:
        guards.check(ctx, reading.member(ctx, user_id))
        with transaction(ctx) as tx:
            ended = end_sessions(tx, user_id)
            remember(tx, None)
        forget(ctx, ended)

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
            ended = end_sessions(tx, user_id) if status == "disabled" else []
            remember(tx, shown)
        forget(ctx, ended)
        return shown

    return again(attempt, PreconditionFailed, HoldersMoved)


def _hold_roles(tx: Transaction, user: User) -> None:
    """Who is disabled holds no role, so that the last who can do everything cannot be. Refuses with LastOfRole."""
    if user.status == "disabled":
        holders.leave(tx, user, user.roles)
    elif user.roles:
        holders.join(tx, get_many(holders.refs(user.tenant, user.roles)), user, user.roles)


def end_sessions(tx: Transaction, user_id: str) -> list[Session]:
    """Adds a part `session:<id>` for each that stands. One Query; where there are very many, the oldest are ended
    before, each batch by itself. After the transaction the caller calls `forget`."""
    ctx, standing = tx.ctx, list(_standing(tx.ctx, user_id))
    for start in range(_AT_ONCE, len(standing), _AT_ONCE):
        with transaction(ctx) as earlier:
            _end(earlier, standing[start : start + _AT_ONCE])
    _end(tx, standing[:_AT_ONCE])
    return standing


def forget(ctx: Context, ended: list[Session]) -> None:
    """This process takes none of them for standing any more; others ask the table within five seconds."""
    for session in ended:
        session_memory.ended(session.ref, ctx.now)


def _standing(ctx: Context, user_id: str) -> Iterator[Session]:
    cursor: str | None = None
    while True:
        page = items(
            Session,
            ctx.tenant,
            Session.key,
            user_id=user_id,
            newest_first=True,
            cursor=cursor,
            keep=lambda one: one.revoked_at is None and not one.is_expired(ctx.now),
            filters="standing",
        )
        yield from page.data
        cursor = page.next_cursor
        if cursor is None:
            return


def _end(tx: Transaction, sessions: list[Session]) -> None:
    for session in sessions:
        tx.update(
            f"session:{session.session_id}",
            Session,
            session.ref,
            set={"revoked_at": tx.ctx.now},
            when=Session.cur.exists(),
            refuse=refuse_with(PreconditionFailed),
        )
