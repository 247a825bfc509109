"""Proving one's password again: what a sensitive act asks for, so that a session left open is not enough."""

from datetime import datetime, timedelta

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.core.text import Text
from chalicelib.identity import passwords, profile, proving
from chalicelib.identity.entities import Session, session_ref
from chalicelib.identity.signing_in import CredentialsInvalid
from chalicelib.store import get, transaction

GOOD_FOR = timedelta(minutes=5)


class ConfirmationRequired(Forbidden):
    code = "confirmation_required"
    title = Text("This needs your password again", "此操作需要再次验证密码")
    detail = Text(
        "Send it to POST /v1/auth/password/confirm, then try again within five minutes.",
        "请先调用 POST /v1/auth/password/confirm，并在五分钟内重试。",
    )


class NoPassword(Conflict):
    code = "no_password"
    title = Text("This account has no password", "该账号尚未设置密码")
    detail = Text("Set one first, through a forgotten password's way.", "请先通过找回密码流程设置密码。")


def confirm(ctx: Context, password: str) -> datetime:
    """Until when sensitive acts of this session are open. Store calls: 3 (try, user, session).

    Raises CredentialsInvalid, NoPassword, TooMany (before the password is looked at).
    """
    proving.count_try(ctx, ctx.customer_id)
    user = profile.of(ctx)
    if user.password_hash is None:
        raise NoPassword
    if not passwords.matches(user.password_hash, password):
        raise CredentialsInvalid
    with transaction(ctx) as tx:
        tx.update(
            "session",
            Session,
            session_ref(ctx.tenant, ctx.customer_id, ctx.actor.session_id),
            set={"confirmed_at": ctx.now},
            when=Session.revoked_at.does_not_exist() & Session.cur.exists(),
        )
        proving.forgive(tx, ctx.customer_id)
    return ctx.now + GOOD_FOR


def require(ctx: Context) -> None:
    """One GetItem. Signing in or registering with a password counts as a proof of it. Raises ConfirmationRequired."""
    session = get(Session, session_ref(ctx.tenant, ctx.customer_id, ctx.actor.session_id))
    if session is None:
        raise ConfirmationRequired
    proved = [session.confirmed_at, session.created_at if session.way in ("password", "register") else None]
    if not any(at is not None and ctx.now - at <= GOOD_FOR for at in proved):
        raise ConfirmationRequired
