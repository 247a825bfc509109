"""API shapes of card keys and deliveries."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.core import ids
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View

SkuId = Annotated[str, Field(pattern=ids.pattern("sku"))]
OrderId = Annotated[str, Field(pattern=ids.pattern("ord"))]


class CardKeysImport(Body):
    sku_id: SkuId
    keys: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(min_length=1, max_length=2000)
    ]


class CardKeysImported(View):
    sku_id: str
    imported: int
    duplicates: int


class CardKeyQuery(ListQuery):
    sku_id: SkuId


class CardKeyRow(View):
    """A key without its secret."""

    sku_id: str
    seq: int
    state: str
    order_id: str | None
    imported_at: Timestamp
    sold_at: Timestamp | None


class CardKeyPage(ListOf[CardKeyRow]):
    pass


class DeliveredLine(View):
    sku_id: str
    title: str
    quantity: int
    keys: list[str] | None = None
    """In plain text; only in the answer for one delivery."""


class DeliveryView(View):
    order_id: str
    delivered_at: Timestamp
    first_viewed_at: Timestamp | None
    items: list[DeliveredLine]

    @classmethod
    def of(cls, thing: Any) -> "DeliveryView":
        delivery, plain = thing if isinstance(thing, tuple) else (thing, {})
        return cls(
            order_id=delivery.order_id,
            delivered_at=delivery.delivered_at,
            first_viewed_at=delivery.first_viewed_at,
            items=[
                DeliveredLine(
                    sku_id=line.sku_id,
                    title=line.title,
                    quantity=len(line.key_seqs),
                    keys=plain.get(line.sku_id),
                )
                for line in delivery.keys
            ],
        )


class DeliveryPage(ListOf[DeliveryView]):
    pass
