"""Signing in with a password: an unknown login and a wrong password get one answer, after one time."""

import contextlib
from dataclasses import dataclass

from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, PreconditionFailed, Unauthenticated
from chalicelib.core.text import Text
from chalicelib.identity import access_tokens, logins, passwords, sessions
from chalicelib.identity.entities import LoginBinding, Session, User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.identity.refresh_tokens import RefreshToken
from chalicelib.store import get, transaction
from chalicelib.store.counters import give_back, take

TRIES = 10
TRIES_FROM_ANYWHERE = 100
TRIES_WITHIN_SECONDS = 5 * 60
_NOBODY = "nobody"


class CredentialsInvalid(Unauthenticated):
    code = "credentials_invalid"
    title = Text("Login or password is wrong", "登录名或密码错误")
    detail = Text("Check both and try again.", "请检查后重试。")


class AccountDisabled(Forbidden):
    code = "account_disabled"
    title = Text("This account is disabled", "该账号已停用")
    detail = Text("Ask the shop for help.", "请联系店铺客服。")


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    expires_in: int = access_tokens.LIFETIME_SECONDS
    """Seconds the access token is good for."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: User
    tokens: Tokens


def signed_in(ctx: Context, user: User, session: Session, token: RefreshToken) -> SignedIn:
    return SignedIn(user, _tokens(ctx, session, token))


def _tokens(ctx: Context, session: Session, token: RefreshToken) -> Tokens:
    return Tokens(sessions.access_token(session, ctx.now), token.text)


def sign_in(ctx: Context, login_text: str, password: str) -> SignedIn:
    """Open a session. Store calls: 7 (count the try twice, binding, user, take both back, session).

    Raises CredentialsInvalid, TooMany (before the password is looked at), AccountDisabled.
    """
    user = _user_of(ctx, logins.read(login_text))
    if user is None or user.password_hash is None:
        passwords.pretend(password)
        raise CredentialsInvalid
    if not passwords.matches(user.password_hash, password):
        raise CredentialsInvalid
    _was_right(ctx, login_text)
    if user.status != "active":
        raise AccountDisabled
    if passwords.is_outdated(user.password_hash):
        _rehash(ctx, user, password)
    with transaction(ctx) as tx:
        session, token = sessions.open_session(tx, user)
    return signed_in(ctx, user, session, token)


def _user_of(ctx: Context, login: Login | None) -> User | None:
    """Four store calls for any login that could exist, so that the time tells nothing."""
    if login is None:
        return None
    for what, subject, limit in _tries(ctx, login):
        take(ctx, what, subject, limit=limit, window_seconds=TRIES_WITHIN_SECONDS)
    binding = get(LoginBinding, LoginBinding.key.of(ctx.tenant, login_kind=login.kind, login=login.text))
    return get(User, user_ref(ctx.tenant, binding.user_id if binding else _NOBODY))


def _tries(ctx: Context, login: Login) -> tuple[tuple[str, str, int], ...]:
    """Counted before the password is looked at: by login and address, so that nobody locks another out from
    elsewhere, and by login alone against many addresses."""
    return (
        ("login_from", f"{login.text}@{ctx.client_ip or 'unknown'}", TRIES),
        ("login", login.text, TRIES_FROM_ANYWHERE),
    )


def _was_right(ctx: Context, login_text: str) -> None:
    """A right password is no guess: it does not count against the limits."""
    login = logins.read(login_text)
    if login is not None:
        for what, subject, _ in _tries(ctx, login):
            give_back(ctx, what, subject, window_seconds=TRIES_WITHIN_SECONDS)


def _rehash(ctx: Context, user: User, password: str) -> None:
    """Bring a hash up to today's parameters. An account changed at the same moment stays as changed."""
    user.password_hash = passwords.hashed(password)
    with contextlib.suppress(PreconditionFailed), transaction(ctx) as tx:
        tx.replace("user", user)


def refresh(ctx: Context, token: RefreshToken) -> Tokens:
    """New tokens for old. Store calls: 1. Raises as `sessions.rotate` does."""
    session, fresh = sessions.rotate(ctx, token)
    return _tokens(ctx, session, fresh)
