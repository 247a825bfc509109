"""What everybody sees: the lists and the page of a product."""

from typing import Any

import pytest

from chalicelib.tenants import service as tenants
from tests.shop import Shop, send


def titles(query: str = "") -> list[str]:
    answer = send("GET", f"/v1/products{query}")
    assert answer.status == 200, answer.text
    return [row["title"] for row in answer.json["data"]]


def on_shelf(shop: Shop, *wares: dict[str, Any]) -> None:
    """Products put on the shelf one after another."""
    for ware in wares:
        shop.product(**ware)
        shop.clock.advance(seconds=1)


def filed(shop: Shop, what: str) -> str:
    return str(shop.admin.post(f"/v1/admin/{what}", {"name": "Porcelain"}).json["id"])


@pytest.mark.ledger("S1-022", "S4-059")
def test_a_products_page_shows_all_of_it_and_what_is_left(shop: Shop) -> None:
    product = shop.product(stock=3, skus=2, description="Thin as a leaf.", brief="Thin")
    sold_out = product["skus"][1]["id"]
    url = f"/v1/admin/skus/{sold_out}/stock-adjustments"
    assert shop.admin.post(url, {"delta": -3, "reason": "broken"}).status == 201
    page = send("GET", f"/v1/products/{product['id']}").json
    assert (page["title"], page["brief"], page["description"]) == ("A cup", "Thin", "Thin as a leaf.")
    assert [(sku["available"], sku["in_stock"]) for sku in page["skus"]] == [(3, True), (0, False)]
    assert page["price"] == {"amount": 1999, "currency": "CNY"}


@pytest.mark.ledger("S4-060")
def test_the_skus_of_a_product_are_listed_without_the_retired(shop: Shop) -> None:
    product = shop.product(skus=2)
    stays = {
        "id": product["skus"][0]["id"],
        "price": product["skus"][0]["price"],
        "attributes": {"size": "S"},
    }
    shop.admin.put(f"/v1/admin/products/{product['id']}", {"title": "A cup", "skus": [stays]})
    (sku,) = send("GET", f"/v1/products/{product['id']}/skus").json["data"]
    assert (sku["id"], sku["attributes"], sku["available"]) == (stays["id"], {"size": "S"}, 10)


@pytest.mark.ledger("S1-022")
def test_a_draft_is_seen_by_nobody(shop: Shop) -> None:
    product = shop.product()
    shop.admin.post(f"/v1/admin/products/{product['id']}/unpublish")
    for path in ("", "/skus"):
        answer = send("GET", f"/v1/products/{product['id']}{path}")
        assert (answer.status, answer.code) == (404, "not_found")
    for query in ("", "?sort=price_asc", "?q=cup"):
        assert titles(query) == []


@pytest.mark.ledger("S1-022", "S4-058")
def test_the_newest_stand_first_or_the_cheapest_or_the_dearest(shop: Shop) -> None:
    on_shelf(shop, {"title": "B", "price": 200}, {"title": "C", "price": 300}, {"title": "A", "price": 100})
    assert titles() == ["A", "C", "B"]
    assert titles("?sort=price_asc") == ["A", "B", "C"]
    assert titles("?sort=price_desc") == ["C", "B", "A"]


@pytest.mark.ledger("S4-058")
def test_every_filter_finds_its_own(shop: Shop) -> None:
    category, brand = filed(shop, "categories"), filed(shop, "brands")
    on_shelf(
        shop,
        {"title": "Tea cup", "price": 500, "tags": ["tea"], "category_id": category},
        {"title": "Teapot", "price": 5000, "brief": "For two CUPS", "brand_id": brand},
        {"title": "Brewing tea", "price": 900, "kind": "course", "category_id": category},
    )
    assert titles("?q=cUp") == ["Teapot", "Tea cup"]
    assert titles("?tag=tea") == ["Tea cup"]
    assert titles("?kind=course") == ["Brewing tea"]
    assert titles(f"?brand_id={brand}") == ["Teapot"]
    assert titles(f"?category_id={category}") == ["Brewing tea", "Tea cup"]
    assert titles(f"?category_id={category}&sort=price_asc") == ["Tea cup", "Brewing tea"]
    assert titles("?min_price=900&max_price=5000") == ["Brewing tea", "Teapot"]
    assert titles(f"?category_id={category}&sort=price_desc&max_price=899&q=tea") == ["Tea cup"]


