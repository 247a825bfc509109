"""The quote: each rule looks at the basket and says what it changed, or why it did not apply."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.core.money import Money, split, total

RULES_VERSION = "2026-11-1"
"""Changes with every change of a rule: an order keeps the version it was priced by."""


class Line(BaseModel):
    """One line of a basket: what is bought, how many, at which unit price."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    sku_id: str
    quantity: int
    unit_price: Money
    ships: bool
    """Whether it has to be carried to somebody."""


class Basket(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    currency: str
    lines: tuple[Line, ...]
    shipping_fee: Money
    """The shop's flat fee for a parcel."""
    free_shipping_from: Money | None = None


class RuleResult(BaseModel):
    """What one rule did: `applied` with the amount it changed the total by, or `skipped` with the reason."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    rule: str
    outcome: Literal["applied", "skipped"]
    reason: str
    amount: Money


class Totals(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    items: Money
    discount: Money
    shipping: Money
    payable: Money


class Quote(BaseModel):
    """`line_discounts` stands beside the basket's lines, in their order, and sums to `totals.discount` (B15)."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    totals: Totals
    line_totals: tuple[Money, ...]
    line_discounts: tuple[Money, ...]
    rules: tuple[RuleResult, ...]
    rules_version: str = RULES_VERSION


def shipping(basket: Basket, items: Money) -> RuleResult:
    """The flat fee, unless nothing is carried or the items reach the free limit."""
    nothing = Money(amount=0, currency=basket.currency)
    if not any(line.ships for line in basket.lines):
        return RuleResult(rule="shipping", outcome="skipped", reason="nothing_to_ship", amount=nothing)
    if basket.shipping_fee.amount == 0:
        return RuleResult(rule="shipping", outcome="skipped", reason="shop_ships_free", amount=nothing)
    if basket.free_shipping_from is not None and items.amount >= basket.free_shipping_from.amount:
        return RuleResult(rule="shipping", outcome="skipped", reason="free_limit_reached", amount=nothing)
    return RuleResult(rule="shipping", outcome="applied", reason="flat_fee", amount=basket.shipping_fee)


def unknown_coupon(basket: Basket, coupon_id: str) -> RuleResult:
    """A coupon nobody was given changes nothing, and the quote says so."""
    nothing = Money(amount=0, currency=basket.currency)
    return RuleResult(rule=f"coupon:{coupon_id}", outcome="skipped", reason="coupon_unknown", amount=nothing)


DISCOUNTS: Sequence[Callable[[Basket, Money, datetime], RuleResult]] = ()
"""Promotion rules, in the order they apply. Each answers a negative amount when it applies."""


def quote(basket: Basket, at: datetime) -> Quote:
    """Price a basket. The same basket at the same time always costs the same."""
    line_totals = tuple(line.unit_price * line.quantity for line in basket.lines)
    items = total(basket.currency, line_totals)
    results = [rule(basket, items, at) for rule in DISCOUNTS]
    discount = min(items.amount, -sum(result.amount.amount for result in results))
    carried = shipping(basket, items)
    parts = split(discount, [amount.amount for amount in line_totals])
    return Quote(
        totals=Totals(
            items=items,
            discount=Money(amount=discount, currency=basket.currency),
            shipping=carried.amount,
            payable=Money(amount=items.amount - discount + carried.amount.amount, currency=basket.currency),
        ),
        line_totals=line_totals,
        line_discounts=tuple(Money(amount=part, currency=basket.currency) for part in parts),
        rules=(*results, carried),
    )
