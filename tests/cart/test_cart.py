"""A customer's cart: what is in it, what it costs, what is wrong with it."""

from typing import Any

import pytest

from chalicelib.cart.entities import MOST_LINES
from chalicelib.tenants import service as tenants
from tests.jobs import of_kind
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes

UNKNOWN = "sku_01KJ0000000000000000000001"


def put(person: Person, sku: str, quantity: Any = 1, **more: Any) -> Answer:
    return person.put(f"/v1/cart/items/{sku}", {"quantity": quantity, **more})


def seen(answer: Answer) -> list[tuple[str, int, bool]]:
    assert answer.status == 200, answer.text
    return [(line["sku_id"], line["quantity"], line["selected"]) for line in answer.json["items"]]


def amounts(answer: Answer) -> dict[str, int]:
    assert {total["currency"] for total in answer.json["totals"].values()} == {"CNY"}
    return {name: total["amount"] for name, total in answer.json["totals"].items()}


def problems(person: Person) -> list[list[dict[str, Any]]]:
    return [line["problems"] for line in person.get("/v1/cart").json["items"]]


def carriage(fee: int, free_from: int | None = None) -> None:
    """The shop's terms, changed by hand."""
    from chalicelib.core.context import system
    from chalicelib.store import transaction

    shop = tenants.of(system("default"))
    shop.shipping_fee, shop.free_shipping_from = fee, free_from
    with transaction(system("default")) as tx:
        tx.replace("tenant", shop)
    tenants.forget()


@pytest.mark.ledger("S1-027", "S4-065")
def test_skus_are_put_in_changed_and_taken_out(shop: Shop) -> None:
    cup, bowl, lin = shop.sku(price=100), shop.sku(price=250), shop.customer()
    put(lin, cup, 2)
    assert seen(put(lin, bowl)) == [(cup, 2, True), (bowl, 1, True)]
    assert seen(put(lin, cup, 5)) == [(cup, 5, True), (bowl, 1, True)]
    assert seen(lin.delete(f"/v1/cart/items/{bowl}")) == [(cup, 5, True)]
    assert seen(lin.delete(f"/v1/cart/items/{bowl}")) == [(cup, 5, True)]
    assert seen(lin.get("/v1/cart")) == [(cup, 5, True)]


def test_a_line_shows_what_it_is_and_costs(shop: Shop) -> None:
    product, lin = shop.product(title="Tea cup", price=1999, image="/cup.jpg"), shop.customer()
    put(lin, product["skus"][0]["id"], 3)
    (line,) = lin.get("/v1/cart").json["items"]
    assert line == {
        "sku_id": product["skus"][0]["id"],
        "product_id": product["id"],
        "title": "Tea cup",
        "image": "/cup.jpg",
        "attributes": {"size": "0"},
        "quantity": 3,
        "selected": True,
        "unit_price": {"amount": 1999, "currency": "CNY"},
        "line_total": {"amount": 5997, "currency": "CNY"},
        "problems": [],
    }


@pytest.mark.ledger("S1-027", "S4-066")
def test_selecting_decides_what_is_counted(shop: Shop) -> None:
    cup, bowl, lin = shop.sku(price=100), shop.sku(price=250), shop.customer()
    put(lin, cup), put(lin, bowl, 2)
    answer = lin.post("/v1/cart/select", {"sku_ids": [cup, UNKNOWN], "selected": False})
    assert (seen(answer), amounts(answer)["payable"]) == ([(cup, 1, False), (bowl, 2, True)], 500)
    assert seen(put(lin, cup, 4)) == [(cup, 4, False), (bowl, 2, True)]
    assert seen(put(lin, cup, 4, selected=True))[0] == (cup, 4, True)
    nothing = lin.post("/v1/cart/select", {"sku_ids": None, "selected": False})
    assert amounts(nothing) == {"items": 0, "discount": 0, "shipping": 0, "payable": 0}
    assert amounts(lin.post("/v1/cart/select", {"sku_ids": None, "selected": True}))["payable"] == 900


@pytest.mark.ledger("S1-027", "S4-066")
def test_a_cleared_cart_is_empty_and_costs_nothing(shop: Shop) -> None:
    lin = shop.customer()
    put(lin, shop.sku())
    for answer in (lin.delete("/v1/cart"), lin.delete("/v1/cart"), lin.get("/v1/cart")):
        assert (seen(answer), set(amounts(answer).values())) == ([], {0})


