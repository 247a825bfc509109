"""From paid to complete: parcels, part by part, and a forgotten order that confirms itself."""

import pytest

from tests.jobs import of_kind, stream, tick
from tests.payments.test_paying import pay
from tests.shop import Person, Shop

PARCEL = {"carrier": "SF", "tracking_number": "SF123"}


def paid(shop: Shop, lin: Person, *pairs: tuple[str, int]) -> str:
    body = {"items": [{"sku_id": sku, "quantity": n} for sku, n in pairs], "address_id": shop.address(lin)}
    order_id = str(lin.post("/v1/orders", body).json["id"])
    pay(lin, order_id)
    return order_id


@pytest.mark.ledger("S4-035")
def test_staff_ship_and_the_customer_confirms(shop: Shop) -> None:
    lin = shop.customer()
    order_id = paid(shop, lin, (shop.sku(), 2))
    shipped = shop.admin.post(f"/v1/admin/orders/{order_id}/shipments", PARCEL)
    assert (shipped.status, shipped.json["status"]) == (201, "shipped")
    assert lin.post(f"/v1/orders/{order_id}/confirm-receipt").json["status"] == "completed"
    assert lin.post(f"/v1/orders/{order_id}/confirm-receipt").code == "order_state"


def test_a_part_can_be_shipped_and_no_unit_twice(shop: Shop) -> None:
    cup, pot, lin = shop.sku(), shop.sku(), shop.customer()
    order_id = paid(shop, lin, (cup, 2), (pot, 1))
    url = f"/v1/admin/orders/{order_id}/shipments"
    first = shop.admin.post(url, {**PARCEL, "items": [{"sku_id": cup, "quantity": 2}]})
    assert first.json["status"] == "partially_shipped"
    twice = shop.admin.post(url, {**PARCEL, "items": [{"sku_id": cup, "quantity": 1}]})
    assert twice.json["errors"][0]["code"] == "not_left_to_ship"
    rest = shop.admin.post(url, PARCEL)
    assert (rest.json["status"], rest.json["shipments"][1]["items"]) == (
        "shipped",
        [{"sku_id": pot, "quantity": 1}],
    )
    assert shop.admin.post(url, PARCEL).code in ("nothing_to_ship", "order_state")


def test_an_unpaid_order_cannot_be_shipped_nor_confirmed(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    assert shop.admin.post(f"/v1/admin/orders/{order['id']}/shipments", PARCEL).code == "order_state"
    assert lin.post(f"/v1/orders/{order['id']}/confirm-receipt").code == "order_state"
    assert lin.get(f"/v1/orders/{order['id']}").json["shipments"] == []


def test_a_paid_order_is_not_the_customers_to_complete(shop: Shop) -> None:
    lin = shop.customer()
    order_id = paid(shop, lin, (shop.sku(), 1))
    assert lin.post(f"/v1/orders/{order_id}/confirm-receipt").code == "order_state"


def test_customers_do_not_ship(shop: Shop) -> None:
    lin = shop.customer()
    order_id = paid(shop, lin, (shop.sku(), 1))
    assert lin.post(f"/v1/admin/orders/{order_id}/shipments", PARCEL).status == 403


@pytest.mark.rule("B22")
def test_a_shipped_order_nobody_confirms_completes_by_itself(shop: Shop) -> None:
    lin = shop.customer()
    order_id = paid(shop, lin, (shop.sku(), 1))
    shop.admin.post(f"/v1/admin/orders/{order_id}/shipments", PARCEL)
    shop.clock.advance(days=9)
    tick()
    assert staff_view(shop, order_id)["status"] == "shipped"
    shop.clock.advance(days=2)
    tick()
    tick()
    assert staff_view(shop, order_id)["status"] == "completed"


@pytest.mark.rule("B22")
def test_a_paid_order_nobody_ships_raises_an_alarm_again_and_again(shop: Shop) -> None:
    lin = shop.customer()
    order_id = paid(shop, lin, (shop.sku(), 1))
    stream()
    for _ in range(2):
        shop.clock.advance(hours=49)
        tick()
        stuck = [event for event in of_kind("event") if event["name"]["S"] == "order.stuck"]
        assert [event["data"]["M"]["order_id"]["S"] for event in stuck] == [order_id]
        stream()
    assert staff_view(shop, order_id)["status"] == "paid"


def staff_view(shop: Shop, order_id: str) -> dict[str, object]:
    view: dict[str, object] = shop.admin.get(f"/v1/admin/orders/{order_id}").json
    return view


@pytest.mark.ledger("S1-059", "S1-050")
def test_the_customer_is_told_of_each_step_in_their_language(shop: Shop) -> None:
    lin = shop.customer()
    order_id = paid(shop, lin, (shop.sku(), 1))
    shop.clock.advance(seconds=1)
    shop.admin.post(f"/v1/admin/orders/{order_id}/shipments", PARCEL)
    stream(times=3)
    messages = lin.get("/v1/me/notifications", headers={"accept-language": "zh-CN"}).json["data"]
    assert [message["about"] for message in messages] == ["order.shipped", "order.paid"]
    assert messages[0]["text"] == "SF，运单号 SF123。"


@pytest.mark.rule("B17")
def test_another_customers_order_is_not_there(shop: Shop) -> None:
    lin, eve = shop.customer(), shop.customer()
    order_id = shop.order(lin, shop.sku())["id"]
    assert eve.get(f"/v1/orders/{order_id}").status == 404
    assert eve.post(f"/v1/orders/{order_id}/cancel").status == 404
    assert eve.post(f"/v1/orders/{order_id}/confirm-receipt").status == 404
    assert eve.post(f"/v1/orders/{order_id}/payments", {"provider": "sandbox"}).status == 404
    assert lin.get(f"/v1/orders/{order_id}").json["status"] == "pending_payment"
