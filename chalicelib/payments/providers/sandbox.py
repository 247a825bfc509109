"""The sandbox provider: a payment company of our own, with its own books and its own signed webhook.

It keeps charges in items that only this module reads, so the rest of the shop learns about money the way it does
from any provider: by a verified callback, or by asking.
"""

import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from typing import Any, get_args

from pynamodb.expressions.condition import Condition

from chalicelib.core import clock, ids
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.money import Money
from chalicelib.core.settings import settings
from chalicelib.core.text import Text as Said
from chalicelib.http import Raw, RawAnswer
from chalicelib.payments.providers.base import (
    CallbackUnreadable,
    Charge,
    Created,
    Outcome,
    SignatureInvalid,
    Told,
)
from chalicelib.store import Instant, Int, Item, Key, Text, Value, Words, get, refuse_with, transaction

SIGNATURE_HEADER = "sandbox-signature"
OLDEST = timedelta(minutes=5)
MERCHANT = "souk-sandbox"
_STAMP = re.compile(r"[0-9]{1,11}")


class SandboxCharge(Item, discriminator="sandbox_charge"):
    """A charge in the sandbox's own books."""

    key = Key("SANDBOX_CHARGE#{payment_id}", "CHARGE", "a charge in the sandbox's books")

    payment_id: Text = Text()
    order_id: Text = Text()
    customer_id: Text = Text()
    amount: Value[Money] = Value(Money)
    state: Text = Text(default="open")
    changed_at: Instant = Instant()
    refunded: Int = Int(default=0)
    refunds: Words = Words(default=frozenset)


class ChargeState(Conflict):
    code = "charge_state"
    title = Said("The sandbox charge is not in a state for this", "沙箱支付单状态不允许此操作")
    detail = Said("The charge is {state}.", "支付单当前状态为 {state}。")


def _secret() -> bytes:
    return hashlib.sha256(b"sandbox-webhook\x00" + settings().secret_keys[0][1]).digest()


