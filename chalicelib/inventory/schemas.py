"""API shapes of stock and reservations."""

from typing import Annotated

from pydantic import Field

from chalicelib.core import ids
from chalicelib.http import Body, Delta, ListOf, Timestamp, View

SkuId = Annotated[str, Field(pattern=ids.pattern("sku"))]
ReservationId = Annotated[str, Field(pattern=ids.pattern("rsv"))]


class StockView(View):
    sku_id: str
    available: int
    reserved: int
    sold: int


class StockBatch(Body):
    sku_ids: Annotated[list[SkuId], Field(min_length=1, max_length=100)]


class StockList(View):
    data: list[StockView]


class Adjust(Body):
    delta: Delta
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class StockMoveView(View):
    sku_id: str
    delta: int
    reason: str
    actor_id: str
    created_at: Timestamp


class StockMovePage(ListOf[StockMoveView]):
    pass


class ReserveLine(Body):
    sku_id: SkuId
    quantity: Annotated[int, Field(ge=1, le=10**6)]


class Reserve(Body):
    """A hold for another back end, under its own reference."""

    reference: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:\-]+$")]
    lines: Annotated[list[ReserveLine], Field(min_length=1, max_length=50)]
    seconds: Annotated[int, Field(ge=10, le=7 * 86_400)] = 900


class HeldView(View):
    sku_id: str
    quantity: int


class ReservationView(View):
    id: str
    state: str
    reference: str
    lines: list[HeldView]
    expires_at: Timestamp

    @classmethod
    def of(cls, thing: object) -> "ReservationView":
        return cls.model_validate(
            {
                "id": getattr(thing, "reservation_id", ""),
                "state": getattr(thing, "state", ""),
                "reference": getattr(thing, "holder_id", ""),
                "lines": [HeldView.of(line) for line in getattr(thing, "lines", [])],
                "expires_at": getattr(thing, "expires_at", None),
            }
        )
