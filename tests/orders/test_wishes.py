"""Buying again, reminding, and removing from the list."""

import pytest

from tests.payments.test_paying import pay
from tests.shop import Shop


@pytest.mark.ledger("S4-070")
def test_buying_again_places_the_same_lines_at_todays_price(shop: Shop) -> None:
    product, lin = shop.product(stock=9, price=1000), shop.customer()
    sku = product["skus"][0]
    first = shop.order(lin, sku["id"], 2)
    lin.post(f"/v1/orders/{first['id']}/cancel")
    body = {
        "title": product["title"],
        "kind": "physical",
        "skus": [
            {"id": sku["id"], "price": {"amount": 1500, "currency": "CNY"}, "attributes": sku["attributes"]}
        ],
    }
    edited = shop.admin.put(f"/v1/admin/products/{product['id']}", body)
    assert edited.status == 200, edited.text
    again = lin.post(f"/v1/orders/{first['id']}/rebuy")
    assert (again.status, again.json["status"]) == (201, "pending_payment")
    assert again.json["totals"]["payable"]["amount"] == 3000
    assert again.json["ship_to"] == first["ship_to"]
    assert again.json["id"] != first["id"]
    assert shop.stock(sku["id"])["reserved"] == 2


def test_buying_again_what_is_gone_is_refused(shop: Shop) -> None:
    product, lin = shop.product(stock=2), shop.customer()
    first = shop.order(lin, product["skus"][0]["id"], 2)
    short = lin.post(f"/v1/orders/{first['id']}/rebuy")
    assert (short.status, short.code) == (409, "out_of_stock")
    shop.admin.post(f"/v1/admin/products/{product['id']}/unpublish")
    assert lin.post(f"/v1/orders/{first['id']}/rebuy").code == "sku_unavailable"
    assert len(lin.get("/v1/orders").json["data"]) == 1


@pytest.mark.ledger("S4-069")
def test_a_customer_reminds_once_a_day_confirms_and_removes_what_is_over(shop: Shop) -> None:
    lin = shop.customer()
    order_id = shop.order(lin, shop.sku())["id"]
    url = f"/v1/orders/{order_id}"
    assert lin.post(f"{url}/remind").code == "order_state"
    pay(lin, order_id)
    assert lin.post(f"{url}/remind").json["timeline"][-1]["event"] == "remind"
    early = lin.post(f"{url}/remind")
    assert (early.status, early.headers["retry-after"]) == (429, "86401")
    shop.clock.advance(days=1)
    assert lin.post(f"{url}/remind").status == 200
    assert lin.delete(url).code == "order_state"
    shop.admin.post(f"/v1/admin/orders/{order_id}/shipments", {"carrier": "SF", "tracking_number": "1"})
    assert lin.post(f"{url}/confirm-receipt").json["status"] == "completed"
    assert lin.delete(url).status == 204
    assert lin.get("/v1/orders").json["data"] == []
    assert (lin.get(url).status, lin.delete(url).status) == (404, 404)
    assert shop.admin.get(f"/v1/admin/orders/{order_id}").json["status"] == "completed"


@pytest.mark.ledger("S4-069")
def test_a_cancelled_order_can_be_removed(shop: Shop) -> None:
    lin = shop.customer()
    order_id = shop.order(lin, shop.sku())["id"]
    lin.post(f"/v1/orders/{order_id}/cancel")
    assert lin.delete(f"/v1/orders/{order_id}").status == 204
    assert lin.get("/v1/orders").json["data"] == []
