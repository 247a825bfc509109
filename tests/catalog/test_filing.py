"""Categories and brands."""

import pytest

from tests.shop import Shop, send
from tests.unchanged import nothing_changes


def category(shop: Shop, name: str, **more: object) -> str:
    answer = shop.admin.post("/v1/admin/categories", {"name": name, **more})
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def test_categories_are_a_tree_in_the_order_of_the_shop(shop: Shop) -> None:
    home = category(shop, "Home", sort_order=2)
    category(shop, "Garden", sort_order=1)
    category(shop, "Plates", parent_id=home, sort_order=2)
    cups = category(shop, "Cups", parent_id=home, sort_order=1)
    category(shop, "Tea cups", parent_id=cups)
    tree = send("GET", "/v1/categories").json["data"]
    assert [top["name"] for top in tree] == ["Garden", "Home"]
    assert [below["name"] for below in tree[1]["children"]] == ["Cups", "Plates"]
    assert tree[1]["children"][0]["children"][0]["name"] == "Tea cups"


def test_a_hidden_category_hides_all_below_it(shop: Shop) -> None:
    hidden = category(shop, "Secret", is_visible=False)
    category(shop, "Below", parent_id=hidden)
    assert send("GET", "/v1/categories").json == {"data": []}


def test_a_category_needs_a_parent_that_is_there_and_not_too_deep(shop: Shop) -> None:
    parent = None
    for level in range(5):
        parent = category(shop, f"Level {level}", parent_id=parent)
    with nothing_changes():
        for wrong, code in ((parent, "too_deep"), ("cat_01KJ0000000000000000000000", "unknown")):
            answer = shop.admin.post("/v1/admin/categories", {"name": "One more", "parent_id": wrong})
            assert (answer.status, answer.json["errors"][0]["field"]) == (422, "parent_id")
            assert answer.json["errors"][0]["code"] == code


@pytest.mark.parametrize("path", ["categories", "brands"])
def test_a_creation_repeated_with_its_key_is_one(shop: Shop, path: str) -> None:
    answers = [shop.admin.post(f"/v1/admin/{path}", {"name": "Cups"}, key="once") for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert len(send("GET", f"/v1/{path}").json["data"]) == 1


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize("path", ["categories", "brands"])
@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": 7}, {"name": "x", "colour": 1}, {"name": "x" * 61}]
)
def test_a_bad_name_is_refused(shop: Shop, path: str, body: dict[str, object]) -> None:
    admin = shop.admin
    with nothing_changes():
        answer = admin.post(f"/v1/admin/{path}", body)
        assert (answer.status, answer.code) == (422, "invalid")


def test_brands_are_listed_by_name(shop: Shop) -> None:
    for name in ("Ziwei", "Ailan"):
        shop.admin.post("/v1/admin/brands", {"name": name, "description": f"{name} makes cups."})
    brands = send("GET", "/v1/brands").json["data"]
    assert [brand["name"] for brand in brands] == ["Ailan", "Ziwei"]
    assert brands[0]["description"] == "Ailan makes cups."
