"""Entering by something proven elsewhere: a phone by a code, a WeChat account by WeChat. Who is new is registered.

So is who proves a phone that somebody else only gave, in an account that is theirs by another proof (decision 18).
"""

from collections.abc import Callable, Sequence

from chalicelib.core import log
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, PreconditionFailed
from chalicelib.identity import accounts, codes, logins, session_list, sessions, sign_ins, unproven
from chalicelib.identity.accounts import VERIFIED, LoginTaken
from chalicelib.identity.codes import CodeInvalid
from chalicelib.identity.entities import LoginBinding, User, Way, user_ref
from chalicelib.identity.logins import Login
from chalicelib.identity.registering import check_open
from chalicelib.identity.signing_in import AccountDisabled, SignedIn, signed_in
from chalicelib.identity.wechat import mini_program
from chalicelib.store import Transaction, again, get, get_many, transaction

Also = Callable[[Transaction], None]
"""What else belongs into the transaction that lets somebody in."""


def by_phone(ctx: Context, phone: str, code: str) -> SignedIn:
    """Store calls: 4 (the code's try, binding, user, transaction), one less for somebody new; and those that end the
    sessions of an account whose phone nobody had proven.

    Raises Invalid for what is no phone, CodeInvalid, AccountDisabled, RegistrationClosed.
    """
    login = logins.phone(phone)
    if login is None:
        raise Invalid.field("phone", "phone_invalid", logins.FORMS["phone"])
    try:
        proof = codes.check(ctx, login, "sign_in", code)
    except CodeInvalid as wrong:
        sign_ins.failed(ctx, _owners(ctx, [login]).get(login), login, "phone", wrong)
        raise
    return _enter(ctx, [login], "phone", lambda tx: codes.spend(tx, proof))


def by_wechat(ctx: Context, code: str) -> SignedIn:
    """Store calls: 3, one less for somebody new; and one to WeChat.

    Raises WechatOff, WechatBusy, WechatCodeInvalid, AccountDisabled, RegistrationClosed.
    """
    person = mini_program().identify(code)
    return _enter(ctx, person.logins(), "wechat", lambda tx: None)


def _enter(ctx: Context, proven: Sequence[Login], way: Way, also: Also) -> SignedIn:
    """Two who come at once by the same login are one person: the slower finds what the faster made."""

    def attempt() -> SignedIn:
        owners = _owners(ctx, proven)
        if not owners:
            return _register(ctx, proven, way, also)
        # of two accounts that these logins lead to, the first named wins: the mini-program's own id
        user = get(User, user_ref(ctx.tenant, next(iter(owners.values()))))
        if user is None or user.listed_as == "gone":
            raise PreconditionFailed
        if user.status != "active":
            disabled = AccountDisabled()
            sign_ins.failed(ctx, user.user_id, None, way, disabled)
            raise disabled
        if not all(unproven.opens(user, login.kind) for login in unproven.only_given(user, proven)):
            return _register(ctx, proven, way, also, evicted=_who_can_spare(ctx, user, proven, way))
        new = [login for login in proven if login not in owners and getattr(user, login.kind) is None]
        return _open(ctx, user, proven, new, way, also)

    return again(attempt, LoginTaken, PreconditionFailed)


def _owners(ctx: Context, proven: Sequence[Login]) -> dict[Login, str]:
    """Those of these logins that somebody has, in their order, and whose each is. One BatchGetItem."""
    refs = {
        login: LoginBinding.key.of(ctx.tenant, login_kind=login.kind, login=login.text) for login in proven
    }
    found = get_many(refs.values())
    bindings = {login: found.one(LoginBinding, ref) for login, ref in refs.items()}
    return {login: binding.user_id for login, binding in bindings.items() if binding is not None}


def _who_can_spare(ctx: Context, user: User, proven: Sequence[Login], way: Way) -> User:
    """Raises CodeInvalid for the only way in of one of the staff: it leads neither there nor to a new account."""
    for login in proven:
        if not unproven.can_spare(user, login.kind):
            wrong = CodeInvalid()
            sign_ins.failed(ctx, user.user_id, login, way, wrong)
            raise wrong
    return user


def _register(
    ctx: Context, proven: Sequence[Login], way: Way, also: Also, *, evicted: User | None = None
) -> SignedIn:
    """A new account; these logins move to it from `evicted`. Raises RegistrationClosed."""
    check_open(ctx)
    user = accounts.drafted(ctx, ctx.new_id("usr"), proven, None)
    _mark_proven(ctx, user, proven)
    with transaction(ctx) as tx:
        tx.put("user", user)
        if evicted is None:
            accounts.bind(tx, user, proven)
        else:
            unproven.evict(tx, evicted, proven, user)
        session, token = sessions.open_session(tx, user, way)
        sign_ins.succeeded(tx, user, way)
        also(tx)
    log.metrics({"way": way}, user_registrations_total=1)
    return signed_in(ctx, user, session, token)


def _open(
    ctx: Context, user: User, proven: Sequence[Login], new: Sequence[Login], way: Way, also: Also
) -> SignedIn:
    """The account is written by version: one that is disabled at this moment opens nothing. `new` become its own.

    Where nobody had proven the login before, the account passes to who does, without its password.
    """
    only_given = unproven.only_given(user, proven)
    if only_given:
        user.password_hash = None
        user.era += 1
    for login in new:
        setattr(user, login.kind, login.text)
    _mark_proven(ctx, user, proven)
    user.last_seen_at = ctx.now
    with transaction(ctx) as tx:
        for login in only_given:
            unproven.take(tx, user, login)
        tx.replace("user", user)
        accounts.bind(tx, user, new)
        session, token = sessions.open_session(tx, user, way)
        sign_ins.succeeded(tx, user, way)
        also(tx)
        if only_given:
            session_list.announce_end(tx, user.user_id, keep=session.session_id, era=user.era)
    if only_given:
        session_list.end_all(ctx, user.user_id, keep=session.session_id, era=user.era)
    return signed_in(ctx, user, session, token)


def _mark_proven(ctx: Context, user: User, proven: Sequence[Login]) -> None:
    for login in proven:
        if login.kind in VERIFIED:
            setattr(user, VERIFIED[login.kind], ctx.now)
