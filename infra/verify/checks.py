"""The rules, on real data. Each check is a pure function from the books to what does not hold."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from chalicelib.audit import chain
from chalicelib.audit.entities import ChainHead, ChainLink
from chalicelib.core import clock
from chalicelib.core.ids import same_ulid
from chalicelib.fulfilment.entities import CardKey, CardKeyPool
from chalicelib.inventory.entities import Reservation, Stock, StockMove
from chalicelib.media.entities import HOLDS_BYTES, StorageUsage, Upload, books_of
from chalicelib.orders.entities import Order, OrderBook, hold_words
from chalicelib.orders.states import EVERY, UNPAID
from chalicelib.payments.entities import Payment, Refund
from chalicelib.points.entities import PointsAccount, PointsEntry
from chalicelib.store import AuditEntry
from chalicelib.tenants.entities import HostBinding, Tenant, TenantRow
from infra.verify.books import Books, Finding

Check = Callable[[Books], Iterator[Finding]]
Sku = tuple[str, str]
_GONE = ("paid", "partially_shipped", "shipped", "completed")


def stock_adds_up(books: Books) -> Iterator[Finding]:
    """B3: reserved is what is held, sold is what was deducted, and all of it is what ever came in."""
    held: Counter[Sku] = Counter()
    sold: Counter[Sku] = Counter()
    came: Counter[Sku] = Counter()
    for reservation in books.all(Reservation):
        into = {"held": held, "deducted": sold}.get(reservation.state)
        if into is not None:
            for line in reservation.lines:
                into[reservation.tenant, line.sku_id] += line.quantity
    for move in books.all(StockMove):
        came[move.tenant, move.sku_id] += move.delta
    for stock in books.all(Stock):
        sku = (stock.tenant, stock.sku_id)
        if min(stock.available, stock.reserved, stock.sold) < 0:
            yield Finding("B3", f"{stock.sku_id} has a negative count", stock)
        if stock.reserved != held[sku]:
            yield Finding("B3", f"{stock.sku_id}: {stock.reserved} reserved, {held[sku]} held", stock)
        if stock.sold != sold[sku]:
            yield Finding("B3", f"{stock.sku_id}: {stock.sold} sold, {sold[sku]} deducted", stock)
        there, ever = stock.available + stock.reserved + stock.sold, stock.opened_with + came[sku]
        if there != ever:
            yield Finding("B3", f"{stock.sku_id}: {there} units accounted for, {ever} came in", stock)


def reservations_follow_their_orders(books: Books) -> Iterator[Finding]:
    """B3, B4: unpaid holds, paid deducted, cancelled released."""
    by_id = {(one.tenant, one.reservation_id): one for one in books.all(Reservation)}
    for order in books.all(Order):
        reservation = by_id.get((order.tenant, same_ulid("rsv", order.order_id)))
        expected = "held" if order.status in UNPAID else "deducted" if order.status in _GONE else "released"
        if reservation is None:
            yield Finding("B3", f"order {order.order_id} has no reservation", order)
        elif reservation.state != expected and order.status not in ("refunding", "refunded"):
            yield Finding(
                "B3", f"order {order.order_id} is {order.status}, its stock {reservation.state}", order
            )


def keys_are_sold_once(books: Books) -> Iterator[Finding]:
    """B10: every key is free, set aside by one unpaid order, or sold to one paid order, and nothing else."""
    wanted: dict[tuple[str, str, int], list[Order]] = defaultdict(list)
    for order in books.all(Order):
        for line in order.lines:
            if order.status in UNPAID or order.status in _GONE:
                for seq in line.held:
                    wanted[order.tenant, line.sku_id, seq].append(order)
    for key in books.all(CardKey):
        orders = wanted.pop((key.tenant, key.sku_id, key.seq), [])
        if len(orders) > 1:
            yield Finding("B10", f"key {key.seq} of {key.sku_id} belongs to {len(orders)} orders", key)
        for order in orders[:1]:
            if order.status in _GONE and key.order_id != order.order_id:
                yield Finding("B10", f"key {key.seq} of {key.sku_id} is not marked as sold to its order", key)
            if order.status in UNPAID and key.state != "stocked":
                yield Finding("B10", f"key {key.seq} of {key.sku_id} is {key.state}, its order unpaid", key)
        if not orders and key.state == "sold":
            yield Finding("B10", f"key {key.seq} of {key.sku_id} is sold, but to no paid order", key)
    for (_, sku_id, seq), orders in wanted.items():
        yield Finding(
            "B10", f"order {orders[0].order_id} holds key {seq} of {sku_id}, which is not there", orders[0]
        )


def pools_agree_with_stock(books: Books) -> Iterator[Finding]:
    """B10: as many keys are free as stock says are for sale."""
    available = {(stock.tenant, stock.sku_id): stock.available for stock in books.all(Stock)}
    for pool in books.all(CardKeyPool):
        there = available.get((pool.tenant, pool.sku_id), 0)
        if pool.free != there:
            yield Finding("B10", f"{pool.sku_id}: {pool.free} keys are free, stock says {there}", pool)


def orders_are_paid_exactly(books: Books) -> Iterator[Finding]:
    """B11, B12: a paid order has one successful payment of exactly its total."""
    payments = {(one.tenant, one.payment_id): one for one in books.all(Payment)}
    for order in books.all(Order):
        if order.status not in _GONE:
            continue
        payment = payments.get((order.tenant, order.payment_id or ""))
        if payment is None or payment.status != "succeeded" or payment.order_id != order.order_id:
            yield Finding(
                "B12", f"order {order.order_id} is {order.status} without a successful payment", order
            )
        elif payment.amount != order.totals.payable:
            yield Finding("B11", f"order {order.order_id} was paid another amount than it costs", order)


def refunds_never_pass_payments(books: Books) -> Iterator[Finding]:
    """B13: what a payment says was refunded is the sum of its refunds, and not more than it brought."""
    sums: Counter[tuple[str, str]] = Counter()
    for refund in books.all(Refund):
        sums[refund.tenant, refund.payment_id] += refund.amount.amount
    for payment in books.all(Payment):
        total = sums[payment.tenant, payment.payment_id]
        if payment.refunded != total:
            yield Finding(
                "B13",
                f"payment {payment.payment_id}: {payment.refunded} refunded, refunds say {total}",
                payment,
            )
        if total > payment.amount.amount:
            yield Finding("B13", f"payment {payment.payment_id}: more refunded than paid", payment)


def totals_add_up(books: Books) -> Iterator[Finding]:
    """B15: discounts over the lines sum to the order's, and the parts to what is payable."""
    for order in books.all(Order):
        totals = order.totals
        if sum(line.discount.amount for line in order.lines) != totals.discount.amount:
            yield Finding("B15", f"order {order.order_id}: line discounts do not sum to the order's", order)
        if totals.payable.amount != totals.items.amount - totals.discount.amount + totals.shipping.amount:
            yield Finding("B15", f"order {order.order_id}: its totals do not add up", order)


