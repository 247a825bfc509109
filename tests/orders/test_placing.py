"""Placing an order: what is checked, what is reserved, and that nothing changes when it is refused."""

import itertools

import pytest

from chalicelib.store.meter import metering
from tests.jobs import every_item, of_kind
from tests.shop import Person, Shop, configured


def items(*pairs: tuple[str, int]) -> list[dict[str, object]]:
    return [{"sku_id": sku_id, "quantity": quantity} for sku_id, quantity in pairs]


@pytest.mark.ledger("S1-042", "S1-045", "S1-035", "S1-032", "S1-033", "S4-029", "S4-030")
def test_an_order_reserves_its_stock_and_shows_its_totals(shop: Shop) -> None:
    sku, lin = shop.sku(stock=10, price=1999), shop.customer()
    order = shop.order(lin, sku, 2)
    assert order["status"] == "pending_payment"
    assert order["totals"]["payable"] == {"amount": 3998, "currency": "CNY"}
    assert order["items"][0]["quantity"] == 2
    assert [move["event"] for move in order["timeline"]] == ["place"]
    assert shop.stock(sku) == {"sku_id": sku, "available": 8, "reserved": 2, "sold": 0}


@pytest.mark.ledger("S1-046")
def test_numbers_are_unique_sort_by_time_and_cannot_be_guessed(shop: Shop) -> None:
    sku, lin = shop.sku(), shop.customer()
    numbers = []
    for _ in range(5):
        numbers.append(shop.order(lin, sku)["number"])
        shop.clock.advance(seconds=1)
    assert len(set(numbers)) == 5
    assert numbers == sorted(numbers)
    steps = {int(after) - int(before) for before, after in itertools.pairwise(numbers)}
    assert len(steps) == 4


@pytest.mark.ledger("S1-044")
@pytest.mark.rule("B11")
@pytest.mark.parametrize("field", ["price", "total", "unit_price", "totals", "customer_id", "status"])
def test_a_price_in_the_body_is_refused(shop: Shop, field: str) -> None:
    sku, lin = shop.sku(), shop.customer()
    address = shop.address(lin)
    before = len(every_item())
    answer = lin.post("/v1/orders", {"items": items((sku, 1)), "address_id": address, field: 1})
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.json["errors"] == [
        {"field": field, "code": "extra_forbidden", "message": "is not a known field"}
    ]
    assert len(every_item()) == before


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**30, 1.5, "2", None, True])
def test_a_quantity_that_is_no_count_changes_nothing(shop: Shop, quantity: object) -> None:
    sku, lin = shop.sku(), shop.customer()
    answer = lin.post(
        "/v1/orders", {"items": [{"sku_id": sku, "quantity": quantity}], "address_id": shop.address(lin)}
    )
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == "items.0.quantity"
    assert shop.stock(sku)["available"] == 10


@pytest.mark.ledger("S1-043")
def test_goods_need_an_address_of_the_buyer(shop: Shop) -> None:
    sku, lin, eve = shop.sku(), shop.customer(), shop.customer()
    theirs = shop.address(lin)
    missing = eve.post("/v1/orders", {"items": items((sku, 1))})
    foreign = eve.post("/v1/orders", {"items": items((sku, 1)), "address_id": theirs})
    assert missing.json["errors"][0]["code"] == "address_required"
    assert foreign.json["errors"][0]["code"] == "address_not_found"
    assert shop.stock(sku)["available"] == 10


@pytest.mark.ledger("S1-043")
def test_a_sku_unpublished_between_cart_and_order_is_named(shop: Shop) -> None:
    product, lin = shop.product(), shop.customer()
    sku = product["skus"][0]["id"]
    lin.put(f"/v1/cart/items/{sku}", {"quantity": 1})
    shop.admin.post(f"/v1/admin/products/{product['id']}/unpublish")
    answer = lin.post("/v1/orders", {"address_id": shop.address(lin)})
    assert (answer.status, answer.code, answer.json["skus"]) == (409, "sku_unavailable", [sku])
    assert of_kind("order") == []


def test_an_unknown_sku_and_an_empty_cart_are_refused(shop: Shop) -> None:
    lin = shop.customer()
    unknown = lin.post("/v1/orders", {"items": items(("sku_01KJ0000000000000000000001", 1))})
    empty = lin.post("/v1/orders", {})
    assert (unknown.status, unknown.code) == (409, "sku_unavailable")
    assert empty.json["errors"][0]["code"] == "nothing_to_order"