def test_everybody_has_a_cart_of_their_own(shop: Shop) -> None:
    sku, lin, mei = shop.sku(), shop.customer(), shop.customer()
    put(lin, sku, 2)
    assert seen(mei.get("/v1/cart")) == []
    mei.delete("/v1/cart")
    assert seen(lin.get("/v1/cart")) == [(sku, 2, True)]


@pytest.mark.ledger("S1-031")
def test_a_line_tells_when_there_is_too_little_or_nothing(shop: Shop) -> None:
    sku, lin = shop.sku(stock=3), shop.customer()
    put(lin, sku, 5)
    assert problems(lin) == [[{"code": "insufficient_stock", "available": 3, "was": None}]]
    shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": -3, "reason": "broken"})
    assert problems(lin) == [[{"code": "out_of_stock", "available": 0, "was": None}]]


@pytest.mark.ledger("S1-031")
def test_a_line_tells_that_its_price_moved_until_it_is_put_in_again(shop: Shop) -> None:
    product, lin = shop.product(price=100), shop.customer()
    sku = product["skus"][0]["id"]
    put(lin, sku, 2)
    dearer = [{"id": sku, "price": {"amount": 150, "currency": "CNY"}}]
    shop.admin.put(f"/v1/admin/products/{product['id']}", {"title": "A cup", "skus": dearer})
    assert problems(lin) == [
        [{"code": "price_changed", "available": None, "was": {"amount": 100, "currency": "CNY"}}]
    ]
    assert amounts(lin.get("/v1/cart"))["payable"] == 300
    assert put(lin, sku, 2).json["items"][0]["problems"] == []


@pytest.mark.ledger("S1-031")
@pytest.mark.parametrize("how", ["unpublished", "archived", "retired"])
def test_what_left_the_shelf_is_shown_but_not_counted(shop: Shop, how: str) -> None:
    product, lin = shop.product(title="Tea cup", skus=2, price=100), shop.customer()
    gone, stays = (sku["id"] for sku in product["skus"])
    put(lin, gone, 2)
    url = f"/v1/admin/products/{product['id']}"
    if how == "unpublished":
        shop.admin.post(f"{url}/unpublish")
    elif how == "archived":
        shop.admin.delete(url)
    else:
        keep = [{"id": stays, "price": product["skus"][1]["price"]}]
        shop.admin.put(url, {"title": "Tea cup", "skus": keep})
    answer = lin.get("/v1/cart")
    (line,) = answer.json["items"]
    assert (line["title"], line["line_total"]["amount"], line["problems"][0]["code"]) == (
        "Tea cup",
        200,
        "off_shelf",
    )
    assert set(amounts(answer).values()) == {0}
    assert put(lin, gone, 1).code == "sku_not_found"


@pytest.mark.ledger("S1-030", "S4-066")
def test_a_quote_tells_what_every_rule_did(shop: Shop) -> None:
    carriage(fee=800, free_from=1000)
    cup, lin = shop.sku(price=300), shop.customer()
    put(lin, cup, 2)
    put(lin, shop.sku(), 1, selected=False)
    small = lin.post("/v1/cart/quote")
    assert [(line["sku_id"], line["discount"]["amount"]) for line in small.json["items"]] == [(cup, 0)]
    assert amounts(small) == {"items": 600, "discount": 0, "shipping": 800, "payable": 1400}
    (rule,) = small.json["rules"]
    assert (rule["rule"], rule["outcome"], rule["reason"]) == ("shipping", "applied", "flat_fee")
    put(lin, cup, 4)
    large = lin.post("/v1/cart/quote")
    assert (amounts(large)["payable"], large.json["rules"][0]["reason"]) == (1200, "free_limit_reached")


def test_what_is_not_carried_costs_no_carriage(shop: Shop) -> None:
    carriage(fee=800)
    lin = shop.customer()
    put(lin, shop.sku(kind="card_key", price=300, stock=1))
    assert amounts(lin.get("/v1/cart")) == {"items": 300, "discount": 0, "shipping": 0, "payable": 300}


