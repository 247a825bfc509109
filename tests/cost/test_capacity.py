"""How far the shop carries, by what its own items and acts were measured to take."""

import re

import pytest

from infra.cost import baseline, capacity, capacity_page, loads, model
from infra.cost.act import Act
from infra.cost.sizes import item_size, stored_bytes
from tests.jobs import of_kind, stream
from tests.payments.test_paying import pay
from tests.shop import Shop

LOAD = loads.load(capacity_page.LOAD)
CLOSE = 0.15
"""Names, ids and amounts of another shop are not of the same length."""


@pytest.fixture(scope="module")
def acts() -> dict[str, Act]:
    return baseline.read().acts


def placed_and_paid(acts: dict[str, Act]) -> dict[str, int]:
    """Kind → bytes that one order leaves behind when it is placed and paid, as they were measured."""
    found: dict[str, int] = {}
    for name in (capacity.ORDER, capacity.START, capacity.SETTLE):
        for stored in (acts[name].stored, acts[name].later.stored):
            for kind, (size, _) in stored.items():
                found[kind] = found.get(kind, 0) + (size or 0)
    return found


@pytest.mark.ledger("S4-007")
def test_the_item_sizes_of_the_plan_are_those_of_real_items(shop: Shop, acts: dict[str, Act]) -> None:
    """An order of two lines by the shop's own builders, weighed, beside what the model takes it to be."""
    skus, lin = [shop.sku() for _ in range(2)], shop.customer()
    items = [{"sku_id": sku, "quantity": 1} for sku in skus]
    order = lin.post("/v1/orders", {"items": items, "address_id": shop.address(lin)}).json
    pay(lin, order["id"])
    stream()
    weighed: dict[str, int] = {}
    for kind in ("order", "payment", "reservation", "order_number", "notification"):
        weighed[kind] = sum(stored_bytes(one) for one in of_kind(kind))
    modelled = placed_and_paid(acts)
    for kind, size in weighed.items():
        assert modelled[kind] == pytest.approx(size, rel=CLOSE), kind
    orders = LOAD.orders_per_day * LOAD.days_per_month * 12
    year = model.storage_by_kind(acts, LOAD)
    assert year["order_number"] == pytest.approx(weighed["order_number"] * orders, rel=CLOSE)
    page = capacity_page.PATH.read_text(encoding="utf-8")
    assert f"holds **{sum(year.values()) / 1e9:,.0f} GB**" in page
    assert f"{capacity.PLAN_GB_A_YEAR} GB a year hold" in re.sub(r"\s+", " ", page)


def test_a_write_of_stock_is_one_unit(shop: Shop) -> None:
    """Or a hot SKU carries half as many orders as the page says."""
    shop.sku(title="杯" * 100)
    assert all(item_size(one) < 1024 for one in of_kind("stock"))


@pytest.mark.ledger("S4-004", "S4-006")
def test_the_peak_of_the_largest_load_stays_below_every_limit(acts: dict[str, Act]) -> None:
    rates = capacity.per_second(LOAD)
    assert rates["mean"] < rates["hour"] < rates["peak"]
    asked = sum(capacity.peak_rates(LOAD).values())
    assert asked == pytest.approx(rates["peak"], rel=0.05)
    found = capacity.uses(acts, capacity.peak_rates(LOAD), loads.deployment())
    assert {one.limit.name for one in found} >= {capacity.CONCURRENCY.name, capacity.TABLE_WRITES.name}
    assert [f"{one.limit.name} of {one.what}" for one in found if one.share >= 0.5] == []


def test_a_rush_of_payments_overloads_no_partition_and_what_it_overloads_is_told(
    acts: dict[str, Act],
) -> None:
    found = capacity.uses(acts, capacity.paying_rates(LOAD), loads.deployment())
    over = [one for one in found if one.share >= 1]
    assert {one.limit for one in over} <= {capacity.TABLE_WRITES, capacity.STREAM}
    page = capacity_page.PATH.read_text(encoding="utf-8")
    assert [one.advice for one in over if one.advice not in page] == []
    assert capacity.hot_sku_orders() >= LOAD.peak.payments_per_second


def test_a_partition_everybody_writes_to_is_seen(acts: dict[str, Act]) -> None:
    """An act that writes to one place of all shops' orders would be found."""
    act = Act(wru=20, shared={"table: default#EVERYTHING": 20})
    found = capacity.uses({"x": act}, {"x": 100}, loads.deployment())
    assert [(one.what, one.share) for one in found if one.limit is capacity.PARTITION] == [
        ("`table: default#EVERYTHING`", 2.0)
    ]


def test_what_is_promised_together_is_less_than_each(acts: dict[str, Act]) -> None:
    assert capacity.availability() == pytest.approx(0.9995 * 0.9995 * 0.9999)
    assert capacity.availability() < min(capacity.SLA.values())


def test_the_page_of_the_time_an_answer_takes_keeps_to_its_aims(acts: dict[str, Act]) -> None:
    mean, slowest, most = capacity.latency_ms(acts, LOAD, loads.deployment())
    assert mean < capacity.MEAN_MS
    assert most < capacity.P99_MS
    assert slowest in acts
    assert loads.deployment().cold_share < 0.01
