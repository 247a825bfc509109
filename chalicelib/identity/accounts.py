"""Accounts: a user and the logins that lead to them, each with one owner; opened, merged, closed."""

from collections.abc import Iterable, Sequence
from typing import Self

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed, SoukError
from chalicelib.core.text import Text
from chalicelib.identity import passwords
from chalicelib.identity.entities import LoginBinding, LoginKind, User
from chalicelib.identity.logins import Login
from chalicelib.store import Transaction, refuse_with

VERIFIED: dict[LoginKind, str] = {"email": "email_verified_at", "phone": "phone_verified_at"}
"""The logins that are an address too, and when their owner last proved that it is theirs."""
KINDS: tuple[LoginKind, ...] = ("email", "phone", "username", "wechat_openid", "wechat_unionid")


class LoginTaken(Conflict):
    """`fields` lists which of the given logins belong to an account already."""

    code = "login_taken"
    title = Text("This login belongs to another account", "该登录名已被注册")
    detail = Text("Sign in instead, or use another login.", "请直接登录，或更换登录名。")

    def joined(self, other: SoukError) -> Self:
        return type(self)(taken=[*self.fields["taken"], *other.fields["taken"]])


class AccountIsStaff(Conflict):
    code = "account_is_staff"
    title = Text("This account belongs to the staff", "该账号属于员工")
    detail = Text(
        "Its roles have to be taken away before it can be closed.", "请先移除该账号的员工角色，再注销。"
    )


def logins_of(user: User) -> list[Login]:
    found: list[tuple[LoginKind, str | None]] = [(kind, getattr(user, kind)) for kind in KINDS]
    return [Login(kind, text) for kind, text in found if text is not None]


def drafted(
    ctx: Context,
    user_id: str,
    logins: Sequence[Login],
    password: str | None,
    *,
    name: str = "",
    roles: Iterable[str] = (),
) -> User:
    """The user, not stored yet. Takes as long as a password hash does. Raises Invalid for a poor password."""
    if password is not None:
        passwords.check(password, {login.text for login in logins})
    by_kind: dict[LoginKind, str] = {login.kind: login.text for login in logins}
    return User(
        tenant=ctx.tenant,
        user_id=user_id,
        name=name,
        email=by_kind.get("email"),
        phone=by_kind.get("phone"),
        username=by_kind.get("username"),
        wechat_openid=by_kind.get("wechat_openid"),
        wechat_unionid=by_kind.get("wechat_unionid"),
        password_hash=None if password is None else passwords.hashed(password),
        roles=frozenset(roles),
        last_seen_at=ctx.now,
        created_at=ctx.now,
    )


def bind(tx: Transaction, user: User, logins: Sequence[Login]) -> None:
    """Adds one part `login:<kind>` each. Refuses with LoginTaken."""
    for login in logins:
        binding = LoginBinding(
            tenant=user.tenant, login_kind=login.kind, login=login.text, user_id=user.user_id
        )
        tx.put(f"login:{login.kind}", binding, refuse=refuse_with(LoginTaken, taken=[login.kind]))


def unbind(tx: Transaction, user: User, logins: Sequence[Login]) -> None:
    """Adds one part `free:<kind>` each: from here on the login is anybody's to take."""
    for login in logins:
        ref = LoginBinding.key.of(user.tenant, login_kind=login.kind, login=login.text)
        tx.delete(
            f"free:{login.kind}",
            ref,
            when=LoginBinding.user_id == user.user_id,
            refuse=refuse_with(PreconditionFailed),
        )


def move(tx: Transaction, from_: User, login: Login, to: User) -> None:
    """Adds a part `move:<kind>`: from here on the login leads to `to`. Refuses with PreconditionFailed."""
    tx.update(
        f"move:{login.kind}",
        LoginBinding,
        LoginBinding.key.of(from_.tenant, login_kind=login.kind, login=login.text),
        set={"user_id": to.user_id},
        when=LoginBinding.user_id == from_.user_id,
        refuse=refuse_with(PreconditionFailed),
    )


def guard_staff(tx: Transaction, user: User) -> None:
    """Who has a role cannot leave with it. It holds, for `user` is written by version. Raises AccountIsStaff."""
    if user.roles:
        raise AccountIsStaff


def close(tx: Transaction, user: User) -> None:
    """Parts `user` and `free:<kind>`: nothing personal is left of the account, its logins are free, its id stays."""
    guard_staff(tx, user)
    unbind(tx, user, logins_of(user))
    _empty(user)
    user.status, user.closed_at = "closed", tx.ctx.now
    tx.replace("user", user)


def absorb(tx: Transaction, into: User, from_: User) -> None:
    """One account takes another's place. Parts `user`, `merged`, and one for each login of `from_`.

    Logins of a kind that `into` has none of lead to `into` from now on; the others are free. Its sessions are the
    caller's to end. Raises AccountIsStaff.
    """
    guard_staff(tx, from_)
    for login in logins_of(from_):
        if getattr(into, login.kind) is not None:
            unbind(tx, from_, [login])
            continue
        setattr(into, login.kind, login.text)
        if login.kind in VERIFIED:
            setattr(into, VERIFIED[login.kind], getattr(from_, VERIFIED[login.kind]))
        move(tx, from_, login, into)
    into.absorbed |= from_.absorbed | {from_.user_id}
    _empty(from_)
    from_.status, from_.merged_into = "merged", into.user_id
    tx.replace("user", into)
    tx.replace("merged", from_)


def _empty(user: User) -> None:
    for kind in KINDS:
        setattr(user, kind, None)
    user.name, user.password_hash, user.avatar_url, user.adviser_id = "", None, None, None
    user.avatar_upload_id = None
    user.email_verified_at = user.phone_verified_at = user.last_seen_at = None
    user.tags = frozenset()