@pytest.mark.ledger("S1-039", "S4-067")
def test_a_short_order_names_each_short_sku_and_takes_nothing(shop: Shop) -> None:
    few, many, lin = shop.sku(stock=1), shop.sku(stock=9), shop.customer()
    answer = lin.post("/v1/orders", {"items": items((few, 2), (many, 3)), "address_id": shop.address(lin)})
    assert (answer.status, answer.code) == (409, "out_of_stock")
    assert answer.json["skus"] == [{"sku_id": few, "requested": 2, "available": 1}]
    assert (shop.stock(few)["available"], shop.stock(many)["available"]) == (1, 9)


@pytest.mark.rule("B2")
def test_two_lines_of_one_sku_are_one_demand(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    address = shop.address(lin)
    short = lin.post("/v1/orders", {"items": items((sku, 3), (sku, 3)), "address_id": address})
    assert short.json["skus"] == [{"sku_id": sku, "requested": 6, "available": 5}]
    fits = lin.post("/v1/orders", {"items": items((sku, 3), (sku, 2)), "address_id": address})
    assert [line["quantity"] for line in fits.json["items"]] == [5]
    assert shop.stock(sku)["available"] == 0


@pytest.mark.ledger("S4-067", "S1-027")
def test_without_items_the_selected_cart_lines_are_ordered_and_leave_the_cart(shop: Shop) -> None:
    one, two, lin = shop.sku(price=100), shop.sku(price=700), shop.customer()
    lin.put(f"/v1/cart/items/{one}", {"quantity": 2})
    lin.put(f"/v1/cart/items/{two}", {"quantity": 1, "selected": False})
    answer = lin.post("/v1/orders", {"address_id": shop.address(lin)})
    assert answer.status == 201, answer.text
    assert [line["sku_id"] for line in answer.json["items"]] == [one]
    assert [line["sku_id"] for line in lin.get("/v1/cart").json["items"]] == [two]


@pytest.mark.rule("B8")
@pytest.mark.ledger("S1-062", "S1-038")
def test_the_same_key_is_one_order_and_the_same_bytes(shop: Shop) -> None:
    sku, lin = shop.sku(stock=10), shop.customer()
    body = {"items": items((sku, 2)), "address_id": shop.address(lin)}
    first = lin.post("/v1/orders", body, key="once")
    lin.post(f"/v1/orders/{first.json['id']}/cancel")
    shop.clock.advance(hours=20)
    again = lin.post("/v1/orders", body, key="once")
    assert (again.status, again.text) == (201, first.text)
    assert again.headers["idempotent-replayed"] == "true"
    assert len(of_kind("order")) == 1


@pytest.mark.rule("B8")
def test_a_key_used_for_another_request_is_refused(shop: Shop) -> None:
    sku, lin = shop.sku(stock=10), shop.customer()
    address = shop.address(lin)
    lin.post("/v1/orders", {"items": items((sku, 1)), "address_id": address}, key="once")
    other = lin.post("/v1/orders", {"items": items((sku, 2)), "address_id": address}, key="once")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert shop.stock(sku)["reserved"] == 1


def test_one_persons_key_means_nothing_to_another(shop: Shop) -> None:
    sku, lin, eve = shop.sku(stock=10), shop.customer(), shop.customer()
    mine = lin.post("/v1/orders", {"items": items((sku, 1)), "address_id": shop.address(lin)}, key="once")
    theirs = eve.post("/v1/orders", {"items": items((sku, 1)), "address_id": shop.address(eve)}, key="once")
    assert theirs.status == 201
    assert theirs.json["id"] != mine.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 129, "tab\tkey", "ключ"])
def test_an_order_without_a_proper_key_is_refused(shop: Shop, key: str) -> None:
    sku, lin = shop.sku(), shop.customer()
    answer = lin.post("/v1/orders", {"items": items((sku, 1))}, headers={"idempotency-key": key})
    assert (answer.status, answer.code) == (400, "idempotency_key_required")


def test_a_refused_order_does_not_use_up_its_key(shop: Shop) -> None:
    sku, lin = shop.sku(stock=1), shop.customer()
    body = {"items": items((sku, 2)), "address_id": shop.address(lin)}
    assert lin.post("/v1/orders", body, key="once").code == "out_of_stock"
    shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 5, "reason": "found more"})
    assert lin.post("/v1/orders", body, key="once").status == 201


