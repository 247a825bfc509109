"""A person's sessions: listed, and ended from elsewhere."""

from datetime import datetime

from chalicelib.core.clock import from_text, to_text
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.identity import sessions
from chalicelib.identity.entities import Session, session_ref
from chalicelib.store import Event, Page, Transaction, emit, get, items

ENDING = "sessions.end_due"
_PAGE = 100


def standing(ctx: Context, *, limit: int, cursor: str | None) -> Page[Session]:
    """The caller's sessions that stand, newest first. One Query, unless many have ended."""
    return _page(ctx, ctx.customer_id, limit=limit, cursor=cursor)


def _page(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[Session]:
    return items(
        Session,
        ctx.tenant,
        Session.key,
        user_id=user_id,
        limit=limit,
        cursor=cursor,
        newest_first=True,
        keep=lambda session: session.stands(ctx.now),
        filters="standing",
    )


def end(ctx: Context, session_id: str) -> None:
    """End one of the caller's own. Store calls: 2. Raises NotFound, also for another person's."""
    session = get(Session, session_ref(ctx.tenant, ctx.customer_id, session_id))
    if session is None or not session.stands(ctx.now):
        raise NotFound
    sessions.revoke(session.ref, ctx.now)


def end_all(
    ctx: Context, user_id: str, *, keep: str = "", begun_by: datetime | None = None, era: int = 0
) -> None:
    """End every session of a person that began by then or in an earlier era, but `keep`: here at once, elsewhere
    within five seconds.

    One Query for each hundred and one UpdateItem each.
    """
    latest = begun_by or ctx.now
    cursor: str | None = None
    while True:
        page = _page(ctx, user_id, limit=_PAGE, cursor=cursor)
        for session in page.data:
            # a request that began later may have opened its session before the account changed hands
            is_earlier = session.created_at <= latest or session.era < era
            if session.session_id != keep and is_earlier:
                sessions.revoke(session.ref, ctx.now)
        cursor = page.next_cursor
        if cursor is None:
            return


def announce_end(tx: Transaction, user_id: str, *, keep: str = "", era: int = 0) -> None:
    """Have all sessions ended whatever happens next: the caller calls `end_all` after this transaction, and should
    it be killed before that, the event does."""
    emit(tx, ENDING, {"user_id": user_id, "keep": keep, "begun_by": to_text(tx.ctx.now), "era": era})


def end_due(ctx: Context, event: Event) -> None:
    """Consumer of `sessions.end_due`; harmless when repeated."""
    end_all(
        ctx,
        event.data["user_id"],
        keep=event.data["keep"],
        begun_by=from_text(event.data["begun_by"]),
        era=event.data["era"],
    )