def books_follow_orders(books: Books) -> Iterator[Finding]:
    """B23: a customer's counts and holds are those of their orders."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    holds: dict[tuple[str, str], set[str]] = defaultdict(set)
    for order in books.all(Order):
        whose = (order.tenant, order.customer_id)
        counts[whose][order.status] += 1
        if order.status in UNPAID:
            holds[whose] |= hold_words(order)
    for book in books.all(OrderBook):
        whose = (book.tenant, book.customer_id)
        if book.holds != holds.get(whose, set()):
            yield Finding(
                "B23", f"the holds of {book.customer_id} are not those of their unpaid orders", book
            )
        for state in EVERY:
            if getattr(book, state) != counts[whose][state]:
                yield Finding(
                    "B23",
                    f"{book.customer_id} has {counts[whose][state]} orders {state}, the book says else",
                    book,
                )


def shops_are_as_the_platform_lists_them(books: Books) -> Iterator[Finding]:
    """B17: each shop stands in the platform's list as it is, each host leads to the shop that names it."""
    listed = {row.slug: row for row in books.all(TenantRow)}
    if not listed:
        return  # one shop's export: the list is the platform's
    shops = {shop.slug: shop for shop in books.all(Tenant)}
    for slug, shop in shops.items():
        row = listed.get(slug)
        if row is None or row.row() != TenantRow.of(shop).row():
            yield Finding("B17", f"shop {slug} is listed as something else, or not at all", shop)
    for slug, row in listed.items():
        if slug not in shops and row.status != "deleted":
            yield Finding("B17", f"shop {slug} is listed as {row.status}, but not there", row)
    named = {(host, shop.slug) for shop in shops.values() for host in shop.hosts}
    for binding in books.all(HostBinding):
        if (binding.host, binding.slug) not in named:
            yield Finding("B17", f"{binding.host} leads to {binding.slug}, which does not name it", binding)
        named.discard((binding.host, binding.slug))
    for host, slug in named:
        yield Finding("B17", f"{slug} names {host}, which does not lead to it", shops[slug])


