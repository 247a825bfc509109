"""Reading members, as far as the reader may see: all of the shop's, or those they look after."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.addresses.entities import Address, AddressBook, address_book_ref
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound
from chalicelib.favorites.entities import Favorites, favorites_ref
from chalicelib.identity import logins, sign_ins
from chalicelib.identity.entities import (
    ListedAs,
    LoginBinding,
    Session,
    SignInRecord,
    User,
    user_ref,
)
from chalicelib.members.filters import Filter
from chalicelib.orders import reading as orders
from chalicelib.orders.entities import OrderBook, book_ref
from chalicelib.points import service as points
from chalicelib.points.entities import points_ref
from chalicelib.store import Page, get, get_many, items, rows
from chalicelib.store.counters import take

MOST_LOGINS_AN_HOUR = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A member, for somebody who may see their contact data in full or not."""

    user: User
    in_full: bool

    @property
    def version(self) -> int:
        return self.user.version


@dataclass(frozen=True, slots=True)
class Detail(Shown):
    orders: OrderBook
    addresses: int
    points: int
    favorites: int


def shown(ctx: Context, user: User) -> Shown:
    return Shown(user, sees_in_full(ctx))


def sees_in_full(ctx: Context) -> bool:
    return ctx.actor.may("members:reveal")


def may_see(ctx: Context, adviser_id: str | None) -> bool:
    return not ctx.actor.sees_own_only or adviser_id == ctx.actor.id


def member(ctx: Context, user_id: str) -> User:
    """One GetItem. Raises NotFound, also for a customer whom somebody else looks after."""
    return visible(ctx, get(User, user_ref(ctx.tenant, user_id)))


def visible(ctx: Context, user: User | None) -> User:
    """Raises NotFound."""
    if user is None or not may_see(ctx, user.adviser_id):
        raise NotFound
    return user


def detail(ctx: Context, user_id: str) -> Detail:
    """A member, with what there is of them elsewhere. One BatchGetItem. Raises NotFound."""
    owner = ctx.tenant, user_id
    refs = user_ref(*owner), book_ref(*owner), address_book_ref(*owner), favorites_ref(*owner)
    found = get_many([*refs, points_ref(*owner)])
    user = visible(ctx, found.one(User, refs[0]))
    addresses, favorites = found.one(AddressBook, refs[2]), found.one(Favorites, refs[3])
    return Detail(
        user,
        sees_in_full(ctx),
        orders=found.one(OrderBook, refs[1]) or OrderBook(tenant=ctx.tenant, customer_id=user_id),
        addresses=len(addresses.addresses) if addresses else 0,
        points=points.within(found, *owner).balance,
        favorites=len(favorites.marks) if favorites else 0,
    )


def listed(
    ctx: Context, kind: ListedAs, wanted: Filter, *, limit: int, cursor: str | None
) -> Page[dict[str, Any]]:
    """Rows of members, newest first. One Query; with a filter, reading on until the page is full."""
    keep: Callable[[dict[str, Any]], bool] | None = None
    if ctx.actor.sees_own_only:
        keep = lambda row: row["adviser_id"] == ctx.actor.id and wanted.fits(row)  # noqa: E731 - a predicate, once
    elif not wanted.is_empty:
        keep = wanted.fits
    return rows(
        ctx.tenant,
        User.listed,
        limit=limit,
        cursor=cursor,
        keep=keep,
        filters=f"{wanted.model_dump_json()}|{ctx.actor.id if ctx.actor.sees_own_only else ''}",
        listed_as=kind,
    )


def with_login(ctx: Context, text: str) -> list[User]:
    """The one member with exactly this login, or nobody. Who sees logins masked asks a hundred times an hour: a phone
    number is told by its four hidden digits, and there are ten thousand of those.

    Store calls: 2, and one to count. Raises Invalid for what is no login, TooMany.
    """
    login = logins.read(text)
    if login is None:
        raise Invalid.field("login", "login_invalid", "is no email address, phone number or username")
    if not sees_in_full(ctx):
        take(ctx, "login_asked_for", ctx.actor.id, limit=MOST_LOGINS_AN_HOUR, window_seconds=3600)
    binding = get(LoginBinding, LoginBinding.key.of(ctx.tenant, login_kind=login.kind, login=login.text))
    user = get(User, user_ref(ctx.tenant, binding.user_id)) if binding else None
    return [user] if user is not None and may_see(ctx, user.adviser_id) else []


def orders_of(
    ctx: Context, user_id: str, *, status: str | None, limit: int, cursor: str | None
) -> Page[dict[str, Any]]:
    """Newest first. Store calls: 2. Raises NotFound."""
    member(ctx, user_id)
    return orders.list_of(ctx, user_id, status=status, limit=limit, cursor=cursor)


def addresses_of(ctx: Context, user_id: str) -> list[tuple[Address, bool]]:
    """Newest first, each with whether it is the default. One BatchGetItem. Raises NotFound."""
    refs = user_ref(ctx.tenant, user_id), address_book_ref(ctx.tenant, user_id)
    found = get_many(refs)
    visible(ctx, found.one(User, refs[0]))
    book = found.one(AddressBook, refs[1])
    return [(one, one.id == book.default_id) for one in reversed(book.addresses)] if book else []


def sessions_of(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[Session]:
    """Newest first, those that have ended too. Store calls: 2. Raises NotFound."""
    member(ctx, user_id)
    return items(
        Session, ctx.tenant, Session.key, user_id=user_id, limit=limit, cursor=cursor, newest_first=True
    )


def sign_ins_of(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[SignInRecord]:
    """Newest first, those that failed too. Store calls: 2. Raises NotFound."""
    member(ctx, user_id)
    return sign_ins.of_user(ctx, user_id, limit=limit, cursor=cursor)
