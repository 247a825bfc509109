"""Levels that orders earn, and segments."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.context import Context
from chalicelib.members import levels
from chalicelib.members.entities import LevelRule, Spending
from tests.jobs import of_kind, stream
from tests.members.people import USERS, user_of
from tests.payments.test_paying import pay
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes

RULES = "/v1/admin/member-levels"
VIP_FROM_30 = {
    "rules": [{"level": "member", "spent": 1000, "months": 1}, {"level": "vip", "spent": 3000, "months": 12}]
}


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def buy_key(shop: Shop, person: Person, price: int) -> None:
    """A card key is delivered, and its order complete, in the transaction that pays it."""
    card = shop.sku(kind="card_key", stock=1, price=price)
    pay(person, person.post("/v1/orders", {"items": [{"sku_id": card, "quantity": 1}]}).json["id"])
    stream(times=2)


@pytest.mark.ledger("S4-137", "S4-019")
def test_completed_orders_earn_a_level_once_each(shop: Shop, lin: Person) -> None:
    assert shop.admin.put(RULES, VIP_FROM_30).status == 200
    buy_key(shop, lin, 1000)
    assert user_of(lin.id).level == "member"
    buy_key(shop, lin, 1999)
    assert user_of(lin.id).level == "member"
    buy_key(shop, lin, 1)
    assert user_of(lin.id).level == "vip"


@pytest.mark.ledger("S4-137")
def test_an_order_that_ships_counts_when_it_completes(shop: Shop, lin: Person) -> None:
    shop.admin.put(RULES, VIP_FROM_30)
    order = shop.order(lin, shop.sku(price=1000))
    pay(lin, order["id"])
    stream(times=2)
    assert of_kind("spending") == []
    shop.admin.post(f"/v1/admin/orders/{order['id']}/shipments", {"carrier": "SF", "tracking_number": "1"})
    lin.post(f"/v1/orders/{order['id']}/confirm-receipt")
    stream(times=2)
    (kept,) = of_kind("spending")
    payable = lin.get(f"/v1/orders/{order['id']}").json["totals"]["payable"]["amount"]
    assert Spending.from_wire(kept).months == {"2036-03": payable}
    assert user_of(lin.id).level == "member"


@pytest.mark.ledger("S4-137")
def test_a_level_set_by_staff_is_moved_by_no_rule_until_it_is_handed_back(shop: Shop, lin: Person) -> None:
    shop.admin.put(RULES, VIP_FROM_30)
    shop.admin.patch(f"{USERS}/{lin.id}", {"level": "ordinary", "reason": "resells"})
    buy_key(shop, lin, 5000)
    assert user_of(lin.id).level == "ordinary"
    assert shop.admin.patch(f"{USERS}/{lin.id}", {"level": None}).json["level"] == "vip"
    assert user_of(lin.id).level_is_fixed is False


def test_a_rule_never_lowers_a_level(shop: Shop, lin: Person) -> None:
    shop.admin.put(RULES, {"rules": [{"level": "vip", "spent": 1000, "months": 1}]})
    buy_key(shop, lin, 1000)
    shop.admin.put(RULES, {"rules": []})
    buy_key(shop, lin, 1)
    assert user_of(lin.id).level == "vip"


def test_rules_are_changed_under_their_etag(shop: Shop) -> None:
    assert shop.admin.get(RULES).json == {"rules": []}
    first = shop.admin.put(RULES, VIP_FROM_30)
    tag = {"if-match": shop.admin.get(RULES).headers["etag"]}
    assert shop.admin.put(RULES, {"rules": []}, headers=tag).status == 200
    with nothing_changes():
        assert shop.admin.put(RULES, VIP_FROM_30, headers=tag).status == 412
        assert (
            shop.admin.put(RULES, {"rules": [{"level": "ordinary", "spent": 1, "months": 1}]}).status == 422
        )
        assert shop.admin.put(RULES, {"rules": [{"level": "vip", "spent": 1, "months": 25}]}).status == 422
    assert first.json == VIP_FROM_30


def test_months_begin_where_the_shop_is() -> None:
    assert levels.month_of(datetime(2036, 2, 29, 16, tzinfo=UTC), "Asia/Shanghai") == "2036-03"
    assert levels.months_back("2036-02", 3) == ["2036-02", "2036-01", "2035-12"]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10_000)), max_size=20), st.integers(1, 24))
def test_what_was_spent_in_months_that_count_is_what_is_summed(
    spent: list[tuple[int, int]], months: int
) -> None:
    kept = Spending(tenant="default", user_id="usr_x")
    every = levels.months_back("2039-12", 41)
    for ago, amount in sorted(spent, reverse=True):
        levels.add(kept, {every[ago]: amount}, every[ago])
    within = sum(amount for ago, amount in spent if ago < months)
    rule = LevelRule(level="vip", spent=max(within, 1), months=months)
    assert levels.level_of([rule], kept.months, "2039-12") == ("vip" if within else "ordinary")


def test_spending_of_somebody_unknown_counts_for_nobody(shop: Shop) -> None:
    assert levels.earned(Context("default"), "usr_x") == "ordinary"


SEGMENTS = "/v1/admin/segments"


@pytest.mark.ledger("S4-141")
def test_a_segment_is_a_filter_with_a_name(shop: Shop, lin: Person) -> None:
    shop.customer("Wei")
    shop.admin.patch(f"{USERS}/{lin.id}", {"tags": ["north"], "level": "vip"})
    made = shop.admin.post(SEGMENTS, {"name": "Northern VIPs", "level": "vip", "tag": "north"}, key="s1")
    assert made.status == 201
    assert (
        shop.admin.post(SEGMENTS, {"name": "Northern VIPs", "level": "vip", "tag": "north"}, key="s1").text
        == made.text
    )
    url = f"{USERS}?segment_id={made.json['id']}"
    assert [one["name"] for one in shop.admin.get(url).json["data"]] == ["Lin"]
    assert shop.admin.get(f"{url}&level=ordinary").json["data"] == []
    assert made.json["id"] in shop.admin.get(SEGMENTS).text
    assert "Lin" in shop.admin.get(f"{USERS}/export?segment_id={made.json['id']}").text


def test_a_segment_is_forgotten_and_its_members_stay(shop: Shop, lin: Person) -> None:
    made = shop.admin.post(SEGMENTS, {"name": "All"}).json
    assert shop.admin.delete(f"{SEGMENTS}/{made['id']}").status == 204
    assert shop.admin.get(SEGMENTS).json["data"] == []
    with nothing_changes():
        assert shop.admin.delete(f"{SEGMENTS}/{made['id']}").status == 404
    assert shop.admin.get(f"{USERS}?segment_id={made['id']}").status == 404
    assert user_of(lin.id).status == "active"
