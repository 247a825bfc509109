"""The quote is a pure function: the same basket at the same time costs the same, and its parts sum exactly."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.money import CurrencyMismatch, Money, split, total
from chalicelib.pricing import service as pricing

AT = datetime(2036, 3, 2, tzinfo=UTC)


def yuan(amount: int) -> Money:
    return Money(amount=amount, currency="CNY")


lines = st.builds(
    pricing.Line,
    sku_id=st.just("sku"),
    quantity=st.integers(1, 999),
    unit_price=st.integers(0, 10**7).map(yuan),
    ships=st.booleans(),
)
baskets = st.builds(
    pricing.Basket,
    currency=st.just("CNY"),
    lines=st.lists(lines, min_size=1, max_size=30).map(tuple),
    shipping_fee=st.integers(0, 5000).map(yuan),
    free_shipping_from=st.none() | st.integers(0, 10**6).map(yuan),
)


@pytest.mark.rule("B16")
@given(baskets)
def test_a_quote_says_the_same_twice_and_its_parts_sum(basket: pricing.Basket) -> None:
    quote = pricing.quote(basket, AT)
    assert quote == pricing.quote(basket.model_copy(deep=True), AT)
    totals = quote.totals
    assert totals.items == total("CNY", quote.line_totals)
    assert totals.payable.amount == totals.items.amount - totals.discount.amount + totals.shipping.amount
    assert sum(one.amount for one in quote.line_discounts) == totals.discount.amount


@pytest.mark.rule("B15")
@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=40))
def test_a_split_sums_to_what_was_split_and_no_part_is_off_by_more_than_one(
    amount: int, weights: list[int]
) -> None:
    if sum(weights) == 0:
        return
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - amount * weight) < sum(weights)


@pytest.mark.parametrize(
    ("ships", "fee", "free_from", "expected"),
    [
        (True, 800, None, ("applied", "flat_fee", 800)),
        (True, 800, 5000, ("skipped", "free_limit_reached", 0)),
        (True, 800, 5001, ("applied", "flat_fee", 800)),
        (False, 800, None, ("skipped", "nothing_to_ship", 0)),
        (True, 0, None, ("skipped", "shop_ships_free", 0)),
    ],
)
def test_shipping_says_what_it_did_and_why(
    ships: bool, fee: int, free_from: int | None, expected: tuple[str, str, int]
) -> None:
    basket = pricing.Basket(
        currency="CNY",
        lines=(pricing.Line(sku_id="a", quantity=5, unit_price=yuan(1000), ships=ships),),
        shipping_fee=yuan(fee),
        free_shipping_from=None if free_from is None else yuan(free_from),
    )
    quote = pricing.quote(basket, AT)
    rule = quote.rules[-1]
    assert (rule.outcome, rule.reason, rule.amount.amount) == expected
    assert quote.totals.payable.amount == 5000 + expected[2]


def test_two_currencies_never_meet_in_one_sum() -> None:
    with pytest.raises(CurrencyMismatch):
        _ = yuan(1) + Money(amount=1, currency="USD")
    with pytest.raises(CurrencyMismatch):
        _ = yuan(1) - Money(amount=1, currency="USD")
