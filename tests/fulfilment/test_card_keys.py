"""Card keys: sealed, sold once, delivered whole, shown again."""

import pytest

from tests.jobs import of_kind
from tests.payments.test_paying import attempt, forged, pay, webhook
from tests.shop import Shop


@pytest.mark.rule("B10")
@pytest.mark.ledger("S0-003")
def test_a_paid_order_is_delivered_at_once_and_whole(shop: Shop) -> None:
    sku, lin = shop.sku(kind="card_key", stock=5), shop.customer()
    order = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 3}]}).json
    pay(lin, order["id"])
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "completed"
    keys = lin.get(f"/v1/me/deliveries/{order['id']}").json["items"][0]["keys"]
    assert (len(keys), len(set(keys))) == (3, 3)
    assert all(key.startswith("KEY-") for key in keys)
    assert shop.stock(sku) == {"sku_id": sku, "available": 2, "reserved": 0, "sold": 3}


@pytest.mark.rule("B10")
def test_the_same_keys_are_shown_again_and_the_first_look_is_recorded_once(shop: Shop) -> None:
    sku, lin = shop.sku(kind="card_key", stock=2), shop.customer()
    order = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 2}]}).json
    pay(lin, order["id"])
    assert lin.get("/v1/me/deliveries").json["data"][0]["first_viewed_at"] is None
    first = lin.get(f"/v1/me/deliveries/{order['id']}").json
    shop.clock.advance(minutes=5)
    second = lin.get(f"/v1/me/deliveries/{order['id']}").json
    assert second == first
    assert first["first_viewed_at"] == "2036-03-02T01:00:00.000Z"


@pytest.mark.rule("B10")
def test_keys_are_sealed_at_rest_and_staff_lists_do_not_show_them(shop: Shop) -> None:
    sku = shop.sku(kind="card_key", stock=2)
    stored = str(of_kind("card_key")) + str(of_kind("card_key_print"))
    listed = shop.admin.get(f"/v1/admin/card-keys?sku_id={sku}").text
    assert "KEY-" not in stored
    assert "KEY-" not in listed
    assert listed.count('"stocked"') == 2


@pytest.mark.ledger("S4-117")
def test_a_key_is_stocked_once_however_often_it_is_imported(shop: Shop) -> None:
    sku = shop.sku(kind="card_key", stock=0)
    first = shop.admin.post("/v1/admin/card-keys", {"sku_id": sku, "keys": ["a", "b", "a"]}).json
    again = shop.admin.post("/v1/admin/card-keys", {"sku_id": sku, "keys": ["b", "c"]}).json
    assert (first["imported"], first["duplicates"]) == (2, 1)
    assert (again["imported"], again["duplicates"]) == (1, 1)
    assert shop.stock(sku)["available"] == 3


@pytest.mark.rule("B10", "B3")
def test_a_cancelled_order_gives_its_keys_back_for_the_next_buyer(shop: Shop) -> None:
    sku, lin, eve = shop.sku(kind="card_key", stock=2), shop.customer(), shop.customer()
    order = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 2}]}).json
    lin.post(f"/v1/orders/{order['id']}/cancel")
    bought = eve.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 2}]}).json
    pay(eve, bought["id"])
    assert len(eve.get(f"/v1/me/deliveries/{bought['id']}").json["items"][0]["keys"]) == 2
    assert lin.get(f"/v1/me/deliveries/{order['id']}").status == 404


@pytest.mark.rule("B5", "B10")
def test_late_money_gets_keys_that_nobody_else_has(shop: Shop) -> None:
    sku, lin, eve = shop.sku(kind="card_key", stock=4), shop.customer(), shop.customer()
    order = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 2}]}).json
    late = forged(attempt(lin, order["id"]))
    lin.post(f"/v1/orders/{order['id']}/cancel")
    other = eve.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 2}]}).json
    assert webhook(late).status == 200
    pay(eve, other["id"])
    mine = lin.get(f"/v1/me/deliveries/{order['id']}").json["items"][0]["keys"]
    theirs = eve.get(f"/v1/me/deliveries/{other['id']}").json["items"][0]["keys"]
    assert len({*mine, *theirs}) == 4


@pytest.mark.rule("B17")
def test_another_customers_delivery_is_not_there(shop: Shop) -> None:
    sku, lin, eve = shop.sku(kind="card_key", stock=1), shop.customer(), shop.customer()
    order = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 1}]}).json
    pay(lin, order["id"])
    assert eve.get(f"/v1/me/deliveries/{order['id']}").status == 404
    assert eve.get("/v1/me/deliveries").json["data"] == []


def test_keys_are_for_card_key_skus_and_their_stock_follows_them_alone(shop: Shop) -> None:
    cup, card = shop.sku(stock=3), shop.sku(kind="card_key", stock=1)
    wrong = shop.admin.post("/v1/admin/card-keys", {"sku_id": cup, "keys": ["x"]})
    by_hand = shop.admin.post(f"/v1/admin/skus/{card}/stock-adjustments", {"delta": 5, "reason": "more"})
    outside = shop.admin.post(
        "/v1/admin/inventory/reservations", {"reference": "r", "lines": [{"sku_id": card, "quantity": 1}]}
    )
    assert wrong.json["errors"][0]["code"] == "not_card_key"
    assert (by_hand.code, outside.code) == ("stock_counted_by_keys", "stock_counted_by_keys")
    assert (shop.stock(cup)["available"], shop.stock(card)["available"]) == (3, 1)


def test_an_order_takes_at_most_40_keys(shop: Shop) -> None:
    sku, lin = shop.sku(kind="card_key", stock=41), shop.customer()
    answer = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 41}]})
    assert (answer.status, answer.code) == (409, "too_many_units")
    order = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 40}]}).json
    pay(lin, order["id"])
    assert len(lin.get(f"/v1/me/deliveries/{order['id']}").json["items"][0]["keys"]) == 40
