"""Two accounts of one person become one. docs/decisions/0016 says what moves, and why orders keep their key."""

import contextlib
from dataclasses import dataclass

from chalicelib.addresses import book as address_rules
from chalicelib.addresses.book import TooManyAddresses
from chalicelib.addresses.entities import AddressBook, address_book_ref
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.favorites import service as favorites
from chalicelib.identity import accounts
from chalicelib.identity.entities import User, user_ref
from chalicelib.members import access, guards, levels, reading
from chalicelib.members.entities import Spending, spending_ref
from chalicelib.members.filters import MOST_TAGS
from chalicelib.members.reading import Shown
from chalicelib.notifications.entities import device_book_ref, preferences_ref
from chalicelib.orders.entities import OrderBook, book_ref
from chalicelib.orders.states import EVERY, FINAL
from chalicelib.points import service as points
from chalicelib.points.entities import points_ref
from chalicelib.store import Found, Transaction, again, emit, get_many, refuse_with, remember, transaction
from chalicelib.tenants import service as tenants


class MergeOpenOrders(Conflict):
    code = "merge_open_orders"
    title = Text("The account that would end has open orders", "被合并账号仍有未完成订单")
    detail = Text(
        "Complete, cancel or refund its orders first: {orders} are open.",
        "请先完成、取消或退款：还有 {orders} 个未完成订单。",
    )


class MergeWithStaff(Conflict):
    code = "merge_with_staff"
    title = Text("A member of staff cannot be merged", "员工账号不能合并")
    detail = Text("Take away the roles of both accounts first.", "请先移除两个账号的角色。")


@dataclass(slots=True)
class _Pair:
    """Both accounts with what moves, as they were read together."""

    into: User
    gone: User
    into_addresses: AddressBook | None
    gone_addresses: AddressBook | None
    into_spending: Spending | None
    gone_spending: Spending | None
    gone_orders: OrderBook | None
    found: Found


def merge(ctx: Context, into_id: str, from_id: str) -> Shown:
    """`from` ends; `into` gets its logins of a kind it lacks, its addresses, tags, spending, points, favourites,
    footprints and finished orders.

    Store calls: 4, and what the consumer of `member.merged` makes. Raises NotFound, Invalid, OwnAccount,
    StaffProtected, AccountGone, MergeWithStaff, MergeOpenOrders.
    """
    if into_id == from_id:
        raise Invalid.field(
            "from_user_id", "same_account", "must be another account than the one in the path"
        )
    return again(lambda: _merge_once(ctx, into_id, from_id), PreconditionFailed)


def _merge_once(ctx: Context, into_id: str, from_id: str) -> Shown:
    pair = _read(ctx, into_id, from_id)
    into, gone = pair.into, pair.gone
    shown = reading.shown(ctx, into)
    with transaction(ctx) as tx:
        _check_orders(tx, pair)
        _move_addresses(tx, pair)
        _move_spending(tx, pair)
        points.merge(tx, pair.found, into_id, from_id)
        favorites.merge(tx, pair.found, into_id, from_id)
        if not into.level_is_fixed:
            into.level = levels.higher(into.level, gone.level)
        into.tags = frozenset(sorted(into.tags | gone.tags)[:MOST_TAGS])
        into.password_hash = into.password_hash or gone.password_hash
        gone.closed_at = ctx.now
        accounts.absorb(tx, into, gone)
        for ref in (device_book_ref(ctx.tenant, from_id), preferences_ref(ctx.tenant, from_id)):
            tx.delete(f"gone:{ref.sk}", ref)
        sessions = access.end_sessions(tx, from_id)
        emit(tx, "member.merged", {"from_id": from_id, "into_id": into_id})
        remember(tx, shown)
    access.ended(ctx, from_id, sessions)
    return shown


def _read(ctx: Context, into_id: str, from_id: str) -> _Pair:
    both = (into_id, from_id)
    users = [user_ref(ctx.tenant, one) for one in both]
    addresses = [address_book_ref(ctx.tenant, one) for one in both]
    spending = [spending_ref(ctx.tenant, one) for one in both]
    orders = book_ref(ctx.tenant, from_id)
    marked = [ref for one in both for ref in favorites.refs(ctx.tenant, one)]
    counted = [points_ref(ctx.tenant, one) for one in both]
    found = get_many([*users, *addresses, *spending, *counted, *marked, orders])
    into, gone = (guards.check(ctx, reading.visible(ctx, found.one(User, ref))) for ref in users)
    if into.roles or gone.roles:
        raise MergeWithStaff
    into_addresses, gone_addresses = (found.one(AddressBook, ref) for ref in addresses)
    into_spending, gone_spending = (found.one(Spending, ref) for ref in spending)
    books = into_addresses, gone_addresses, into_spending, gone_spending
    return _Pair(into, gone, *books, found.one(OrderBook, orders), found)


def _check_orders(tx: Transaction, pair: _Pair) -> None:
    """Part `orders`: placing counts up the book's version, so that none is placed while we look. Raises
    MergeOpenOrders."""
    book = pair.gone_orders
    open_orders = sum(getattr(book, state) for state in EVERY if state not in FINAL) if book else 0
    if open_orders:
        raise MergeOpenOrders(orders=open_orders)
    unchanged = OrderBook.version == book.version if book else OrderBook.version.does_not_exist()
    ref = book_ref(tx.ctx.tenant, pair.gone.user_id)
    tx.check("orders", ref, unchanged, refuse=refuse_with(PreconditionFailed))


def _move_addresses(tx: Transaction, pair: _Pair) -> None:
    """Parts `addresses` and `gone_addresses`. What finds no room stays where staff can still read it."""
    old = pair.gone_addresses
    if old is None or not old.addresses:
        return
    book = pair.into_addresses or AddressBook(tenant=tx.ctx.tenant, user_id=pair.into.user_id)
    left, chosen = list(old.addresses), book.default_id or old.default_id
    with contextlib.suppress(TooManyAddresses):
        while left:
            address_rules.add(book, left[0], as_default=left[0].id == chosen)
            left.pop(0)
    old.addresses, old.default_id = left, left[-1].id if left else None
    if pair.into_addresses is None:
        tx.put("addresses", book, refuse=refuse_with(PreconditionFailed))
    else:
        tx.replace("addresses", book)
    tx.replace("gone_addresses", old)


def _move_spending(tx: Transaction, pair: _Pair) -> None:
    """Parts `spending` and `gone_spending`."""
    old = pair.gone_spending
    if old is None:
        return
    sum_ = pair.into_spending or Spending(tenant=tx.ctx.tenant, user_id=pair.into.user_id)
    levels.add(sum_, old.months, levels.month_of(tx.ctx.now, tenants.of(tx.ctx).time_zone))
    levels.write(tx, sum_)
    old.months = {}
    tx.replace("gone_spending", old)
