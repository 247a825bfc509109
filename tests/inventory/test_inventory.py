"""Stock by hand, and reservations for other back ends."""

import pytest

from tests.jobs import EVENT, of_kind, tick
from tests.shop import Shop, send


def reserve(shop: Shop, sku: str, quantity: int, reference: str = "erp-1", seconds: int = 900):
    body = {"reference": reference, "lines": [{"sku_id": sku, "quantity": quantity}], "seconds": seconds}
    return shop.admin.post("/v1/admin/inventory/reservations", body)


@pytest.mark.ledger("S1-034", "S4-027")
def test_stock_is_read_singly_and_in_batches(shop: Shop) -> None:
    one, two = shop.sku(stock=3), shop.sku(stock=4)
    assert shop.stock(one)["available"] == 3
    answer = send("POST", "/v1/skus/stock", {"sku_ids": [one, two, one, "sku_01KJ0000000000000000000001"]})
    assert [(row["sku_id"], row["available"]) for row in answer.json["data"]] == [(one, 3), (two, 4)]
    assert send("GET", "/v1/skus/sku_01KJ0000000000000000000001/stock").status == 404


@pytest.mark.ledger("S1-041")
def test_adjustments_are_written_into_the_ledger(shop: Shop) -> None:
    sku = shop.sku(stock=3)
    url = f"/v1/admin/skus/{sku}/stock-adjustments"
    assert shop.admin.post(url, {"delta": 5, "reason": "delivery"}).json["available"] == 8
    shop.clock.advance(seconds=1)
    assert shop.admin.post(url, {"delta": -2, "reason": "broken"}).json["available"] == 6
    moves = shop.admin.get(f"/v1/admin/skus/{sku}/stock-ledger").json["data"]
    assert [(move["delta"], move["reason"]) for move in moves] == [(-2, "broken"), (5, "delivery")]


def test_stock_never_goes_below_zero_by_hand(shop: Shop) -> None:
    sku = shop.sku(stock=3)
    answer = shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": -4, "reason": "lost"})
    assert (answer.status, answer.code, answer.json["available"]) == (409, "stock_negative", 3)
    assert shop.stock(sku)["available"] == 3
    assert of_kind("stock_move") == []


def test_an_adjustment_repeated_with_its_key_counts_once(shop: Shop) -> None:
    sku = shop.sku(stock=3)
    url = f"/v1/admin/skus/{sku}/stock-adjustments"
    answers = [shop.admin.post(url, {"delta": 5, "reason": "delivery"}, key="adj").text for _ in range(3)]
    assert len(set(answers)) == 1
    assert shop.stock(sku)["available"] == 8


@pytest.mark.ledger("S1-035", "S1-036", "S1-037", "S1-033")
def test_another_back_end_holds_deducts_and_releases(shop: Shop) -> None:
    sku = shop.sku(stock=10)
    sold, freed = reserve(shop, sku, 3, "a").json, reserve(shop, sku, 2, "b").json
    assert shop.stock(sku) == {"sku_id": sku, "available": 5, "reserved": 5, "sold": 0}
    url = "/v1/admin/inventory/reservations"
    for _ in range(2):
        assert shop.admin.post(f"{url}/{sold['id']}/deduct").json["state"] == "deducted"
        assert shop.admin.post(f"{url}/{freed['id']}/release").json["state"] == "released"
    assert shop.admin.post(f"{url}/{sold['id']}/release").code == "reservation_ended"
    assert shop.admin.post(f"{url}/{freed['id']}/deduct").code == "reservation_ended"
    assert shop.stock(sku) == {"sku_id": sku, "available": 7, "reserved": 0, "sold": 3}


@pytest.mark.ledger("S1-038")
def test_one_reference_is_one_reservation(shop: Shop) -> None:
    sku = shop.sku(stock=10)
    first, again = reserve(shop, sku, 3), reserve(shop, sku, 3)
    assert first.json["id"] == again.json["id"]
    assert reserve(shop, sku, 4).code == "reservation_reference_taken"
    assert shop.stock(sku)["reserved"] == 3


@pytest.mark.ledger("S1-035", "S1-039")
def test_all_lines_are_held_or_none(shop: Shop) -> None:
    few, many = shop.sku(stock=1), shop.sku(stock=9)
    body = {"reference": "x", "lines": [{"sku_id": few, "quantity": 2}, {"sku_id": many, "quantity": 2}]}
    answer = shop.admin.post("/v1/admin/inventory/reservations", body)
    assert (answer.status, answer.code) == (409, "out_of_stock")
    assert shop.stock(many)["reserved"] == 0
    assert of_kind("reservation") == []


@pytest.mark.ledger("S1-040")
@pytest.mark.rule("B3")
def test_a_forgotten_reservation_ends_by_itself_and_once(shop: Shop) -> None:
    sku = shop.sku(stock=10)
    held = reserve(shop, sku, 3, seconds=60).json
    tick()
    assert shop.stock(sku)["reserved"] == 3
    shop.clock.advance(seconds=61)
    late = shop.admin.post(f"/v1/admin/inventory/reservations/{held['id']}/deduct")
    assert late.code == "reservation_ended"
    tick()
    tick()
    assert shop.stock(sku) == {"sku_id": sku, "available": 10, "reserved": 0, "sold": 0}


def test_an_orders_own_reservation_is_not_reached_through_this_door(shop: Shop) -> None:
    sku, lin = shop.sku(stock=10), shop.customer()
    order = shop.order(lin, sku, 2)
    reservation = order["id"].replace("ord_", "rsv_")
    answer = shop.admin.post(f"/v1/admin/inventory/reservations/{reservation}/release")
    assert answer.status == 404
    assert shop.stock(sku)["reserved"] == 2
    assert lin.post("/v1/admin/inventory/reservations", {"reference": "r", "lines": []}).status == 403


def test_the_net_below_orders_leaves_one_that_waits_for_money(shop: Shop) -> None:
    """The reservation's own timer comes an hour after the order's: while the order is unpaid nothing is released."""
    from chalicelib.orders.jobs import stock_release

    sku, lin = shop.sku(stock=10), shop.customer()
    shop.order(lin, sku, 2)
    shop.clock.advance(hours=2)
    stock_release(EVENT, None)
    assert shop.stock(sku)["reserved"] == 2
    tick()
    tick()
    assert shop.stock(sku) == {"sku_id": sku, "available": 10, "reserved": 0, "sold": 0}
