"""What a customer's own page begins with, read in one call."""

from dataclasses import dataclass

from chalicelib.addresses.entities import Address, AddressBook, address_book_ref
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.favorites.entities import Favorites, favorites_ref
from chalicelib.identity.entities import User, user_ref
from chalicelib.notifications.entities import Inbox, inbox_ref
from chalicelib.orders.entities import OrderBook, book_ref
from chalicelib.points.entities import points_ref
from chalicelib.points.service import within
from chalicelib.store import get_many


@dataclass(frozen=True, slots=True)
class Summary:
    user: User
    orders: OrderBook
    default_address: Address | None
    unread: int
    points: int
    favorites: int


def of(ctx: Context) -> Summary:
    """One BatchGetItem. Raises NotFound."""
    owner = ctx.tenant, ctx.customer_id
    user, orders, book, inbox, points, marked = (
        user_ref(*owner),
        book_ref(*owner),
        address_book_ref(*owner),
        inbox_ref(*owner),
        points_ref(*owner),
        favorites_ref(*owner),
    )
    found = get_many([user, orders, book, inbox, points, marked])
    person, addresses = found.one(User, user), found.one(AddressBook, book)
    messages, favorites = found.one(Inbox, inbox), found.one(Favorites, marked)
    if person is None:
        raise NotFound
    return Summary(
        person,
        found.one(OrderBook, orders) or OrderBook(tenant=ctx.tenant, customer_id=ctx.customer_id),
        addresses.find(addresses.default_id) if addresses and addresses.default_id else None,
        messages.unread if messages else 0,
        within(found, *owner).balance,
        len(favorites.marks) if favorites else 0,
    )
