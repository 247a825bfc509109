"""The order with its lines inside, its number, and the customer's book of open orders."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.core.money import Money
from chalicelib.inventory.entities import Held
from chalicelib.inventory.service import demand
from chalicelib.orders import states
from chalicelib.pricing.service import RuleResult, Totals
from chalicelib.store import (
    Instant,
    Int,
    Item,
    Key,
    OptionalInstant,
    OptionalText,
    Ref,
    Text,
    Transaction,
    Value,
    Words,
)
from chalicelib.tenants import service as tenants


class _Inside(BaseModel):
    model_config = ConfigDict(defer_build=True)


class OrderLine(_Inside):
    """What was bought, as it was when it was bought. One line per SKU."""

    sku_id: str
    product_id: str
    title: str
    kind: str
    image: str | None = None
    attributes: dict[str, str] = {}
    quantity: Annotated[int, Field(ge=1)]
    unit_price: Money
    line_total: Money
    discount: Money
    held: list[int] = []
    """What the line's kind set aside (card-key numbers)."""
    fulfilled: int = 0
    """Units shipped or delivered."""


class ShipTo(_Inside):
    """The address as it was when the order was placed."""

    recipient: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    line1: str
    postal_code: str | None = None


class ShippedUnits(_Inside):
    sku_id: str
    quantity: Annotated[int, Field(ge=1)]


class Shipment(_Inside):
    id: str
    carrier: str
    tracking_number: str
    items: list[ShippedUnits]
    shipped_at: str


class OpenPayment(_Inside):
    """A payment attempt that may still bring money."""

    payment_id: str
    provider: str
    method: str | None = None


class Move(_Inside):
    """One entry of the time line."""

    at: str
    event: str
    status: str
    actor_kind: str
    actor_id: str = ""
    reason: str = ""


class Order(Item, discriminator="order"):
    """A customer's order. The customer is in the key: nobody else's token can address it, staff find it by id alone."""

    key = Key("ORDER#{order_id}", "CUSTOMER#{customer_id}", "one order by id, for its customer or for staff")
    of_customer = Key(
        "CUSTOMER#{listed_for}#ORDERS", "{order_id}", "a customer's orders, newest first", index="by_owner"
    )
    in_state = Key(
        "ORDERS#{status}", "{order_id}", "orders in a state, newest first, for staff", index="by_state"
    )
    removed = Key(
        "CUSTOMER#{removed_by}#REMOVED_ORDERS",
        "{order_id}",
        "orders that a customer removed from their list, newest first",
        index="by_owner",
    )
    indexes = (of_customer, removed, in_state)
    personal = frozenset({"ship_to", "note"})

    order_id: Text = Text()
    number: Text = Text()
    customer_id: Text = Text()
    listed_for: OptionalText = OptionalText(default=None)
    """The customer while the order stands in their list; absent once they removed it from there."""
    owner_id: OptionalText = OptionalText(default=None)
    """Whose it is since its customer's account was merged into another; the key stays the customer's."""
    status: Text = Text()
    lines: Value[list[OrderLine]] = Value(list[OrderLine])
    totals: Value[Totals] = Value(Totals)
    rules: Value[list[RuleResult]] = Value(list[RuleResult])
    rules_version: Text = Text()
    ship_to: Value[ShipTo | None] = Value(ShipTo, default=None, null=True)
    note: OptionalText = OptionalText(default=None)
    placed_at: Instant = Instant()
    expires_at: Instant = Instant()
    paid_at: OptionalInstant = OptionalInstant(default=None)
    payment_id: OptionalText = OptionalText(default=None)
    """The payment that paid it."""
    open_payments: Value[list[OpenPayment]] = Value(list[OpenPayment], default=list)
    shipments: Value[list[Shipment]] = Value(list[Shipment], default=list)
    timeline: Value[list[Move]] = Value(list[Move])

    @property
    def belongs_to(self) -> str:
        return self.owner_id or self.customer_id

    @property
    def removed_by(self) -> str | None:
        """The customer once the order stands in their list no more: it is still theirs when they leave for good."""
        return self.belongs_to if self.listed_for is None else None

    def is_overdue(self, now: datetime) -> bool:
        """Unpaid past its time: treated as closing even before the sweep comes by."""
        return self.status == "pending_payment" and now >= self.expires_at

    def status_at(self, now: datetime) -> str:
        return "closing" if self.is_overdue(now) else self.status

    def demand(self) -> list[Held]:
        return demand((line.sku_id, line.quantity) for line in self.lines)

    def record(self, ctx: Context, event: states.Event, reason: str = "") -> tuple[str, str]:
        """Make a legal move: status, time line, timer. Answers (before, after). Raises OrderState."""
        before, after = self.status, states.move(self.status, event)
        self.status = after
        timer = states.timer_of(after, ctx.now, self.expires_at, tenants.terms(ctx))
        self.set_timer(*timer) if timer else self.set_timer(None)
        self.timeline = [*self.timeline, moved(ctx, event, after, reason)]
        return before, after

    def row(self) -> dict[str, Any]:
        return {
            "id": self.order_id,
            "number": self.number,
            "customer_id": self.customer_id,
            "status": self.status,
            "placed_at": to_text(self.placed_at),
            "expires_at": to_text(self.expires_at),
            "totals": self.totals.model_dump(mode="json"),
            "items": [
                {
                    "sku_id": line.sku_id,
                    "title": line.title,
                    "image": line.image,
                    "quantity": line.quantity,
                    "unit_price": line.unit_price.model_dump(mode="json"),
                }
                for line in self.lines
            ],
        }


