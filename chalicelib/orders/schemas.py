"""API shapes of orders."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.core import clock, ids
from chalicelib.core.money import Money
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View
from chalicelib.orders.states import State
from chalicelib.pricing.service import RuleResult, Totals

OrderId = Annotated[str, Field(pattern=ids.pattern("ord"))]
SkuId = Annotated[str, Field(pattern=ids.pattern("sku"))]
Quantity = Annotated[int, Field(ge=1, le=999)]


class WantedItem(Body):
    sku_id: SkuId
    quantity: Quantity


class PlaceOrder(Body):
    """`items` absent: the selected cart items."""

    items: Annotated[list[WantedItem] | None, Field(min_length=1, max_length=30)] = None
    address_id: Annotated[str | None, Field(pattern=ids.pattern("adr"))] = None
    coupon_ids: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=10)] = ()
    note: Annotated[str | None, Field(max_length=500)] = None


class ShipItem(Body):
    sku_id: SkuId
    quantity: Annotated[int, Field(ge=1, le=30_000)]


class ShipOrder(Body):
    """`items` absent: everything that is left to ship."""

    carrier: Annotated[str, Field(min_length=1, max_length=60)]
    tracking_number: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9 _\-]+$")]
    items: Annotated[list[ShipItem] | None, Field(min_length=1, max_length=30)] = None


class OrderQuery(ListQuery):
    status: State | None = None


class StaffOrderQuery(ListQuery):
    status: State = "paid"


class LineView(View):
    sku_id: str
    product_id: str
    title: str
    kind: str
    image: str | None
    attributes: dict[str, str]
    quantity: int
    unit_price: Money
    line_total: Money
    discount: Money
    fulfilled: int


class ShipToView(View):
    recipient: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    line1: str
    postal_code: str | None


class ShippedItemView(View):
    sku_id: str
    quantity: int


class ShipmentView(View):
    id: str
    carrier: str
    tracking_number: str
    items: list[ShippedItemView]
    shipped_at: str


class MoveView(View):
    at: str
    event: str
    status: str
    actor: str
    """The kind of actor, not who: a customer does not learn staff ids."""
    reason: str


class OrderView(View):
    id: str
    number: str
    status: State
    placed_at: Timestamp
    expires_at: Timestamp
    paid_at: Timestamp | None
    items: list[LineView]
    totals: Totals
    ship_to: ShipToView | None
    note: str | None
    payment_id: str | None
    shipments: list[ShipmentView]
    timeline: list[MoveView]

    @classmethod
    def of(cls, thing: Any) -> "OrderView":
        order = thing
        return cls.model_validate(
            {
                "id": order.order_id,
                "number": order.number,
                "status": order.status_at(clock.current().now()),
                "placed_at": order.placed_at,
                "expires_at": order.expires_at,
                "paid_at": order.paid_at,
                "items": [LineView.of(line) for line in order.lines],
                "totals": order.totals,
                "ship_to": order.ship_to,
                "note": order.note,
                "payment_id": order.payment_id,
                "shipments": [ShipmentView.of(one) for one in order.shipments],
                "timeline": [
                    MoveView(
                        at=one.at, event=one.event, status=one.status, actor=one.actor_kind, reason=one.reason
                    )
                    for one in order.timeline
                ],
            }
        )


class RowItem(View):
    sku_id: str
    title: str
    image: str | None = None
    quantity: int
    unit_price: Money


class OrderRow(View):
    """An order as a list shows it."""

    id: str
    number: str
    status: State
    placed_at: str
    expires_at: str
    totals: Totals
    items: list[RowItem]


class StaffOrderRow(OrderRow):
    customer_id: str


class OrderPage(ListOf[OrderRow]):
    pass


class StaffOrderPage(ListOf[StaffOrderRow]):
    pass


class OrderCounts(View):
    pending_payment: int
    closing: int
    paid: int
    partially_shipped: int
    shipped: int
    completed: int
    cancelled: int
    refunding: int
    refunded: int


class QuoteLine(View):
    sku_id: str
    title: str
    quantity: int
    unit_price: Money
    line_total: Money
    discount: Money


class QuoteView(View):
    """What placing this order would charge, with every rule that applied or was skipped, and why."""

    items: list[QuoteLine]
    totals: Totals
    rules: list[RuleResult]
    rules_version: str
    needs_address: bool
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
