"""Logins that somebody gave and nobody proved: whose they are once somebody does prove them (decision 18)."""

from collections.abc import Iterable, Sequence

from chalicelib.identity import accounts
from chalicelib.identity.accounts import KINDS, VERIFIED
from chalicelib.identity.entities import Code, LoginKind, User
from chalicelib.identity.logins import Login
from chalicelib.store import Transaction


def is_proven(user: User, kind: LoginKind) -> bool:
    """WeChat itself says who holds its ids; a username is nothing that could be proven."""
    if getattr(user, kind) is None or kind == "username":
        return False
    return kind not in VERIFIED or getattr(user, VERIFIED[kind]) is not None


def only_given(user: User, logins: Iterable[Login]) -> list[Login]:
    """Those of these logins of the account that could be proven and never were."""
    known = [login for login in logins if getattr(user, login.kind) == login.text]
    return [login for login in known if login.kind in VERIFIED and not is_proven(user, login.kind)]


def opens(user: User, kind: LoginKind) -> bool:
    """Whether a code sent to this login lets into the account: it is proven, or nothing is and no role is at stake."""
    return is_proven(user, kind) or not (user.roles or any(is_proven(user, one) for one in KINDS))


def reachable_at(user: User) -> list[Login]:
    """The addresses that a code for this account may be sent to, the phone first."""
    found: list[tuple[LoginKind, str | None]] = [("phone", user.phone), ("email", user.email)]
    return [Login(kind, text) for kind, text in found if text is not None and opens(user, kind)]


def resets(user: User, login: Login) -> bool:
    """Whether a code for `login` may set the password; one for a username goes to an address of the account."""
    reachable = reachable_at(user)
    return login in reachable or (login.kind == "username" and bool(reachable))


def can_spare(user: User, kind: LoginKind) -> bool:
    """Whether the account can still be entered without this login: an only admin must not lose theirs."""
    others = [login.kind for login in accounts.logins_of(user) if login.kind != kind]
    return any(user.password_hash is not None or is_proven(user, other) for other in others)


def evict(tx: Transaction, from_: User, logins: Sequence[Login], to: User) -> None:
    """The logins lead to who proved them, `to`. Parts `evicted` and `move:<kind>`.

    By version: an account that changes meanwhile, as by a login proven in it, is decided on anew. Refuses with
    PreconditionFailed.
    """
    for login in logins:
        setattr(from_, login.kind, None)
        accounts.move(tx, from_, login, to)
    tx.replace("evicted", from_)


def take(tx: Transaction, user: User, login: Login) -> None:
    """The account passes to who proved `login`: what else was given and not proven goes. Parts `free:<kind>`.

    The caller marks it proven, sets the password and the era before this, replaces `user` after it, and ends the
    sessions. A username stays beside a
    password; a code that is under way for it may be in the hands of who held the account before, and is gone.
    """
    keeps_username = user.password_hash is not None
    others = [
        one
        for one in accounts.logins_of(user)
        if one != login and not (one.kind == "username" and keeps_username)
    ]
    if user.username is not None:
        tx.delete("code:username", Code.key.of(user.tenant, address=user.username))
    accounts.unbind(tx, user, others)
    for one in others:
        setattr(user, one.kind, None)
