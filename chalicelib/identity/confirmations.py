"""Whether a session's password was proved a moment ago: asked before every sensitive act.

Apart from how it is proved (`confirming.py`), because every cold start imports this and few requests need that.
"""

from datetime import timedelta

from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden
from chalicelib.core.text import Text
from chalicelib.identity.entities import Session, session_ref
from chalicelib.store import get

GOOD_FOR = timedelta(minutes=5)


class ConfirmationRequired(Forbidden):
    code = "confirmation_required"
    title = Text("This needs your password again", "此操作需要再次验证密码")
    detail = Text(
        "Send it to POST /v1/auth/password/confirm, then try again within five minutes.",
        "请先调用 POST /v1/auth/password/confirm，并在五分钟内重试。",
    )


def require(ctx: Context) -> None:
    """One GetItem. Signing in or registering with a password counts as a proof of it. Raises ConfirmationRequired."""
    session = get(Session, session_ref(ctx.tenant, ctx.customer_id, ctx.actor.session_id))
    if session is None:
        raise ConfirmationRequired
    proved = [session.confirmed_at, session.created_at if session.way in ("password", "register") else None]
    if not any(at is not None and ctx.now - at <= GOOD_FOR for at in proved):
        raise ConfirmationRequired
