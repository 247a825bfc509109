"""A customer's address book: one item, so that the rule of one default cannot tear."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from chalicelib.store import Item, Key, OptionalText, Ref, Text, Value


class Address(BaseModel):
    """Where one person receives parcels."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    id: str
    recipient: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    line1: str
    postal_code: str | None = None
    region_code: str | None = None
    """The district's, in China: the three names above are its path."""
    created_at: datetime


class AddressBook(Item, discriminator="address_book"):
    """All addresses of one customer, oldest first. The customer is in the key: nobody else's can be named."""

    key = Key("USER#{user_id}", "ADDRESSES", "all addresses of a customer")
    personal = frozenset({"addresses"})

    user_id: Text = Text()
    addresses: Value[list[Address]] = Value(list[Address], default=list)
    default_id: OptionalText = OptionalText(default=None)
    """One field, hence one default: set whenever there is an address."""

    def find(self, address_id: str) -> Address | None:
        return next((address for address in self.addresses if address.id == address_id), None)


def address_book_ref(tenant: str, user_id: str) -> Ref:
    return AddressBook.key.of(tenant, user_id=user_id)
