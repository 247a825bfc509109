"""Card keys, the pool that hands them out, and what was delivered to whom."""

from pydantic import BaseModel, ConfigDict

from chalicelib.core import ids
from chalicelib.store import (
    Bytes,
    Instant,
    Int,
    Item,
    Key,
    OptionalInstant,
    OptionalText,
    Ref,
    Text,
    Value,
    Words,
)


class CardKeyPool(Item, discriminator="card_key_pool"):
    """Which keys of a SKU are free: those from `next_seq` to `last_seq`, and those that came back.

    Handing out is one update under the pool's version, so that two orders can never be given one key.
    """

    key = Key("PRODUCT#{product_id}", "CARDPOOL#{sku_id}", "the card-key pool of one SKU")

    product_id: Text = Text()
    sku_id: Text = Text()
    next_seq: Int = Int(default=1)
    last_seq: Int = Int(default=0)
    returned: Words = Words(default=frozenset)
    """Sequence numbers, as text, that a cancelled order gave back."""

    @property
    def free(self) -> int:
        return self.last_seq - self.next_seq + 1 + len(self.returned)


def pool_ref(tenant: str, sku_id: str) -> Ref:
    return CardKeyPool.key.of(tenant, product_id=ids.product_of(sku_id), sku_id=sku_id)


class CardKey(Item, discriminator="card_key"):
    """One key, sealed at rest, and whom it was sold to."""

    key = Key("CARDKEYS#{sku_id}", "{seq}", "the card keys of a SKU, by number")

    sku_id: Text = Text()
    seq: Int = Int()
    sealed: Bytes = Bytes()
    state: Text = Text(default="stocked")
    order_id: OptionalText = OptionalText(default=None)
    sold_at: OptionalInstant = OptionalInstant(default=None)
    imported_at: Instant = Instant()


def card_key_ref(tenant: str, sku_id: str, seq: int) -> Ref:
    return CardKey.key.of(tenant, sku_id=sku_id, seq=seq)


class CardKeyPrint(Item, discriminator="card_key_print"):
    """That a key was imported: the same key cannot be stocked, and so sold, twice."""

    key = Key("CARDKEYPRINTS#{sku_id}", "{fingerprint}", "whether a card key was imported before")

    sku_id: Text = Text()
    fingerprint: Text = Text()


class DeliveredKeys(BaseModel):
    """The keys delivered for one order line, by their numbers in the SKU's pool."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    sku_id: str
    title: str
    key_seqs: list[int]


class Delivery(Item, discriminator="delivery"):
    """What an order delivered without a parcel. The secrets stay with the keys; this says which they are."""

    key = Key("CUSTOMER#{customer_id}", "DELIVERY#{order_id}", "a customer's deliveries, by order")

    customer_id: Text = Text()
    order_id: Text = Text()
    delivered_at: Instant = Instant()
    keys: Value[list[DeliveredKeys]] = Value(list[DeliveredKeys])
    first_viewed_at: OptionalInstant = OptionalInstant(default=None)
    first_viewed_from: OptionalText = OptionalText(default=None)
