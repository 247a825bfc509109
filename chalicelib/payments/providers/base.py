"""The port every payment provider is behind: typed in, typed out, typed refusals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from chalicelib.core.context import Context
from chalicelib.core.errors import Malformed, Unauthenticated
from chalicelib.core.money import Money
from chalicelib.core.text import Text
from chalicelib.http import Raw, RawAnswer

Outcome = Literal["open", "paid", "failed", "closed", "disputed"]


class SignatureInvalid(Unauthenticated):
    """The callback is not the provider's, or too old to be believed. Nothing is read from it."""

    code = "webhook_signature"
    title = Text("The signature does not fit", "签名不符")
    detail = Text("Sign the exact body with the current secret.", "请使用当前密钥对原始报文签名。")


class CallbackUnreadable(Malformed):
    """Signed by the provider, and yet not in the form we know: an alarm, because their interface changed."""

    code = "webhook_unreadable"
    title = Text("The callback cannot be read", "回调无法解析")


@dataclass(frozen=True, slots=True)
class Charge:
    """What we ask a provider to collect."""

    payment_id: str
    order_id: str
    customer_id: str
    amount: Money
    method: str | None
    title: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Created:
    """`client` is what the client's SDK needs to let the customer pay."""

    provider_ref: str
    client: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says of one of our payments, called or asked. Compared with our records, not trusted."""

    provider: str
    event_id: str
    outcome: Outcome
    tenant: str
    payment_id: str
    order_id: str
    customer_id: str
    merchant: str
    amount: Money
    provider_ref: str
    at: datetime


class Provider(Protocol):
    name: str
    merchant: str
    """Who we are to them; a callback for another merchant is not ours."""

    def create(self, ctx: Context, charge: Charge) -> Created:
        """Open a charge. Safe to repeat: the payment id is the provider's idempotency key."""
        ...

    def query(self, ctx: Context, payment_id: str) -> Told | None:
        """How it stands; None when the provider never heard of it."""
        ...

    def close(self, ctx: Context, payment_id: str) -> Told | None:
        """No money may come any more; answers how it ended: `closed`, or `paid` when money was faster."""
        ...

    def refund(self, ctx: Context, payment_id: str, refund_id: str, amount: Money) -> bool:
        """Give money back; True when done, False while the provider works on it. Safe to repeat with one refund id."""
        ...

    def verify(self, raw: Raw, now: datetime) -> Told:
        """Read a callback after checking its signature and age. Raises SignatureInvalid."""
        ...

    def acknowledge(self) -> RawAnswer:
        """What the provider wants to hear so that it stops calling."""
        ...
