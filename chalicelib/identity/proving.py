"""Proving again who one is: what a signed-in person is asked for before something that cannot be undone."""

from contextlib import suppress
from datetime import timedelta

from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, Invalid
from chalicelib.core.text import Text
from chalicelib.identity import codes, passwords
from chalicelib.identity.codes import CodeInvalid, Proof
from chalicelib.identity.entities import LoginKind, User
from chalicelib.identity.logins import Login
from chalicelib.identity.wechat import WechatCodeInvalid, mini_program
from chalicelib.store import Transaction, lockouts, transaction
from chalicelib.store.lockouts import Policy

WRONG_PASSWORDS = Policy(
    free=5,
    first=timedelta(seconds=30),
    longest=timedelta(minutes=15),
    forgotten_after=timedelta(hours=1),
)
_WHAT = "password_of"


class PasswordWrong(Forbidden):
    code = "password_wrong"
    title = Text("The password is wrong", "密码错误")
    detail = Text("Check it and try again, or reset it.", "请检查后重试，或重置密码。")


def by_password(ctx: Context, user: User, password: str) -> None:
    """The try is counted first: who holds somebody's session cannot guess on. Store calls: 2.

    Raises PasswordWrong, TooMany.
    """
    count_try(ctx, user.user_id)
    if user.password_hash is None:
        passwords.pretend(password)
        raise PasswordWrong
    if not passwords.matches(user.password_hash, password):
        raise PasswordWrong
    with transaction(ctx) as tx:
        forgive(tx, user.user_id)


def count_try(ctx: Context, user_id: str) -> None:
    """One count for all that asks a signed-in person for their password. Raises TooMany."""
    lockouts.count_try(ctx, _WHAT, user_id, WRONG_PASSWORDS)


def forgive(tx: Transaction, user_id: str) -> None:
    """Part `lockout`."""
    lockouts.forgive(tx, _WHAT, user_id)


def by_code(ctx: Context, user: User, code: str) -> Proof:
    """A code for `confirm` that was sent to the person's own phone or email. Store calls: 1 or 2. Raises Invalid."""
    own: list[tuple[LoginKind, str | None]] = [("phone", user.phone), ("email", user.email)]
    for kind, text in own:
        if text is not None:
            with suppress(CodeInvalid):
                return codes.check(ctx, Login(kind, text), "confirm", code)
    raise Invalid.field("code", "code_invalid", "is wrong or no longer good: ask for a new one")


def by_wechat(user: User, wechat_code: str) -> None:
    """The person holds the phone whose WeChat the account belongs to. Raises Invalid, WechatOff, WechatBusy."""
    try:
        person = mini_program().identify(wechat_code)
    except WechatCodeInvalid:
        person = None
    if person is None or person.openid != user.wechat_openid:
        raise Invalid.field("wechat_code", "wechat_code_invalid", "is not good, or of another person")
