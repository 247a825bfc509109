"""How an item came to be as it is: what a person needs beside a finding, out of the same books."""

from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.core.ids import same_ulid
from chalicelib.fulfilment.entities import CardKey, CardKeyPool
from chalicelib.inventory.entities import Held, Reservation, Stock, StockMove
from chalicelib.media.entities import StorageUsage, Upload, books_of
from chalicelib.orders.entities import Order, OrderBook
from chalicelib.payments.entities import Payment, Refund
from chalicelib.points.entities import PointsAccount, PointsEntry
from chalicelib.store import Item
from infra.verify.books import Books

Line = tuple[str, str]
"""When, and what."""


def of(books: Books, item: Item) -> list[Line]:
    """What the books know of an item's past, oldest first."""
    tell = _TELLERS.get(type(item))
    return sorted(tell(books, item)) if tell else []


def _order(books: Books, order: Order) -> Iterator[Line]:
    for move in order.timeline:
        yield move.at, f"{move.event} by {move.actor_kind}: {move.status} {move.reason}".rstrip()
    for reservation in books.all(Reservation):
        if (reservation.tenant, reservation.reservation_id) == (
            order.tenant,
            same_ulid("rsv", order.order_id),
        ):
            yield (
                to_text(reservation.created_at),
                f"reservation, now {reservation.state}{_units(reservation.lines)}",
            )
    for payment in books.all(Payment):
        if (payment.tenant, payment.order_id) == (order.tenant, order.order_id):
            yield from _payment(books, payment)


def _payment(books: Books, payment: Payment) -> Iterator[Line]:
    for entry in payment.log:
        yield entry.at, f"payment {payment.payment_id} {entry.event} {entry.note}".rstrip()
    for refund in books.all(Refund):
        if (refund.tenant, refund.payment_id) == (payment.tenant, payment.payment_id):
            amount = f"{refund.amount.amount} {refund.amount.currency}"
            yield to_text(refund.created_at), f"refund {refund.refund_id} of {amount}, now {refund.status}"


def _stock(books: Books, stock: Stock) -> Iterator[Line]:
    for move in books.all(StockMove):
        if (move.tenant, move.sku_id) == (stock.tenant, stock.sku_id):
            yield to_text(move.created_at), f"{move.delta:+} by {move.actor_id}: {move.reason}"
    for reservation in books.all(Reservation):
        for line in reservation.lines:
            if (reservation.tenant, line.sku_id) == (stock.tenant, stock.sku_id):
                what = f"{line.quantity} for {reservation.holder} {reservation.holder_id}, now {reservation.state}"
                yield to_text(reservation.created_at), what


def _card_key(books: Books, key: CardKey) -> Iterator[Line]:
    yield to_text(key.imported_at), "imported"
    for order in books.all(Order):
        for line in order.lines:
            if (order.tenant, line.sku_id) == (key.tenant, key.sku_id) and key.seq in line.held:
                yield to_text(order.placed_at), f"order {order.order_id}, now {order.status}"


def _pool(books: Books, pool: CardKeyPool) -> Iterator[Line]:
    for order in books.all(Order):
        for line in order.lines:
            if (order.tenant, line.sku_id) == (pool.tenant, pool.sku_id):
                yield (
                    to_text(order.placed_at),
                    f"keys {line.held} for order {order.order_id}, now {order.status}",
                )


def _book(books: Books, book: OrderBook) -> Iterator[Line]:
    for order in books.all(Order):
        if (order.tenant, order.customer_id) == (book.tenant, book.customer_id):
            yield to_text(order.placed_at), f"order {order.order_id}, now {order.status}"


def _points(books: Books, account: PointsAccount) -> Iterator[Line]:
    for entry in books.all(PointsEntry):
        if (entry.tenant, entry.user_id) == (account.tenant, account.user_id):
            yield to_text(entry.at), f"{entry.delta:+} for {entry.cause} by {entry.actor_id}: {entry.reason}"


def _space(books: Books, usage: StorageUsage) -> Iterator[Line]:
    for upload in books.all(Upload):
        if upload.tenant == usage.tenant and usage.book in books_of(upload.use, upload.owner_id):
            what = f"{upload.size_bytes} bytes for {upload.upload_id}, now {upload.state}"
            yield to_text(upload.created_at), what


def _units(lines: list[Held]) -> str:
    return "".join(f", {line.quantity} of {line.sku_id}" for line in lines)


_TELLERS: dict[type[Item], Callable[[Books, Any], Iterator[Line]]] = {
    Order: _order,
    Payment: _payment,
    Stock: _stock,
    CardKey: _card_key,
    CardKeyPool: _pool,
    OrderBook: _book,
    PointsAccount: _points,
    StorageUsage: _space,
}