def moved(ctx: Context, event: str, status: str, reason: str = "") -> Move:
    return Move(
        at=to_text(ctx.now),
        event=event,
        status=status,
        actor_kind=ctx.actor.kind,
        actor_id=ctx.actor.id,
        reason=reason,
    )


def order_ref(tenant: str, order_id: str, customer_id: str) -> Ref:
    return Order.key.of(tenant, order_id=order_id, customer_id=customer_id)


class OrderNumber(Item, discriminator="order_number"):
    """Makes a number unique, and leads from it to the order."""

    key = Key("ORDER_NUMBER#{number}", "ORDER_NUMBER", "an order by its number")

    number: Text = Text()
    order_id: Text = Text()
    customer_id: Text = Text()


class OrderBook(Item, discriminator="order_book"):
    """One customer's orders counted by state, and what their unpaid ones hold (B23).

    `holds` are words `<order> <sku> <units>`; adding and removing them needs no read, only placing bumps the version.
    """

    key = Key("CUSTOMER#{customer_id}", "ORDER_BOOK", "a customer's order counts and unpaid holds")

    customer_id: Text = Text()
    holds: Words = Words(default=frozenset)
    pending_payment: Int = Int(default=0)
    closing: Int = Int(default=0)
    paid: Int = Int(default=0)
    partially_shipped: Int = Int(default=0)
    shipped: Int = Int(default=0)
    completed: Int = Int(default=0)
    cancelled: Int = Int(default=0)
    refunding: Int = Int(default=0)
    refunded: Int = Int(default=0)

    def open_orders(self) -> int:
        return len({word.split(" ")[0] for word in self.holds})

    def held_units(self, sku_id: str) -> int:
        return sum(int(units) for _, sku, units in (word.split(" ") for word in self.holds) if sku == sku_id)


def book_ref(tenant: str, customer_id: str) -> Ref:
    return OrderBook.key.of(tenant, customer_id=customer_id)


def hold_words(order: Order) -> set[str]:
    return {f"{order.order_id} {line.sku_id} {line.quantity}" for line in order.lines}


def write_move(tx: Transaction, order: Order, before: str, after: str) -> None:
    """Parts `order` and `book`: the order's next version, and the customer's counts that follow it."""
    tx.replace("order", order)
    if before == after:
        return
    freed = before in states.UNPAID and after not in states.UNPAID
    tx.update(
        "book",
        OrderBook,
        book_ref(order.tenant, order.customer_id),
        add={before: -1, after: 1},
        exclude={"holds": hold_words(order)} if freed else None,
    )
