"""Signing in with a password: an unknown login and a wrong password get one answer, after one time."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Forbidden, SoukError, Unauthenticated
from chalicelib.core.text import Text
from chalicelib.identity import access_tokens, logins, passwords, sessions, sign_ins
from chalicelib.identity.entities import LoginBinding, Session, User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.identity.refresh_tokens import RefreshToken
from chalicelib.store import Transaction, Wire, again, get, lockouts, transaction
from chalicelib.store.counters import give_back, take
from chalicelib.store.lockouts import Policy

WRONG_PASSWORDS = Policy(
    free=5,
    first=timedelta(seconds=30),
    longest=timedelta(minutes=15),
    forgotten_after=timedelta(hours=1),
)
"""Of one login from one address: after five the next has to wait, then twice as long, and so on."""
TRIES_FROM_ANYWHERE = 100
TRIES_WITHIN_SECONDS = 5 * 60
_NOBODY = "nobody"


class CredentialsInvalid(Unauthenticated):
    code = "credentials_invalid"
    title = Text("Login or password is wrong", "登录名或密码错误")
    detail = Text("Check both and try again.", "请检查后重试。")


class _RolesMoved(Conflict):
    """Somebody gave or took roles while the password was looked at. Never told: the sign-in begins anew."""


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
    """Open a session. Store calls: 6 (count the try twice, binding, user, the session, take one try back).

    Raises CredentialsInvalid, TooMany (before the password is looked at), AccountDisabled.
    """
    login = logins.read(login_text)
    if login is not None:
        _count_try(ctx, login)
    return again(lambda: _by_password(ctx, login, password), _RolesMoved)


def _by_password(ctx: Context, login: Login | None, password: str) -> SignedIn:
    user = _user_of(ctx, login)
    if login is None or user is None or user.password_hash is None:
        passwords.pretend(password)
        raise _written_down(ctx, user, login, CredentialsInvalid())
    if not passwords.matches(user.password_hash, password):
        raise _written_down(ctx, user, login, CredentialsInvalid())
    if user.status != "active":
        raise _written_down(ctx, user, login, AccountDisabled())
    return _opened(ctx, user, login, password)


def _opened(ctx: Context, user: User, login: Login, password: str) -> SignedIn:
    """The session stands only if the account is still active, the password still the one that was right, and the
    roles that it takes along still the account's. The version tells who gives or takes roles at this moment."""
    held = User.roles == user.roles if user.roles else User.roles.does_not_exist()
    known = user.password_hash or ""
    renewed = {"password_hash": passwords.hashed(password)} if passwords.is_outdated(known) else {}
    with transaction(ctx) as tx:
        # written past the list index on purpose: no list shows these
        tx.update(
            "user",
            User,
            user.ref,
            set={"last_seen_at": ctx.now, **renewed},
            add={"version": 1},
            when=(User.status == "active") & (User.password_hash == known) & held,
            refuse=lambda old: _no_longer(old, user.roles),
        )
        session, token = sessions.open_session(tx, user, "password")
        sign_ins.succeeded(tx, user, "password")
        forgive(tx, login)
    give_back(ctx, "login", login.text, window_seconds=TRIES_WITHIN_SECONDS)
    return signed_in(ctx, user, session, token)


def _no_longer(old: Wire | None, roles: frozenset[str]) -> SoukError:
    """The account was disabled, or its roles or its password changed, while the old one was being looked at."""
    stood = User.from_wire(old) if old else None
    if stood is not None and stood.status != "active":
        return AccountDisabled()
    return _RolesMoved() if stood is not None and stood.roles != roles else CredentialsInvalid()


def _written_down(ctx: Context, user: User | None, login: Login | None, why: SoukError) -> SoukError:
    sign_ins.failed(ctx, user.user_id if user else None, login, "password", why)
    return why


def _count_try(ctx: Context, login: Login) -> None:
    """Before the password is looked at: by login and address, where the wait grows and nobody locks another out
    from elsewhere; and by login alone, against many addresses."""
    lockouts.count_try(ctx, "login_from", _from_here(ctx, login), WRONG_PASSWORDS)
    take(ctx, "login", login.text, limit=TRIES_FROM_ANYWHERE, window_seconds=TRIES_WITHIN_SECONDS)


def forgive(tx: Transaction, login: Login) -> None:
    """Part `lockout`: who proved otherwise that the login is theirs need not wait for wrong passwords."""
    lockouts.forgive(tx, "login_from", _from_here(tx.ctx, login))


def _from_here(ctx: Context, login: Login) -> str:
    return f"{login.text}@{ctx.client_ip or 'unknown'}"


def _user_of(ctx: Context, login: Login | None) -> User | None:
    """Two store calls for any login that could exist, so that the time tells nothing."""
    if login is None:
        return None
    binding = get(LoginBinding, LoginBinding.key.of(ctx.tenant, login_kind=login.kind, login=login.text))
    return get(User, user_ref(ctx.tenant, binding.user_id if binding else _NOBODY))


def refresh(ctx: Context, token: RefreshToken) -> Tokens:
    """New tokens for old. Store calls: 1. Raises as `sessions.rotate` does."""
    session, fresh = sessions.rotate(ctx, token)
    return _tokens(ctx, session, fresh)
