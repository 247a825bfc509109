"""Whatever is done to an address book, in whatever order: one default as long as there is an address."""

from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.addresses import book as rules
from chalicelib.addresses.entities import Address, AddressBook
from tests.addresses.writing import HOME

MORNING = datetime(2036, 3, 2, tzinfo=UTC)


class Book(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.book = AddressBook(tenant="default", user_id="usr_x")
        self.made = 0

    def some_id(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([address.id for address in self.book.addresses]))

    @precondition(lambda self: len(self.book.addresses) < rules.MOST)
    @rule(as_default=st.booleans())
    def add(self, as_default: bool) -> None:
        self.made += 1
        address = Address(id=f"adr_{self.made:03}", created_at=MORNING, **HOME)
        rules.add(self.book, address, as_default=as_default)
        if as_default:
            assert self.book.default_id == address.id

    @precondition(lambda self: self.book.addresses)
    @rule(data=st.data(), as_default=st.booleans())
    def rewrite(self, data: st.DataObject, as_default: bool) -> None:
        address_id, before = self.some_id(data), self.book.default_id
        rules.rewrite(self.book, address_id, {"city": "宁波市"}, as_default=as_default)
        assert self.book.default_id == (address_id if as_default else before)

    @precondition(lambda self: self.book.addresses)
    @rule(data=st.data())
    def make_default(self, data: st.DataObject) -> None:
        address_id = self.some_id(data)
        rules.make_default(self.book, address_id)
        assert self.book.default_id == address_id

    @precondition(lambda self: self.book.addresses)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        address_id, before = self.some_id(data), self.book.default_id
        rules.remove(self.book, address_id)
        if address_id == before:
            newest = max((address.id for address in self.book.addresses), default=None)
            assert self.book.default_id == newest
        else:
            assert self.book.default_id == before

    @invariant()
    def there_is_one_default_as_long_as_there_is_an_address(self) -> None:
        ids = [address.id for address in self.book.addresses]
        assert len(set(ids)) == len(ids) <= rules.MOST
        assert self.book.default_id in ids if ids else self.book.default_id is None

    @invariant()
    def the_table_gives_back_what_was_put(self) -> None:
        kept = AddressBook.from_wire(self.book.wire())
        assert (kept.addresses, kept.default_id) == (self.book.addresses, self.book.default_id)


TestBook = Book.TestCase
TestBook.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
