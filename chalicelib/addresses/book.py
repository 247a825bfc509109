"""What may be done to an address book. Pure: each function changes the book in hand and stores nothing.

In all of them: exactly one default as long as there is an address at all.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.addresses.entities import Address, AddressBook
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.text import Text

MOST = 50


class TooManyAddresses(Conflict):
    code = "too_many_addresses"
    title = Text("The address book is full", "地址数量已达上限")
    detail = Text("Delete one first: there may be {most}.", "最多保存 {most} 个地址，请先删除一个。")


def add(book: AddressBook, address: Address, *, as_default: bool) -> None:
    """The first becomes the default unasked. Raises TooManyAddresses."""
    if len(book.addresses) >= MOST:
        raise TooManyAddresses(most=MOST)
    book.addresses = [*book.addresses, address]
    if as_default or book.default_id is None:
        book.default_id = address.id


def rewrite(book: AddressBook, address_id: str, fields: Mapping[str, Any], *, as_default: bool) -> None:
    """Give an address other fields, at its place in the book. Raises NotFound.

    The default stays the default when it is rewritten without saying so: another has to be named instead.
    """
    address = _known(book, address_id).model_copy(update=fields)
    book.addresses = [address if known.id == address_id else known for known in book.addresses]
    if as_default:
        book.default_id = address_id


def make_default(book: AddressBook, address_id: str) -> None:
    """Raises NotFound."""
    book.default_id = _known(book, address_id).id


def remove(book: AddressBook, address_id: str) -> None:
    """After the default goes, the newest of the rest is the default. Raises NotFound."""
    _known(book, address_id)
    book.addresses = [known for known in book.addresses if known.id != address_id]
    if book.default_id == address_id:
        book.default_id = book.addresses[-1].id if book.addresses else None


def _known(book: AddressBook, address_id: str) -> Address:
    address = book.find(address_id)
    if address is None:
        raise NotFound
    return address