def test_a_code_is_found_in_whatever_case(shop: Shop) -> None:
    sku = {"code": "CUP-Blau", "price": {"amount": 1, "currency": "CNY"}}
    made = shop.admin.post("/v1/admin/products", {"title": "A", "kind": "physical", "skus": [sku]}).json
    shop.admin.post(f"/v1/admin/products/{made['id']}/publish")
    assert titles("?q=cup-BLAU") == ["A"]


@pytest.mark.ledger("S4-058")
@pytest.mark.parametrize(
    "query", ["sort=newest", "sort=price_asc", "sort=price_desc", "q=ware", "kind=physical"]
)
def test_pages_follow_one_another_without_gap_or_repeat(shop: Shop, query: str) -> None:
    on_shelf(shop, *({"title": f"Ware {n}", "price": 100} for n in range(7)))
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        answer = send("GET", f"/v1/products?limit=2&{query}{cursor}").json
        seen += [row["title"] for row in answer["data"]]
        cursor = f"&cursor={answer['next_cursor']}"
    assert answer["next_cursor"] is None
    assert sorted(seen) == [f"Ware {n}" for n in range(7)]


def test_a_cursor_serves_its_own_list_only(shop: Shop) -> None:
    on_shelf(shop, {"title": "A cup"}, {"title": "A bowl"})
    cursor = send("GET", "/v1/products?limit=1&q=a").json["next_cursor"]
    for query in ("q=b", "sort=price_asc", "q=a&kind=physical", "tag=x"):
        answer = send("GET", f"/v1/products?{query}&cursor={cursor}")
        assert (answer.status, answer.code) == (400, "cursor_invalid")


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("min_price=2&max_price=1", "min_price"),
        ("min_price=-1", "min_price"),
        ("max_price=1.5", "max_price"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("sort=oldest", "sort"),
        ("kind=boat", "kind"),
        ("category_id=cups", "category_id"),
        ("q=", "q"),
        ("colour=red", "colour"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(shop: Shop, query: str, field: str) -> None:
    answer = send("GET", f"/v1/products?{query}")
    assert (answer.status, answer.code, answer.json["errors"][0]["field"]) == (422, "invalid", field)


def test_staff_see_each_status_by_itself_and_all_together(shop: Shop) -> None:
    product = shop.product()
    shop.product()
    url = "/v1/admin/products"
    assert len(shop.admin.get(f"{url}?status=published").json["data"]) == 2
    shop.admin.post(f"{url}/{product['id']}/unpublish")
    assert len(shop.admin.get(f"{url}?status=published").json["data"]) == 1
    assert [row["status"] for row in shop.admin.get(f"{url}?status=draft").json["data"]] == ["draft"]
    assert shop.admin.get(f"{url}?status=lost").status == 422
    every = [row["id"] for row in shop.admin.get(url).json["data"]]
    walked: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = shop.admin.get(f"{url}?limit=1{cursor and '&cursor=' + cursor}").json
        walked += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert sorted(walked) == sorted(set(walked)) == sorted(every)
    assert shop.admin.get(f"{url}?cursor=lost.x").code == "cursor_invalid"


def test_another_tenants_product_is_not_there(shop: Shop) -> None:
    product = shop.product()
    tenants.ensure("other", "Another shop")
    other = {"x-tenant": "other"}
    assert send("GET", f"/v1/products/{product['id']}", headers=other).status == 404
    assert send("GET", "/v1/products", headers=other).json["data"] == []


@pytest.mark.parametrize(
    "path",
    ["", "?sort=price_asc", "/{id}", "/{id}/skus", "?q=cup", "?category_id=cat_01KJ0000000000000000000000"],
)
def test_what_customers_read_most_is_one_store_call(shop: Shop, path: str) -> None:
    product = shop.product(skus=3)
    answer = shop.admin.get("/v1/products" + path.format(id=product["id"]), headers={"x-debug-cost": "1"})
    assert answer.headers["x-cost"].startswith("calls=1;")
