"""A password forgotten, set anew by a code, or changed by somebody who knows it."""

from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
from chalicelib.identity import (
    codes,
    logins,
    passwords,
    profile,
    proving,
    session_list,
    signing_in,
    unproven,
)
from chalicelib.identity.accounts import VERIFIED
from chalicelib.identity.codes import CodeInvalid
from chalicelib.identity.entities import LoginBinding, User, user_ref
from chalicelib.identity.signing_in import AccountDisabled
from chalicelib.store import again, get, transaction


def forgot(ctx: Context, login_text: str) -> None:
    """Send a code to the login, or to the phone or mailbox of who has it. Store calls: 2, whoever has it.

    Raises ChannelMissing, TooMany.
    """
    login = logins.read(login_text)
    if login is not None:
        codes.issue(ctx, login, "reset")


def reset(ctx: Context, login_text: str, code: str, password: str) -> None:
    """Set a password by the code that was sent; every session ends. Store calls: 4, and those that end sessions.

    Who proves a login that nobody had proven takes the account, unless another is proven there: then the answer is
    that to an unknown login. Raises PasswordWeak before the code counts as tried, CodeInvalid, AccountDisabled.
    """
    login = logins.read(login_text)
    if login is None:
        raise CodeInvalid
    passwords.check(password, {login.text}, "new_password")
    proof = codes.check(ctx, login, "reset", code)
    hashed = passwords.hashed(password)

    def attempt() -> User:
        binding = get(LoginBinding, LoginBinding.key.of(ctx.tenant, login_kind=login.kind, login=login.text))
        user = get(User, user_ref(ctx.tenant, binding.user_id)) if binding else None
        if user is None or not unproven.resets(user, login):
            raise CodeInvalid
        if user.status != "active":
            raise AccountDisabled
        user.password_hash = hashed
        user.era += 1
        only_given = unproven.only_given(user, [login])
        if login.kind in VERIFIED:
            setattr(user, VERIFIED[login.kind], ctx.now)
        with transaction(ctx) as tx:
            for given in only_given:
                unproven.take(tx, user, given)
            tx.replace("user", user)
            codes.spend(tx, proof)
            signing_in.forgive(tx, login)
            session_list.announce_end(tx, user.user_id, era=user.era)
        return user

    user = again(attempt, PreconditionFailed)
    session_list.end_all(ctx, user.user_id, era=user.era)


def change(ctx: Context, current: str, password: str) -> None:
    """Store calls: 4, and those that end the other sessions.

    Raises PasswordWrong (also where there is none yet), PasswordWeak, TooMany.
    """
    user = profile.of(ctx)
    known = {login for login in (user.email, user.phone, user.username) if login}
    passwords.check(password, known, "new_password")
    proving.by_password(ctx, user, current)
    proven, hashed, keep = user.password_hash, passwords.hashed(password), ctx.actor.session_id

    def attempt() -> None:
        user = profile.of(ctx)
        if user.password_hash != proven:
            raise proving.PasswordWrong
        user.password_hash = hashed
        with transaction(ctx) as tx:
            tx.replace("user", user)
            session_list.announce_end(tx, user.user_id, keep=keep)

    again(attempt, PreconditionFailed)
    session_list.end_all(ctx, user.user_id, keep=keep)