def points_add_up(books: Books) -> Iterator[Finding]:
    """Points: a balance is what came in less what went, as its entries say, and never below zero."""
    came: Counter[tuple[str, str]] = Counter()
    went: Counter[tuple[str, str]] = Counter()
    for entry in books.all(PointsEntry):
        (came if entry.delta > 0 else went)[entry.tenant, entry.user_id] += abs(entry.delta)
    accounts = {(account.tenant, account.user_id): account for account in books.all(PointsAccount)}
    for who, account in accounts.items():
        if account.balance < 0:
            yield Finding("points", f"{account.user_id} has {account.balance} points", account)
        said = account.balance, account.earned, account.spent
        if said != (came[who] - went[who], came[who], went[who]):
            entries = f"entries say {came[who] - went[who]} of {came[who]}"
            yield Finding(
                "points",
                f"{account.user_id}: {account.balance} of {account.earned} points, {entries}",
                account,
            )
    for entry in books.all(PointsEntry):
        if (entry.tenant, entry.user_id) not in accounts:
            yield Finding("points", f"{entry.user_id} has entries of points and no account", entry)


def space_adds_up(books: Books) -> Iterator[Finding]:
    """Files: the bytes of a shop, a kind and a customer are those of their files, and never below zero."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for file in books.all(Upload):
        if file.state not in HOLDS_BYTES:
            continue
        reserved = file.size_bytes if file.state == "pending" else 0
        for book in books_of(file.use, file.owner_id):
            sums[file.tenant, book].update(used=file.size_bytes, reserved=reserved, files=1)
    for usage in books.all(StorageUsage):
        there = sums.pop((usage.tenant, usage.book), Counter())
        said = usage.used_bytes, usage.reserved_bytes, usage.files
        if said != (there["used"], there["reserved"], there["files"]):
            files = f"its {there['files']} files have {there['used']}, {there['reserved']} of them reserved"
            yield Finding("files", f"{usage.book}: {said[0]} bytes, {said[1]} reserved; {files}", usage)
    for file in books.all(Upload):
        lost = [book for book in books_of(file.use, file.owner_id) if (file.tenant, book) in sums]
        if file.state in HOLDS_BYTES and lost:
            yield Finding("files", f"{file.upload_id} is counted in no book {', '.join(lost)}", file)


def the_audit_chain_holds(books: Books) -> Iterator[Finding]:
    """Audit: every staff act is linked, and stands as it was when it was."""
    entries, links, heads = books.all(AuditEntry), books.all(ChainLink), books.all(ChainHead)
    for what, item in chain.faults(entries, links, heads, clock.current().now()):
        yield Finding("audit", what, item)


CHECKS: tuple[Check, ...] = (
    stock_adds_up,
    reservations_follow_their_orders,
    keys_are_sold_once,
    pools_agree_with_stock,
    orders_are_paid_exactly,
    refunds_never_pass_payments,
    totals_add_up,
    books_follow_orders,
    points_add_up,
    space_adds_up,
    shops_are_as_the_platform_lists_them,
    the_audit_chain_holds,
)


def findings(books: Books) -> Iterator[Finding]:
    for check in CHECKS:
        yield from check(books)
