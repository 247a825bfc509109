"""The largest order that is allowed stays inside the store's limits, at every step of its life."""

import pytest

from chalicelib.store.meter import metering
from tests.payments.test_paying import attempt, forged, webhook
from tests.shop import Shop

pytestmark = pytest.mark.emulator


def largest(shop: Shop) -> list[dict[str, object]]:
    """30 lines: 20 goods, and 10 card-key SKUs with 40 keys together."""
    goods = shop.product(skus=20, stock=999)["skus"]
    cards = shop.product(kind="card_key", skus=10, stock=8)["skus"]
    return [{"sku_id": sku["id"], "quantity": 999} for sku in goods] + [
        {"sku_id": sku["id"], "quantity": 4} for sku in cards
    ]


@pytest.fixture
def many_units(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.core.settings import settings

    monkeypatch.setenv("SOUK_MOST_RESERVED_UNITS", "999")
    settings.cache_clear()


def test_the_largest_order_is_placed_cancelled_revived_and_delivered(
    live_shop: Shop, many_units: None
) -> None:
    shop, lin = live_shop, live_shop.customer()
    body = {"items": largest(shop), "address_id": shop.address(lin)}
    lin.get("/v1/me")
    with metering() as placing:
        placed = lin.post("/v1/orders", body)
    assert placed.status == 201, placed.text
    assert placing.calls <= 3
    order_id = placed.json["id"]
    late = forged(attempt(lin, order_id), amount=placed.json["totals"]["payable"])
    assert lin.post(f"/v1/orders/{order_id}/cancel").json["status"] == "cancelled"
    assert webhook(late).status == 200
    assert lin.get(f"/v1/orders/{order_id}").json["status"] == "paid"
    delivered = lin.get(f"/v1/me/deliveries/{order_id}").json["items"]
    assert len({key for line in delivered for key in line["keys"]}) == 40


def test_an_order_of_20_cart_lines_is_three_store_calls(live_shop: Shop) -> None:
    shop, lin = live_shop, live_shop.customer()
    for _ in range(20):
        lin.put(f"/v1/cart/items/{shop.sku(stock=5)}", {"quantity": 1})
    address = shop.address(lin)
    lin.get("/v1/me")
    with metering() as placing:
        placed = lin.post("/v1/orders", {"address_id": address})
    assert (placed.status, len(placed.json["items"])) == (201, 20)
    assert placing.operations == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]


def test_one_line_more_than_allowed_is_refused(live_shop: Shop) -> None:
    shop, lin = live_shop, live_shop.customer()
    for sku in shop.product(skus=31)["skus"]:
        lin.put(f"/v1/cart/items/{sku['id']}", {"quantity": 1})
    answer = lin.post("/v1/orders", {"address_id": shop.address(lin)})
    assert answer.json["errors"][0]["code"] == "too_many_lines"
