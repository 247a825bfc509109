"""The signed-in customer's addresses. Another customer's are under another key: here they are not there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.addresses import book as rules
from chalicelib.addresses.entities import Address, AddressBook, address_book_ref
from chalicelib.addresses.places import settled
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.store import Event, Page, Ref, again, get, refuse_with, remember, transaction
from chalicelib.store.cursors import seal, unseal


@dataclass(frozen=True, slots=True)
class Kept:
    """An address, and whether it is the default of its book."""

    address: Address
    is_default: bool


def book_ref(ctx: Context) -> Ref:
    """Where the customer's book is, for one who reads it together with other items."""
    return address_book_ref(ctx.tenant, ctx.customer_id)


def create(ctx: Context, fields: Mapping[str, Any], *, as_default: bool) -> Kept:
    """Store calls: 2. Raises Invalid, TooManyAddresses, AlreadyDone."""
    address = Address(id=ctx.new_id("adr"), created_at=ctx.now, **settled(fields, ctx.locale))
    book = _change(ctx, address.id, lambda book: rules.add(book, address, as_default=as_default))
    return _kept(book, address.id)


def rewrite(ctx: Context, address_id: str, fields: Mapping[str, Any], *, as_default: bool) -> Kept:
    """Store calls: 2. Raises Invalid, NotFound."""
    whole = settled(fields, ctx.locale)
    book = _change(
        ctx, address_id, lambda book: rules.rewrite(book, address_id, whole, as_default=as_default)
    )
    return _kept(book, address_id)


def make_default(ctx: Context, address_id: str) -> Kept:
    """Store calls: 2, or 1 when it is the default. Raises NotFound."""
    return _kept(_change(ctx, address_id, lambda book: rules.make_default(book, address_id)), address_id)


def remove(ctx: Context, address_id: str) -> None:
    """Store calls: 2. Raises NotFound."""
    _change(ctx, address_id, lambda book: rules.remove(book, address_id))


def read(ctx: Context, address_id: str) -> Kept:
    """One GetItem. Raises NotFound."""
    return _kept(get(AddressBook, book_ref(ctx)) or _empty(ctx), address_id)


def listed(ctx: Context, *, limit: int, cursor: str | None) -> Page[Kept]:
    """Newest first. One GetItem. Raises CursorInvalid."""
    book = get(AddressBook, book_ref(ctx)) or _empty(ctx)
    query = f"addresses|{book_ref(ctx).pk}"
    newest_first = [Kept(address, address.id == book.default_id) for address in reversed(book.addresses)]
    if cursor is not None:
        newest_first = _after(newest_first, unseal(cursor, query)["after"])
    page = newest_first[:limit]
    more = len(newest_first) > limit
    return Page(page, seal({"after": page[-1].address.id}, query) if more else None)


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: the book of who has left goes. One transaction; harmless when repeated."""
    with transaction(ctx) as tx:
        tx.delete("book", address_book_ref(ctx.tenant, event.data["user_id"]))


def _after(newest_first: list[Kept], address_id: str) -> list[Kept]:
    """What follows an address; where it was deleted meanwhile, what is older than it."""
    for place, kept in enumerate(newest_first):
        if kept.address.id == address_id:
            return newest_first[place + 1 :]
    return [kept for kept in newest_first if kept.address.id < address_id]


def _change(ctx: Context, address_id: str, change: Callable[[AddressBook], None]) -> AddressBook:
    """Read the book, change it, write it; from the start when somebody else wrote it in between."""

    def attempt() -> AddressBook:
        stored = get(AddressBook, book_ref(ctx))
        book = stored or _empty(ctx)
        before = (book.addresses, book.default_id)
        change(book)
        if (book.addresses, book.default_id) == before:
            return book
        with transaction(ctx) as tx:
            if stored is None:
                tx.put("book", book, refuse=refuse_with(PreconditionFailed))
            else:
                tx.replace("book", book)
            if ctx.idempotency is not None:
                remember(tx, _kept(book, address_id))
        return book

    return again(attempt, PreconditionFailed)


def _empty(ctx: Context) -> AddressBook:
    return AddressBook(tenant=ctx.tenant, user_id=ctx.customer_id)


def _kept(book: AddressBook, address_id: str) -> Kept:
    address = book.find(address_id)
    if address is None:
        raise NotFound
    return Kept(address, address.id == book.default_id)