@pytest.mark.rule("B23")
def test_one_customer_cannot_keep_many_unpaid_orders(shop: Shop) -> None:
    sku, lin = shop.sku(stock=10), shop.customer()
    with configured(SOUK_MOST_OPEN_ORDERS="2"):
        first = shop.order(lin, sku)
        shop.order(lin, sku)
        third = lin.post("/v1/orders", {"items": items((sku, 1)), "address_id": shop.address(lin)})
        assert (third.status, third.code) == (409, "too_many_open_orders")
        assert shop.stock(sku)["reserved"] == 2
        lin.post(f"/v1/orders/{first['id']}/cancel")
        assert shop.order(lin, sku)["status"] == "pending_payment"


@pytest.mark.rule("B23")
def test_one_customer_cannot_hold_many_units_of_a_sku(shop: Shop) -> None:
    sku, lin = shop.sku(stock=50), shop.customer()
    with configured(SOUK_MOST_RESERVED_UNITS="5"):
        shop.order(lin, sku, 3)
        more = lin.post("/v1/orders", {"items": items((sku, 3)), "address_id": shop.address(lin)})
        assert (more.status, more.code) == (409, "too_many_reserved")
        assert shop.stock(sku)["reserved"] == 3
        assert shop.order(shop.customer(), sku, 5)["status"] == "pending_payment"


def test_a_quote_prices_the_same_as_the_order_and_writes_nothing(shop: Shop) -> None:
    sku, lin = shop.sku(price=1250), shop.customer()
    body = {"items": items((sku, 3)), "address_id": shop.address(lin)}
    before = len(every_item())
    quote = lin.post("/v1/orders/quote", body).json
    assert len(every_item()) == before
    assert quote["totals"] == lin.post("/v1/orders", body).json["totals"]
    assert [(rule["rule"], rule["outcome"], rule["reason"]) for rule in quote["rules"]] == [
        ("shipping", "skipped", "shop_ships_free")
    ]


@pytest.mark.ledger("S1-047", "S4-068")
def test_lists_counts_and_detail_follow_the_state(shop: Shop) -> None:
    sku, lin = shop.sku(stock=9), shop.customer()
    orders = []
    for _ in range(3):
        shop.clock.advance(seconds=1)
        orders.append(shop.order(lin, sku))
    lin.post(f"/v1/orders/{orders[1]['id']}/cancel")
    ids = [row["id"] for row in lin.get("/v1/orders").json["data"]]
    assert ids == [order["id"] for order in reversed(orders)]
    cancelled = lin.get("/v1/orders?status=cancelled").json["data"]
    assert [row["id"] for row in cancelled] == [orders[1]["id"]]
    counts = lin.get("/v1/orders/counts").json
    assert (counts["pending_payment"], counts["cancelled"], counts["paid"]) == (2, 1, 0)
    assert shop.admin.get("/v1/admin/orders?status=cancelled").json["data"][0]["id"] == orders[1]["id"]


def calls_of(person: Person, method: str, url: str, body: object = None) -> int:
    """Store calls of one request, in a process that knows the session and the tenant already."""
    person.get("/v1/me")
    with metering() as meter:
        answer = person.post(url, body) if method == "POST" else person.get(url)
    assert answer.status < 300, answer.text
    return meter.calls


@pytest.mark.ledger("S0-010")
def test_orders_keep_to_their_store_calls(shop: Shop) -> None:
    lin = shop.customer()
    skus = [shop.sku(stock=50) for _ in range(5)]
    body = {"items": items(*((sku, 1) for sku in skus)), "address_id": shop.address(lin)}
    assert calls_of(lin, "POST", "/v1/orders", body) <= 3
    order_id = lin.get("/v1/orders").json["data"][0]["id"]
    assert calls_of(lin, "GET", f"/v1/orders/{order_id}") == 1
    assert calls_of(lin, "GET", "/v1/orders") == 1
    assert calls_of(lin, "GET", "/v1/orders/counts") == 1
    for sku in skus:
        lin.put(f"/v1/cart/items/{sku}", {"quantity": 1})
    assert calls_of(lin, "POST", "/v1/orders", {"address_id": body["address_id"]}) <= 3
    assert calls_of(lin, "POST", f"/v1/orders/{order_id}/cancel") <= 2
