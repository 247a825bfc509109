"""Sessions: opened by a sign-in, carried on by refresh tokens that rotate, ended by a sign-out or a theft.

Each refresh token is exchanged once, for the one that follows from it. Within ten seconds it may be presented
again, as after a lost answer or by a second tab, and is answered with that same one. Later it was copied, and who
holds the copy cannot be told: both are cut off.
"""

import contextlib
from datetime import datetime, timedelta

from chalicelib.core import clock, log
from chalicelib.core.context import Context
from chalicelib.core.errors import SoukError, Unauthenticated
from chalicelib.core.text import Text
from chalicelib.identity import access_tokens, refresh_tokens, session_memory
from chalicelib.identity.access_tokens import Claims
from chalicelib.identity.entities import Session, User, Way, session_ref
from chalicelib.identity.refresh_tokens import RefreshInvalid, RefreshToken
from chalicelib.store import Ref, Transaction, Wire, get, refuse_with, update
from chalicelib.tenants import service as tenants
from chalicelib.tenants.service import TenantUnknown

LIFETIME = timedelta(days=30)
"""Without a refresh; each one starts it anew."""
REPEATED_WITHIN = timedelta(seconds=10)


class SessionRevoked(Unauthenticated):
    code = "session_revoked"
    title = Text("This session has ended", "会话已失效")
    detail = Text("Sign in again.", "请重新登录。")


class RefreshSuperseded(Unauthenticated):
    """The token was exchanged a moment ago, by a process that made the next one with another key."""

    code = "refresh_superseded"
    title = Text("This refresh token was just exchanged", "该刷新令牌刚刚已被使用")
    detail = Text("Use the token of the latest answer, or sign in again.", "请使用最新的令牌，或重新登录。")


class RefreshReused(Unauthenticated):
    code = "refresh_reused"
    title = Text("This refresh token was used before", "该刷新令牌已被使用过")
    detail = Text("The session was ended for safety. Sign in again.", "为安全起见会话已终止，请重新登录。")


def open_session(tx: Transaction, user: User, way: Way) -> tuple[Session, RefreshToken]:
    """Adds the part `session`. `way` says how the person proved who they are."""
    ctx = tx.ctx
    token = refresh_tokens.issue(ctx.tenant, user.user_id, ctx.new_id("ses"))
    session = Session(
        tenant=ctx.tenant,
        user_id=user.user_id,
        session_id=token.session_id,
        cur=token.digest,
        era=user.era,
        roles=user.roles,
        way=way,
        client_ip=ctx.client_ip,
        user_agent=ctx.user_agent,
        created_at=ctx.now,
        ttl=ctx.now + LIFETIME,
    )
    tx.put("session", session)
    return session, token


def guard(tx: Transaction, user: User) -> None:
    """Part `session`: the caller's stands at this moment, and belongs to who holds the account now. `user` is written
    by version beside it.

    A process believes a session for some seconds after its end: too long for what opens the account later.
    Refuses with SessionRevoked.
    """
    tx.check(
        "session",
        session_ref(user.tenant, user.user_id, tx.ctx.actor.session_id),
        (Session.era == user.era) & Session.cur.exists() & Session.revoked_at.does_not_exist(),
        refuse=refuse_with(SessionRevoked),
    )


def access_token(session: Session, now: datetime) -> str:
    """A new access token for a session that was just seen standing."""
    session_memory.stands(session.ref, now, session.roles)
    claims = Claims(session.tenant, session.user_id, session.session_id, is_staff=bool(session.roles))
    return access_tokens.mint(claims, now)


def rotate(ctx: Context, presented: RefreshToken) -> tuple[Session, RefreshToken]:
    """Exchange a refresh token for the next one. Store calls: 1 (2 when a reuse ends the session), and one for
    the tenant in a process that does not know it.

    Raises RefreshInvalid, SessionRevoked, RefreshSuperseded, RefreshReused, TenantSuspended.
    """
    _check_tenant(presented)
    fresh = presented.renewed()
    ref = _ref(presented)

    def refuse(old: Wire | None) -> SoukError:
        return _why_not(Session.from_wire(old) if old else None, presented, ctx.now)

    try:
        session = update(
            Session,
            ref,
            set={
                "cur": fresh.digest,
                "prev": presented.digest,
                "prev_at": ctx.now,
                "refreshed_at": ctx.now,
                "ttl": ctx.now + LIFETIME,
            },
            add={"generation": 1},
            when=(Session.cur == presented.digest)
            & Session.revoked_at.does_not_exist()
            & (Session.ttl > ctx.now),
            mine=lambda stood: _is_repeated(stood, presented, fresh, ctx.now),
            refuse=refuse,
        )
    except RefreshReused:
        revoke(ref, ctx.now)
        raise
    return session, fresh


def _is_repeated(stood: Session, presented: RefreshToken, fresh: RefreshToken, now: datetime) -> bool:
    """This very exchange was made moments ago: our own write whose answer was lost, or the client's."""
    return stood.cur == fresh.digest and stood.stands(now) and _was_just_exchanged(stood, presented, now)


def _was_just_exchanged(session: Session, presented: RefreshToken, now: datetime) -> bool:
    exchanged_at = session.prev_at
    return (
        session.prev == presented.digest
        and exchanged_at is not None
        and now - exchanged_at <= REPEATED_WITHIN
    )


def _check_tenant(presented: RefreshToken) -> None:
    try:
        tenants.find(presented.tenant)
    except TenantUnknown:
        raise RefreshInvalid from None


def _why_not(session: Session | None, presented: RefreshToken, now: datetime) -> SoukError:
    if session is None or session.is_expired(now):
        return RefreshInvalid()
    if session.revoked_at is not None:
        return SessionRevoked()
    if _was_just_exchanged(session, presented, now):
        return RefreshSuperseded()
    return RefreshReused()


def end(ctx: Context, presented: RefreshToken) -> None:
    """Sign out. One store call. Any token of it will do, a used one too: ending it is the safe side."""
    revoke(_ref(presented), ctx.now)


def revoke(session: Ref, now: datetime) -> None:
    """End a session, in this process at once. One UpdateItem. One that is not there, or has ended, stays as it is."""
    with contextlib.suppress(SessionRevoked):
        ended = update(
            Session,
            session,
            set={"revoked_at": now},
            when=Session.cur.exists() & Session.revoked_at.does_not_exist(),
            mine=lambda stood: stood.revoked_at is not None,
            refuse=lambda old: SessionRevoked(),
        )
        if ended.revoked_at is not None and clock.to_text(ended.revoked_at) == clock.to_text(now):
            # by this call, and not by an earlier one
            log.metrics({}, session_duration_average=(now - ended.created_at).total_seconds())
    session_memory.ended(session, now)


def standing_roles(claims: Claims, now: datetime) -> frozenset[str]:
    """The roles of a session that stands. One GetItem, or none when this process saw it within five seconds.

    Raises SessionRevoked.
    """
    ref = session_ref(claims.tenant, claims.user_id, claims.session_id)
    remembered = session_memory.roles(ref, now)
    if remembered is not None:
        return remembered
    session = get(Session, ref)
    if session is None or not session.stands(now):
        raise SessionRevoked
    session_memory.stands(ref, now, session.roles)
    return session.roles


def _ref(token: RefreshToken) -> Ref:
    return session_ref(token.tenant, token.user_id, token.session_id)