def signature(body: bytes, at: datetime) -> str:
    """`t=<epoch seconds>,v1=<hmac-sha256 of "t.body">`, as the large card companies do."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={hmac.new(_secret(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


class Sandbox:
    name = "sandbox"
    merchant = MERCHANT

    def create(self, ctx: Context, charge: Charge) -> Created:
        """Store calls: 1, or 2 when it was created before."""
        opened = SandboxCharge(
            tenant=ctx.tenant,
            payment_id=charge.payment_id,
            order_id=charge.order_id,
            customer_id=charge.customer_id,
            amount=charge.amount,
            changed_at=ctx.now,
        )
        try:
            with transaction(ctx) as tx:
                tx.put("charge", opened)
        except Conflict:
            self._charge(ctx, charge.payment_id)
        path = f"/v1/sandbox/payments/{charge.payment_id}"
        return Created(
            provider_ref=f"sbx_{charge.payment_id}", client={"pay": f"{path}/pay", "fail": f"{path}/fail"}
        )

    def _charge(self, ctx: Context, payment_id: str) -> SandboxCharge:
        charge = get(SandboxCharge, SandboxCharge.key.of(ctx.tenant, payment_id=payment_id))
        if charge is None:
            raise NotFound
        return charge

    def query(self, ctx: Context, payment_id: str) -> Told | None:
        try:
            return _told(self._charge(ctx, payment_id))
        except NotFound:
            return None

    def close(self, ctx: Context, payment_id: str) -> Told | None:
        """open → closed; a charge that is paid stays paid and says so."""
        try:
            return _told(self._move(ctx, payment_id, "closed", SandboxCharge.state == "open"))
        except NotFound:
            return None
        except ChargeState:
            return self.query(ctx, payment_id)

    def refund(self, ctx: Context, payment_id: str, refund_id: str, amount: Money) -> bool:
        charge = self._charge(ctx, payment_id)
        if refund_id in charge.refunds:
            return True
        with transaction(ctx) as tx:
            tx.update(
                "charge",
                SandboxCharge,
                charge.ref,
                add={"refunded": amount.amount},
                cap={"refunded": charge.amount.amount},
                include={"refunds": [refund_id]},
                when=~SandboxCharge.refunds.contains(refund_id),
                refuse=refuse_with(ChargeState, state="refunded"),
            )
        return True

    def verify(self, raw: Raw, now: datetime) -> Told:
        parts = dict(part.partition("=")[::2] for part in raw.headers.get(SIGNATURE_HEADER, "").split(","))
        stamp = parts.get("t", "")
        if not _STAMP.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > OLDEST.total_seconds():
            raise SignatureInvalid
        expected = signature(raw.body, datetime.fromtimestamp(int(stamp), now.tzinfo)).partition("v1=")[2]
        if not hmac.compare_digest(expected.encode(), parts.get("v1", "").encode()):
            raise SignatureInvalid
        return _read(raw.body)

    def acknowledge(self) -> RawAnswer:
        return RawAnswer(body='{"received":true}', content_type="application/json")

    # what the customer does at the sandbox's counter

    def pay(self, ctx: Context, payment_id: str) -> Told:
        """open → paid. Paying a paid charge again only repeats the news. Raises NotFound, ChargeState."""
        return self._decide(ctx, payment_id, "paid")

    def fail(self, ctx: Context, payment_id: str) -> Told:
        return self._decide(ctx, payment_id, "failed")

    def dispute(self, ctx: Context, payment_id: str) -> Told:
        """paid → disputed: the customer's bank asks for the money back."""
        charge = self._charge(ctx, payment_id)
        if charge.state == "disputed":
            return _told(charge)
        return _told(self._move(ctx, payment_id, "disputed", SandboxCharge.state == "paid"))

    def _decide(self, ctx: Context, payment_id: str, state: Outcome) -> Told:
        charge = self._charge(ctx, payment_id)
        if charge.state == state:
            return _told(charge)
        return _told(self._move(ctx, payment_id, state, SandboxCharge.state == "open"))

    def _move(self, ctx: Context, payment_id: str, state: Outcome, when: Condition) -> SandboxCharge:
        charge = self._charge(ctx, payment_id)
        with transaction(ctx) as tx:
            tx.update(
                "charge",
                SandboxCharge,
                charge.ref,
                set={"state": state, "changed_at": ctx.now},
                when=when,
                refuse=lambda old: ChargeState(state=old["state"]["S"] if old else "unknown"),
            )
        charge.state, charge.changed_at = state, ctx.now
        return charge

    def webhook(self, told: Told, now: datetime) -> Raw:
        """The signed request it would send. The event id follows from the news: a repeat is the same event."""
        body = json.dumps(
            {
                "event_id": told.event_id,
                "outcome": told.outcome,
                "tenant": told.tenant,
                "payment_id": told.payment_id,
                "order_id": told.order_id,
                "customer_id": told.customer_id,
                "merchant": told.merchant,
                "amount": told.amount.model_dump(mode="json"),
                "provider_ref": told.provider_ref,
                "at": clock.to_text(told.at),
            },
            separators=(",", ":"),
        ).encode()
        return Raw(body, {SIGNATURE_HEADER: signature(body, now), "content-type": "application/json"})


_TEXTS = "event_id tenant payment_id order_id customer_id merchant provider_ref".split()
_WORD = re.compile(r"[^#\x00-\x1f]{1,200}")


def _read(body: bytes) -> Told:
    try:
        told: dict[str, Any] = json.loads(body)
        texts = {name: _word(told[name]) for name in _TEXTS}
        return Told(
            provider=Sandbox.name,
            outcome=_outcome(told["outcome"]),
            amount=Money.model_validate(told["amount"]),
            at=clock.from_text(_word(told["at"])),
            **texts,
        )
    except (KeyError, TypeError, ValueError):
        raise CallbackUnreadable from None


def _outcome(value: Any) -> Outcome:
    if value not in get_args(Outcome):
        raise ValueError(value)
    outcome: Outcome = value
    return outcome


def _word(value: Any) -> str:
    """A text that may stand in a key: even a signed callback names things of ours by their ids, or nothing."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise ValueError(value)
    return value


def _told(charge: SandboxCharge) -> Told:
    outcome: Outcome = charge.state  # type: ignore[assignment]  # written by this module only
    return Told(
        provider=Sandbox.name,
        event_id=ids.derived_id("sbe", charge.payment_id, charge.state),
        outcome=outcome,
        tenant=charge.tenant,
        payment_id=charge.payment_id,
        order_id=charge.order_id,
        customer_id=charge.customer_id,
        merchant=MERCHANT,
        amount=charge.amount,
        provider_ref=f"sbx_{charge.payment_id}",
        at=charge.changed_at,
    )
