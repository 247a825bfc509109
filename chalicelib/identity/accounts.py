"""Opening an account: a user, a login that leads to them, each login with one owner."""

from collections.abc import Iterable, Sequence
from typing import Self

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, SoukError
from chalicelib.core.text import Text
from chalicelib.identity import passwords
from chalicelib.identity.entities import LoginBinding, LoginKind, User
from chalicelib.identity.logins import Login
from chalicelib.store import Transaction, refuse_with


class LoginTaken(Conflict):
    """`fields` lists which of the given logins belong to an account already."""

    code = "login_taken"
    title = Text("This login belongs to another account", "该登录名已被注册")
    detail = Text("Sign in instead, or use another login.", "请直接登录，或更换登录名。")

    def joined(self, other: SoukError) -> Self:
        return type(self)(taken=[*self.fields["taken"], *other.fields["taken"]])


def drafted(
    ctx: Context,
    user_id: str,
    logins: Sequence[Login],
    password: str,
    *,
    name: str = "",
    roles: Iterable[str] = (),
) -> User:
    """The user, not stored yet. Takes as long as a password hash does. Raises Invalid for a poor password."""
    passwords.check(password, {login.text for login in logins})
    by_kind: dict[LoginKind, str] = {login.kind: login.text for login in logins}
    return User(
        tenant=ctx.tenant,
        user_id=user_id,
        name=name,
        email=by_kind.get("email"),
        phone=by_kind.get("phone"),
        username=by_kind.get("username"),
        password_hash=passwords.hashed(password),
        roles=frozenset(roles),
        created_at=ctx.now,
    )


def bind(tx: Transaction, user: User, logins: Sequence[Login]) -> None:
    """Adds one part `login:<kind>` each. Refuses with LoginTaken."""
    for login in logins:
        binding = LoginBinding(
            tenant=user.tenant, login_kind=login.kind, login=login.text, user_id=user.user_id
        )
        tx.put(f"login:{login.kind}", binding, refuse=refuse_with(LoginTaken, taken=[login.kind]))
