"""Payment attempts, refunds, money that found no order, and how a shop offers its providers."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.core.money import Money
from chalicelib.store import (
    Flag,
    Instant,
    Int,
    Item,
    Key,
    OptionalInstant,
    OptionalInt,
    OptionalText,
    Ref,
    Text,
    Value,
    Words,
)

MOST_LOG = 100


class LogEntry(BaseModel):
    """One thing that happened to a payment, in the order we learned of it."""

    model_config = ConfigDict(defer_build=True)

    at: str
    event: str
    note: str = ""


class Payment(Item, discriminator="payment"):
    """One attempt to pay one order through one provider. The customer is in the key."""

    key = Key(
        "PAYMENT#{payment_id}",
        "CUSTOMER#{customer_id}",
        "one payment by id, for its customer or for a callback",
    )
    in_state = Key(
        "PAYMENTS#{status}", "{payment_id}", "payments in a state, newest first, for staff", index="by_state"
    )
    indexes = (in_state,)

    payment_id: Text = Text()
    order_id: Text = Text()
    customer_id: Text = Text()
    provider: Text = Text()
    method: OptionalText = OptionalText(default=None)
    amount: Value[Money] = Value(Money)
    status: Text = Text()
    """created → pending → succeeded | failed | closed; late money can still turn closed into succeeded."""
    provider_ref: OptionalText = OptionalText(default=None)
    client: Value[dict[str, Any]] = Value(dict[str, Any], default=dict)
    created_at: Instant = Instant()
    paid_at: OptionalInstant = OptionalInstant(default=None)
    refunded: Int = Int(default=0)
    """Minor units given back or on their way back; never above `amount` (B13)."""
    log: Value[list[LogEntry]] = Value(list[LogEntry], default=list)

    def write_log(self, ctx: Context, event: str, note: str = "") -> None:
        self.log = [*self.log, LogEntry(at=to_text(ctx.now), event=event, note=note)][-MOST_LOG:]

    def row(self) -> dict[str, Any]:
        return {
            "id": self.payment_id,
            "order_id": self.order_id,
            "status": self.status,
            "provider": self.provider,
            "amount": self.amount.model_dump(mode="json"),
            "created_at": to_text(self.created_at),
        }


def payment_ref(tenant: str, payment_id: str, customer_id: str) -> Ref:
    return Payment.key.of(tenant, payment_id=payment_id, customer_id=customer_id)


class Refund(Item, discriminator="refund"):
    """Money going back for one payment. Its id is fixed before the provider is asked, so a retry pays once (B13)."""

    key = Key("PAYMENT#{payment_id}", "REFUND#{refund_id}", "the refunds of a payment")
    in_state = Key(
        "REFUNDS#{status}", "{refund_id}", "refunds in a state, newest first, for staff", index="by_state"
    )
    indexes = (in_state,)

    refund_id: Text = Text()
    payment_id: Text = Text()
    order_id: Text = Text()
    customer_id: Text = Text()
    provider: Text = Text()
    amount: Value[Money] = Value(Money)
    status: Text = Text(default="pending")
    reason: Text = Text()
    closes_order: Text = Text(default="no")
    """`yes` when the order is `refunding` until this refund succeeds."""
    created_at: Instant = Instant()
    succeeded_at: OptionalInstant = OptionalInstant(default=None)

    def row(self) -> dict[str, Any]:
        return {
            "id": self.refund_id,
            "payment_id": self.payment_id,
            "order_id": self.order_id,
            "status": self.status,
            "amount": self.amount.model_dump(mode="json"),
            "reason": self.reason,
            "created_at": to_text(self.created_at),
        }


class ParkedCallback(Item, discriminator="parked_callback"):
    """A genuine callback that fits no payment of ours, or not exactly: a person has to look."""

    key = Key("PARKED#{provider}", "{event_id}", "one parked callback")
    waiting = Key(
        "PARKED_CALLBACKS#{status}",
        "{at}#{event_id}",
        "parked callbacks, newest first, for staff",
        index="by_state",
    )
    indexes = (waiting,)

    provider: Text = Text()
    event_id: Text = Text()
    status: Text = Text(default="waiting")
    at: Instant = Instant()
    why: Text = Text()
    payment_id: Text = Text()
    told: Value[dict[str, Any]] = Value(dict[str, Any])

    def row(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "event_id": self.event_id,
            "at": to_text(self.at),
            "why": self.why,
            "payment_id": self.payment_id,
            "told": self.told,
        }


class ChannelTitle(BaseModel):
    """What customers read, in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    en: str
    zh: str


class PaymentChannel(Item, discriminator="payment_channel"):
    """How a shop offers one provider. Where there is none, the provider is offered as the stage has it."""

    key = Key("PAYMENT_CHANNELS", "{provider}", "how a shop offers its payment providers")

    provider: Text = Text()
    is_enabled: Flag = Flag(default=True)
    position: Int = Int(default=0)
    """Lower ones are shown first."""
    title: Value[ChannelTitle | None] = Value(ChannelTitle, default=None, null=True)
    clients: Words = Words(default=frozenset)
    """Where it is offered; empty: wherever the provider can be."""
    least: OptionalInt = OptionalInt(default=None)
    """In minor units of the shop's currency: orders below it are not paid this way."""
    most: OptionalInt = OptionalInt(default=None)
    ids: Value[dict[str, str]] = Value(dict[str, str], default=dict)
    references: Value[dict[str, str]] = Value(dict[str, str], default=dict)
    """Where the secrets are kept (`ssm:…`, `secret:…`), never what they are."""


def channel_ref(tenant: str, provider: str) -> Ref:
    return PaymentChannel.key.of(tenant, provider=provider)
