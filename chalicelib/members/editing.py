"""Making accounts for others, and keeping what staff keep of them: name, level, tags, adviser."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, PreconditionFailed
from chalicelib.identity import accounts, logins, passwords
from chalicelib.identity.entities import Level, User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.members import guards, levels, reading
from chalicelib.members.filters import MOST_TAGS
from chalicelib.members.reading import Shown
from chalicelib.store import Transaction, again, get, remember, transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A new member: everything but how they sign in."""

    name: str = ""
    level: Level | None = None
    tags: Iterable[str] = ()
    adviser_id: str | None = None


def create(ctx: Context, login_text: str, password: str | None, draft: Draft) -> Shown:
    """An account with one login; without a password its owner asks for a code, or for a new password.

    Store calls: 1, and one more for an adviser. Raises Invalid, LoginTaken.
    """
    login = logins.read(login_text)
    if login is None:
        raise Invalid.field("login", "login_invalid", "is no email address, phone number or username")
    check_adviser(ctx, draft.adviser_id)
    user = drafted(ctx, [login], draft)
    if password is not None:
        passwords.check(password, {login.text})
        user.password_hash = passwords.hashed(password)
    shown = reading.shown(ctx, user)
    with transaction(ctx) as tx:
        put(tx, user, [login])
        remember(tx, shown)
    return shown


def drafted(ctx: Context, given: Iterable[Login], draft: Draft) -> User:
    """Not stored yet, and without a password. Raises Invalid for too many tags."""
    user = User(tenant=ctx.tenant, user_id=ctx.new_id("usr"), name=draft.name, created_at=ctx.now)
    for login in given:
        setattr(user, login.kind, login.text)
    if draft.level is not None:
        user.level, user.level_is_fixed = draft.level, True
    user.adviser_id = draft.adviser_id
    set_tags(user, draft.tags)
    return user


def put(tx: Transaction, user: User, given: list[Login]) -> None:
    """Parts `user` and `login:<kind>`. Refuses with LoginTaken."""
    tx.put("user", user)
    accounts.bind(tx, user, given)


def edit(ctx: Context, user_id: str, fields: Mapping[str, Any], if_match: int | None) -> Shown:
    """Give name, level, tags or adviser other values; a level of None is left to the rules again.

    Store calls: 2, one more for an adviser or the rules. Raises NotFound, PreconditionFailed, Invalid, OwnAccount,
    StaffProtected, AccountGone.
    """
    check_adviser(ctx, fields.get("adviser_id"))
    return change(ctx, user_id, lambda user: apply(ctx, user, fields), if_match)


def change(ctx: Context, user_id: str, alter: Callable[[User], None], if_match: int | None = None) -> Shown:
    """Store calls: 2, or 1 when nothing changes. Raises as `edit` does."""

    def attempt() -> Shown:
        user = guards.check(ctx, reading.member(ctx, user_id))
        if if_match is not None and if_match != user.version:
            raise PreconditionFailed
        before = user.wire()
        alter(user)
        if user.wire() != before:
            with transaction(ctx) as tx:
                tx.replace("user", user)
        return reading.shown(ctx, user)

    return attempt() if if_match is not None else again(attempt, PreconditionFailed)


def apply(ctx: Context, user: User, fields: Mapping[str, Any]) -> None:
    """Raises Invalid for too many tags."""
    for name, value in fields.items():
        match name:
            case "tags":
                set_tags(user, value)
            case "level":
                user.level, user.level_is_fixed = value or levels.earned(ctx, user.user_id), value is not None
            case _:
                setattr(user, name, value)


def set_tags(user: User, tags: Iterable[str]) -> None:
    user.tags = frozenset(tags)
    if len(user.tags) > MOST_TAGS:
        raise Invalid.field("tags", "too_many_tags", f"may be {MOST_TAGS} at most")


def check_adviser(ctx: Context, adviser_id: str | None) -> None:
    """One GetItem when there is one to check. Raises Invalid for nobody of the staff."""
    if adviser_id is None:
        return
    adviser = get(User, user_ref(ctx.tenant, adviser_id))
    if adviser is None or adviser.listed_as != "staff":
        raise Invalid.field("adviser_id", "unknown", "is no member of staff")
