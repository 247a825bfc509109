"""Binding a phone or a mailbox to one's account, and taking it off again."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.identity import accounts, codes, confirmations, logins, profile, sessions, unproven
from chalicelib.identity.accounts import VERIFIED
from chalicelib.identity.codes import CodeInvalid, Proof
from chalicelib.identity.entities import LoginBinding, LoginKind, User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.identity.wechat import WechatCodeInvalid, mini_program
from chalicelib.store import again, get, transaction


class LastWayIn(Conflict):
    code = "last_way_in"
    title = Text("This is the only way into your account", "这是您唯一的登录方式")
    detail = Text("Bind another one first.", "请先绑定其他登录方式。")


def bind(ctx: Context, kind: LoginKind, text: str, code: str) -> User:
    """Bind by a code that was sent there; what was bound before is free. Store calls: 3, 1 or 2 more for a new login,
    and 1 for staff.

    Raises Invalid (no such address, or the code is wrong), LoginTaken, SessionRevoked, ConfirmationRequired.
    """
    login = {"phone": logins.phone, "email": logins.email}[kind](text)
    if login is None:
        raise Invalid.field(kind, f"{kind}_invalid", logins.FORMS[kind])
    try:
        return _bind(ctx, login, codes.check(ctx, login, "bind", code))
    except CodeInvalid:
        # not a 401: the caller's own token is good, and their client must not throw it away
        raise Invalid.field("code", "code_invalid", "is wrong or no longer good: ask for a new one") from None


def bind_wechat_phone(ctx: Context, wechat_code: str) -> User:
    """Bind the phone that WeChat's own button told us. Store calls: as `bind`, less 1; and one or two to WeChat.

    Raises Invalid, WechatOff, WechatBusy, LoginTaken, SessionRevoked, ConfirmationRequired.
    """
    try:
        login = logins.phone(mini_program().phone_number(wechat_code))
    except WechatCodeInvalid:
        login = None
    if login is None:
        raise Invalid.field("wechat_code", "wechat_code_invalid", "is not good: press the button again")
    return _bind(ctx, login, None)


def _bind(ctx: Context, login: Login, proof: Proof | None) -> User:
    def attempt() -> User:
        user = profile.of(ctx)
        _check_staff(ctx, user)
        before: str | None = getattr(user, login.kind)
        is_new = before != login.text
        squatter = _squatter(ctx, login) if is_new else None
        setattr(user, login.kind, login.text)
        setattr(user, VERIFIED[login.kind], ctx.now)
        with transaction(ctx) as tx:
            tx.replace("user", user)
            if squatter is not None:
                unproven.evict(tx, squatter, [login], user)
            elif is_new:
                accounts.bind(tx, user, [login])
            if is_new and before is not None:
                accounts.unbind(tx, user, [Login(login.kind, before)])
            sessions.guard(tx, user)
            if proof is not None:
                codes.spend(tx, proof)
        return user

    return again(attempt, PreconditionFailed)


def _squatter(ctx: Context, login: Login) -> User | None:
    """Who gave this login without proving it, in an account that goes on without it. Store calls: 1 or 2.

    None also for one that was proven, or is all that its account has: then it is taken, and its owner signs in by it.
    """
    binding = get(LoginBinding, LoginBinding.key.of(ctx.tenant, login_kind=login.kind, login=login.text))
    user = get(User, user_ref(ctx.tenant, binding.user_id)) if binding else None
    if user is None or user.status != "active" or unproven.opens(user, login.kind):
        return None
    return user if unproven.can_spare(user, login.kind) else None


def unbind(ctx: Context, kind: LoginKind) -> User:
    """Store calls: 2, or 1 when there is nothing to take off.

    Raises LastWayIn, SessionRevoked, ConfirmationRequired.
    """

    def attempt() -> User:
        user = profile.of(ctx)
        bound: str | None = getattr(user, kind)
        if bound is None:
            return user
        _check_staff(ctx, user)
        setattr(user, kind, None)
        setattr(user, VERIFIED[kind], None)
        if not ways_in(user):
            raise LastWayIn
        with transaction(ctx) as tx:
            tx.replace("user", user)
            accounts.unbind(tx, user, [Login(kind, bound)])
            sessions.guard(tx, user)
        return user

    return again(attempt, PreconditionFailed)


def _check_staff(ctx: Context, user: User) -> None:
    """By a login of theirs a password is set anew: who found a staff session open could prove it then, and do all that
    asks for it. Raises ConfirmationRequired."""
    if user.roles:
        confirmations.require(ctx)


def ways_in(user: User) -> list[LoginKind]:
    """The logins that open the account as it is: a username does not without a password."""
    return [
        login.kind
        for login in accounts.logins_of(user)
        if login.kind != "username" or user.password_hash is not None
    ]
