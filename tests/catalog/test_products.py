"""How staff make a product, change it, and move it on and off the shelf."""

from typing import Any

import pytest

from tests.jobs import of_kind
from tests.shop import Shop, send
from tests.unchanged import nothing_changes

URL = "/v1/admin/products"
CNY = {"amount": 1999, "currency": "CNY"}
UNKNOWN = "01KJ0000000000000000000000"


def a_cup(**more: Any) -> dict[str, Any]:
    skus = [
        {"price": CNY, "attributes": {"size": "S"}, "stock": 3},
        {"price": CNY, "attributes": {"size": "L"}},
    ]
    return {"title": "A cup", "kind": "physical", "skus": skus, **more}


def make(shop: Shop, **more: Any) -> dict[str, Any]:
    answer = shop.admin.post(URL, a_cup(**more))
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def kept(sku: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An existing SKU as an edit names it."""
    known = {name: sku[name] for name in ("id", "code", "barcode", "price", "attributes", "image")}
    return known | changes


def edit(
    shop: Shop, product: dict[str, Any], skus: list[dict[str, Any]], etag: str | None = None, **more: Any
):
    headers = {} if etag is None else {"if-match": etag}
    body = {"title": product["title"], "skus": skus, **more}
    return shop.admin.put(f"{URL}/{product['id']}", body, headers=headers)


def published(shop: Shop) -> dict[str, Any]:
    answer = shop.admin.post(f"{URL}/{make(shop)['id']}/publish")
    assert answer.status == 200, answer.text
    product: dict[str, Any] = answer.json
    return product


@pytest.mark.ledger("S1-016", "S1-017")
def test_a_new_product_is_a_draft_with_its_skus_and_their_stock(shop: Shop) -> None:
    sku = {
        "code": "CUP-S",
        "barcode": "6901234567892",
        "price": CNY,
        "attributes": {"size": "S"},
        "image": "https://shop.test/s.jpg",
        "stock": 7,
    }
    facts = [{"name": "glaze", "value": "celadon"}]
    made = make(shop, skus=[sku], description="Thrown by hand.", tags=["tea"], attributes=facts)
    assert (made["status"], made["description"], made["attributes"]) == ("draft", "Thrown by hand.", facts)
    (shown,) = made["skus"]
    assert {name: shown[name] for name in sku if name != "stock"} == {
        k: v for k, v in sku.items() if k != "stock"
    }
    assert shop.stock(shown["id"])["available"] == shown["available"] == 7
    assert shop.admin.get(f"{URL}/{made['id']}").json == made


def test_a_sku_id_leads_to_its_product(shop: Shop) -> None:
    made = make(shop)
    tails = [sku["id"].removeprefix("sku_") for sku in made["skus"]]
    assert made["id"].endswith("00")
    assert [tail[-2:] for tail in tails] == ["01", "02"]
    assert {f"prd_{tail[:-2]}00" for tail in tails} == {made["id"]}


def test_a_creation_repeated_with_its_key_makes_one_product(shop: Shop) -> None:
    answers = [shop.admin.post(URL, a_cup(), key="once") for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    assert answers[-1].headers["idempotent-replayed"] == "true"
    assert len(of_kind("product")) == 1


def test_a_publication_repeated_with_its_key_gives_the_same_bytes(shop: Shop) -> None:
    url = f"{URL}/{make(shop)['id']}/publish"
    first, again = (shop.admin.post(url, key="shelf") for _ in range(2))
    assert first.text == again.text
    assert first.headers["etag"] == '"1"'


@pytest.mark.ledger("S1-017")
def test_an_edit_keeps_named_skus_adds_new_ones_and_retires_the_rest(shop: Shop) -> None:
    made = make(shop)
    small, large = made["skus"]
    dearer = {"amount": 2999, "currency": "CNY"}
    new = {"price": CNY, "attributes": {"size": "XL"}, "stock": 5}
    skus = edit(shop, made, [kept(large, price=dearer), new]).json["skus"]
    assert [(sku["id"], sku["is_retired"]) for sku in skus] == [
        (large["id"], False),
        (large["id"][:-2] + "03", False),
        (small["id"], True),
    ]
    assert (skus[0]["price"], skus[1]["available"]) == (dearer, 5)
    assert shop.stock(small["id"])["available"] == 3


def test_the_number_of_a_retired_sku_is_never_given_again(shop: Shop) -> None:
    made = make(shop)
    emptied = edit(shop, made, []).json
    again = edit(shop, emptied, [{"price": CNY}]).json
    assert [sku["id"][-2:] for sku in again["skus"] if not sku["is_retired"]] == ["03"]


def test_a_retired_sku_that_is_named_again_comes_back_with_its_stock(shop: Shop) -> None:
    made = make(shop)
    small, large = made["skus"]
    edit(shop, made, [kept(large)])
    skus = edit(shop, made, [kept(small), kept(large)]).json["skus"]
    assert [(sku["id"], sku["is_retired"], sku["available"]) for sku in skus] == [
        (small["id"], False, 3),
        (large["id"], False, 0),
    ]


@pytest.mark.ledger("S1-016")
def test_an_edit_over_an_older_version_is_refused_and_changes_nothing(shop: Shop) -> None:
    made = make(shop)
    etag = shop.admin.get(f"{URL}/{made['id']}").headers["etag"]
    first = edit(shop, made, [], etag, title="A bowl")
    assert (first.status, first.headers["etag"]) == (200, '"1"')
    with nothing_changes():
        second = edit(shop, made, [], etag, title="A plate")
        assert (second.status, second.code) == (412, "version_conflict")


@pytest.mark.parametrize("step", ["publish", "unpublish"])
def test_a_move_over_an_older_version_is_refused(shop: Shop, step: str) -> None:
    product = published(shop)
    answer = shop.admin.post(f"{URL}/{product['id']}/{step}", headers={"if-match": '"0"'})
    assert (answer.status, answer.code) == (412, "version_conflict")


@pytest.mark.ledger("S1-016", "S1-022")
def test_an_archived_product_leaves_the_shop_and_stays_readable_to_staff(shop: Shop) -> None:
    product = published(shop)
    url = f"{URL}/{product['id']}"
    assert shop.admin.delete(url).status == 204
    assert shop.admin.delete(url).status == 204
    assert send("GET", f"/v1/products/{product['id']}").status == 404
    assert send("GET", "/v1/products").json["data"] == []
    assert shop.admin.get(url).json["status"] == "archived"
    assert [row["id"] for row in shop.admin.get(f"{URL}?status=archived").json["data"]] == [product["id"]]
    assert edit(shop, product, []).code == shop.admin.post(f"{url}/publish").code == "product_state"
    assert shop.admin.post(f"{url}/unpublish").json["status"] == "draft"


def test_what_has_nothing_to_sell_is_not_published(shop: Shop) -> None:
    made = make(shop, skus=[])
    answer = shop.admin.post(f"{URL}/{made['id']}/publish")
    assert (answer.status, answer.code) == (409, "nothing_to_sell")
    assert shop.admin.get(f"{URL}/{made['id']}").json == made


def test_the_last_sku_of_a_published_product_is_not_retired(shop: Shop) -> None:
    product = published(shop)
    answer = edit(shop, product, [])
    assert (answer.status, answer.code) == (409, "nothing_to_sell")
    assert shop.admin.get(f"{URL}/{product['id']}").json == product


def test_a_product_published_twice_was_published_once(shop: Shop) -> None:
    product = published(shop)
    again = shop.admin.post(f"{URL}/{product['id']}/publish")
    assert (again.status, again.json) == (200, product)
    assert len([event for event in of_kind("event") if event["name"]["S"] == "product.published"]) == 1


def test_every_change_is_announced(shop: Shop) -> None:
    made = make(shop)
    edit(shop, made, [kept(sku) for sku in made["skus"]])
    for step in ("publish", "unpublish"):
        shop.admin.post(f"{URL}/{made['id']}/{step}")
    shop.admin.delete(f"{URL}/{made['id']}")
    told = {(event["name"]["S"], event["data"]["M"]["version"]["N"]) for event in of_kind("event")}
    assert told == {
        ("product.created", "0"),
        ("product.updated", "1"),
        ("product.published", "2"),
        ("product.unpublished", "3"),
        ("product.archived", "4"),
    }


def test_the_shelf_stands_exactly_while_the_product_is_published(shop: Shop) -> None:
    product = published(shop)
    assert [shelf["lowest_price"]["N"] for shelf in of_kind("shelf")] == ["1999"]
    edit(shop, product, [kept(product["skus"][0], price={"amount": 5, "currency": "CNY"})])
    (shelf,) = of_kind("shelf")
    assert (shelf["lowest_price"]["N"], shelf["card"]["M"]["version"]["N"]) == ("5", "2")
    shop.admin.post(f"{URL}/{product['id']}/unpublish")
    assert of_kind("shelf") == []


@pytest.mark.parametrize(
    ("kind", "units"), [("physical", 0), ("card_key", 0), ("file", 10**9), ("course", 10**9)]
)
def test_unsaid_stock_is_none_of_what_is_counted_and_plenty_of_what_is_copied(
    shop: Shop, kind: str, units: int
) -> None:
    assert make(shop, kind=kind, skus=[{"price": CNY}])["skus"][0]["available"] == units


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no title": ({"title": " "}, "title", "string_too_short"),
    "long title": ({"title": "x" * 201}, "title", "string_too_long"),
    "unknown kind": ({"kind": "boat"}, "kind", "literal_error"),
    "unknown field": ({"colour": "red"}, "colour", "extra_forbidden"),
    "negative price": ({"skus": [{"price": {"amount": -1, "currency": "CNY"}}]}, "skus.0.price.amount", ""),
    "huge price": ({"skus": [{"price": {"amount": 10**30, "currency": "CNY"}}]}, "skus.0.price.amount", ""),
    "broken price": ({"skus": [{"price": {"amount": 1.5, "currency": "CNY"}}]}, "skus.0.price.amount", ""),
    "no currency": ({"skus": [{"price": {"amount": 1}}]}, "skus.0.price.currency", "missing"),
    "other currency": (
        {"skus": [{"price": CNY}, {"price": {"amount": 1, "currency": "USD"}}]},
        "skus.1.price.currency",
        "currency_mismatch",
    ),
    "negative stock": ({"skus": [{"price": CNY, "stock": -1}]}, "skus.0.stock", "greater_than_equal"),
    "text stock": ({"skus": [{"price": CNY, "stock": "3"}]}, "skus.0.stock", "int_type"),
    "card key stock": ({"kind": "card_key"}, "skus.0.stock", "stock_is_counted"),
    "same code": ({"skus": [{"price": CNY, "code": "A"}] * 2}, "skus.1.code", "repeated"),
    "same choice": (
        {"skus": [{"price": CNY, "attributes": {"a": "b"}}] * 2},
        "skus.1.attributes",
        "repeated",
    ),
    "too many skus": ({"skus": [{"price": CNY}] * 201}, "skus", "too_long"),
    "too many new": ({"skus": [{"price": CNY}] * 91}, "skus", "too_many_new"),
    "script image": ({"image": "javascript:alert(1)"}, "image", "string_pattern_mismatch"),
    "no category": ({"category_id": f"cat_{UNKNOWN}"}, "category_id", "unknown"),
    "no brand": ({"brand_id": f"brd_{UNKNOWN}"}, "brand_id", "unknown"),
    "odd category": ({"category_id": "cat_#"}, "category_id", "string_pattern_mismatch"),
    "attributes": ({"skus": [{"price": CNY, "attributes": {"a": 1}}]}, "skus.0.attributes.a", "string_type"),
}


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_written(shop: Shop, case: str) -> None:
    (change, field, code), admin = BAD[case], shop.admin
    with nothing_changes():
        answer = admin.post(URL, a_cup(**change))
        assert (answer.status, answer.code) == (422, "invalid")
        named = answer.json["errors"][0]
        assert (named["field"], named["code"]) == (field, code or named["code"])


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        ({"id": f"sku_{UNKNOWN[:-1]}1"}, "skus.1.id", "sku_unknown"),
        ({"id": "first"}, "skus.1.id", "repeated"),
        ({"id": "second", "stock": 9}, "skus.1.stock", "stock_is_open"),
    ],
)
def test_an_edit_that_misnames_a_sku_changes_nothing(
    shop: Shop, wish: dict[str, Any], field: str, code: str
) -> None:
    made = make(shop)
    first, second = made["skus"]
    wish["id"] = {"first": first["id"], "second": second["id"]}.get(wish["id"], wish["id"])
    answer = edit(shop, made, [kept(first), {"price": CNY, **wish}])
    assert (answer.status, answer.json["errors"][0]["field"], answer.json["errors"][0]["code"]) == (
        422,
        field,
        code,
    )
    assert shop.admin.get(f"{URL}/{made['id']}").json == made


def test_the_kind_of_a_product_is_for_life(shop: Shop) -> None:
    made = make(shop)
    assert edit(shop, made, [], kind="physical").status == 200
    answer = edit(shop, made, [], kind="file")
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "kind_fixed")


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/publish")])
def test_a_product_that_is_not_there_is_not_found(shop: Shop, method: str, path: str) -> None:
    for product_id in (f"prd_{UNKNOWN}", "prd_1", "..%2F"):
        body = {"title": "A cup", "skus": []} if method == "PUT" else None
        answer = send(method, f"{URL}/{product_id}{path}", body, token=shop.admin.token)
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", URL),
        ("GET", URL),
        ("GET", f"{URL}/prd_{UNKNOWN}"),
        ("PUT", f"{URL}/prd_{UNKNOWN}"),
        ("DELETE", f"{URL}/prd_{UNKNOWN}"),
        ("POST", f"{URL}/prd_{UNKNOWN}/publish"),
        ("POST", f"{URL}/prd_{UNKNOWN}/unpublish"),
        ("POST", f"{URL}/import"),
        ("POST", "/v1/admin/categories"),
        ("POST", "/v1/admin/brands"),
    ],
)
def test_only_staff_come_here(shop: Shop, method: str, path: str) -> None:
    assert send(method, path).status == 401
    assert send(method, path, token=shop.customer().token).status == 403


def test_a_draft_is_edited_in_two_store_calls(shop: Shop) -> None:
    made = make(shop)
    debug = {"x-debug-cost": "1"}
    body = {"title": "A bowl", "skus": []}
    assert shop.admin.put(f"{URL}/{made['id']}", body, headers=debug).headers["x-cost"].startswith("calls=2;")
    assert shop.admin.get(f"{URL}/{made['id']}", headers=debug).headers["x-cost"].startswith("calls=1;")
    assert shop.admin.post(URL, a_cup(), headers=debug).headers["x-cost"].startswith("calls=1;")
