"""Registering: a new customer, signed in at once."""

from collections.abc import Callable

from chalicelib.core import log
from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, Invalid
from chalicelib.core.text import Text
from chalicelib.identity import accounts, logins, sessions, sign_ins
from chalicelib.identity.entities import LoginKind
from chalicelib.identity.logins import Login
from chalicelib.identity.schemas import Register
from chalicelib.identity.signing_in import SignedIn, signed_in
from chalicelib.store import transaction
from chalicelib.tenants import service as tenants
from chalicelib.tenants.parameters import REGISTRATION


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    title = Text("This shop opens no new accounts", "该店铺暂不开放注册")
    detail = Text("Sign in with an account you have, or ask the shop.", "请使用已有账号登录，或联系店铺。")


def check_open(ctx: Context) -> None:
    """Raises RegistrationClosed where the shop's switch is off. Staff open accounts all the same."""
    if not tenants.is_on(ctx, REGISTRATION):
        raise RegistrationClosed


def register(ctx: Context, wish: Register) -> SignedIn:
    """One transaction: the user, a binding for each login, the first session. Store calls: 1.

    Raises Invalid for a login or password that will not do, LoginTaken, RegistrationClosed.
    """
    check_open(ctx)
    given = _logins(wish)
    user = accounts.drafted(ctx, ctx.new_id("usr"), given, wish.password, name=wish.name or "")
    with transaction(ctx) as tx:
        tx.put("user", user)
        accounts.bind(tx, user, given)
        session, token = sessions.open_session(tx, user, "register")
        sign_ins.succeeded(tx, user, "register")
    log.metrics({"way": "register"}, user_registrations_total=1)
    return signed_in(ctx, user, session, token)


def _logins(wish: Register) -> list[Login]:
    """At least one; every bad one is named."""
    readers: dict[LoginKind, Callable[[str], Login | None]] = {
        "email": logins.email,
        "phone": logins.phone,
        "username": logins.username,
    }
    found: list[Login] = []
    errors: list[dict[str, str]] = []
    for field, read in readers.items():
        text: str | None = getattr(wish, field)
        if text is None:
            continue
        login = read(text)
        if login is None:
            errors.append({"field": field, "code": f"{field}_invalid", "message": logins.FORMS[field]})
        else:
            found.append(login)
    if errors:
        raise Invalid(errors)
    if not found:
        raise Invalid.field("email", "login_missing", "give an email, a phone or a username")
    return found
