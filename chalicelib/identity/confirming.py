"""Proving one's password again: what a sensitive act asks for, so that a session left open is not enough."""

from datetime import datetime

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text
from chalicelib.identity import passwords, profile, proving
from chalicelib.identity.confirmations import GOOD_FOR
from chalicelib.identity.entities import Session, session_ref
from chalicelib.identity.signing_in import CredentialsInvalid
from chalicelib.store import transaction


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