def test_the_largest_cart_still_has_a_price(shop: Shop) -> None:
    lin = shop.customer()
    put(lin, shop.sku(price=10**10), 999)
    assert amounts(lin.get("/v1/cart"))["payable"] == 999 * 10**10


def test_a_full_cart_takes_no_further_line_but_changes_the_ones_it_has(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.cart.changing.MOST_LINES", 2)
    lin, (one, two, three) = shop.customer(), [shop.sku() for _ in range(3)]
    put(lin, one), put(lin, two)
    answer = put(lin, three)
    assert (answer.status, answer.code, answer.json["most"]) == (409, "cart_full", 2)
    assert seen(put(lin, two, 9)) == [(one, 1, True), (two, 9, True)]
    assert MOST_LINES == 100


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1000}, "quantity"),
        ({"quantity": 10**30}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": "2"}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({}, "quantity"),
        ({"quantity": 1, "selected": "yes"}, "selected"),
        ({"quantity": 1, "price": 1}, "price"),
    ],
)
def test_a_quantity_that_is_no_count_changes_nothing(shop: Shop, body: dict[str, Any], field: str) -> None:
    sku, lin = shop.sku(), shop.customer()
    answer = lin.put(f"/v1/cart/items/{sku}", body)
    assert (answer.status, answer.code, answer.json["errors"][0]["field"]) == (422, "invalid", field)
    assert of_kind("cart") == []


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("select", {"selected": True}, "sku_ids"),
        ("select", {"sku_ids": ["cup"], "selected": True}, "sku_ids.0"),
        ("select", {"sku_ids": [UNKNOWN] * 101, "selected": True}, "sku_ids"),
        ("merge", {"items": [{"sku_id": UNKNOWN, "quantity": 0}]}, "items.0.quantity"),
        ("merge", {"items": [{"sku_id": "cup", "quantity": 1}]}, "items.0.sku_id"),
        ("merge", {"items": {}}, "items"),
    ],
)
def test_a_bad_selection_or_merge_is_named_by_its_field(
    shop: Shop, path: str, body: dict[str, Any], field: str
) -> None:
    lin = shop.customer()
    with nothing_changes():
        answer = lin.post(f"/v1/cart/{path}", body)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


def test_a_sku_that_is_not_sold_is_not_found(shop: Shop) -> None:
    lin, draft = shop.customer(), shop.product()
    shop.admin.post(f"/v1/admin/products/{draft['id']}/unpublish")
    for sku in (UNKNOWN, draft["skus"][0]["id"], draft["skus"][0]["id"][:-1] + "9"):
        answer = put(lin, sku)
        assert (answer.status, answer.code) == (404, "sku_not_found")
    assert put(lin, "cup").code == "not_found"
    assert of_kind("cart") == []


def test_another_tenants_sku_is_not_found(shop: Shop) -> None:
    sku = shop.sku()
    tenants.ensure("other", "Another shop")
    headers = {"x-tenant": "other"}
    answer = send("PUT", f"/v1/cart/items/{sku}", {"quantity": 1}, headers=headers)
    assert (answer.status, answer.code) == (404, "sku_not_found")


def test_an_order_takes_the_selected_lines_and_leaves_the_others(shop: Shop) -> None:
    cup, bowl, lin = shop.sku(), shop.sku(), shop.customer()
    put(lin, cup, 2), put(lin, bowl, 1, selected=False)
    answer = lin.post("/v1/orders", {"address_id": shop.address(lin)})
    assert answer.status == 201, answer.text
    assert [line["sku_id"] for line in answer.json["items"]] == [cup]
    assert seen(lin.get("/v1/cart")) == [(bowl, 1, False)]


def test_reading_is_two_store_calls_and_changing_three(shop: Shop) -> None:
    skus, debug = [shop.sku() for _ in range(3)], {"x-debug-cost": "1"}
    costs = [
        shop.admin.put(f"/v1/cart/items/{sku}", {"quantity": 1}, headers=debug).headers["x-cost"]
        for sku in skus
    ]
    costs.append(shop.admin.get("/v1/cart", headers=debug).headers["x-cost"])
    costs.append(shop.admin.post("/v1/cart/quote", headers=debug).headers["x-cost"])
    assert [cost.partition(";")[0] for cost in costs] == ["calls=3"] * 3 + ["calls=2"] * 2
