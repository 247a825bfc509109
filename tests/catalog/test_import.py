"""Importing a catalogue: good rows kept, bad ones named, nothing twice."""

import copy
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.catalog import importing
from chalicelib.core import clock as clocks
from chalicelib.store import get_many
from tests.jobs import of_kind
from tests.shop import Answer, Shop, send
from tests.unchanged import nothing_changes

URL = "/v1/admin/products/import"


def a_row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "title": f"Ware {number}",
        "on_sale": "1",
        "skus": [{"id": f"{number}-a", "specifications": ["plain"], "price": 100, "stock": 4}],
        **more,
    }


def send_file(shop: Shop, *products: Any, **more: Any) -> Answer:
    return shop.admin.post(URL, {"products": list(products)} | more)


def counts(answer: Answer, section: str = "products") -> tuple[int, int, int, int]:
    assert answer.status == 200, answer.text
    found = answer.json[section]
    return found["created"], found["updated"], found["unchanged"], found["failed"]


def only_product() -> dict[str, Any]:
    (row,) = send("GET", "/v1/products").json["data"]
    page: dict[str, Any] = send("GET", f"/v1/products/{row['id']}").json
    return page


def test_a_row_becomes_a_product_on_the_shelf(shop: Shop) -> None:
    file = {
        "source": "the old shop",
        "categories": [{"id": "c1", "name": "Tea", "parent_id": "c0"}, {"id": "c0", "name": "Home"}],
        "brands": [{"id": "b1", "name": "Ailan", "description": "Porcelain."}],
    }
    facts = [{"name": "glaze", "value": "celadon"}]
    row = a_row(
        1, category_id="c1", brand_id="b1", keywords="tea，cup", is_new=1, unit="piece", attributes=facts
    )
    answer = send_file(shop, row, **file)
    assert [counts(answer, one) for one in ("categories", "brands")] == [(2, 0, 0, 0), (1, 0, 0, 0)]
    assert (counts(answer), answer.json["problems"], answer.json["left"]) == ((1, 0, 0, 0), [], 0)
    page = only_product()
    assert (page["title"], page["tags"], page["kind"]) == ("Ware 1", ["new", "tea", "cup"], "physical")
    assert page["attributes"] == [*facts, {"name": "unit", "value": "piece"}]
    assert (page["skus"][0]["attributes"], page["skus"][0]["available"]) == ({"spec": "plain"}, 4)
    (home,) = send("GET", "/v1/categories").json["data"]
    assert page["category_id"] == home["children"][0]["id"]


def test_the_example_of_the_documentation_comes_in_whole(shop: Shop) -> None:
    page = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    example = page.split("```json\n")[1].partition("```")[0]
    answer = send_file(shop, **json.loads(example))
    assert [counts(answer, section) for section in ("categories", "brands", "products")] == [(1, 0, 0, 0)] * 3
    assert only_product()["tags"] == ["hot", "床品", "纯棉"]


def test_the_same_file_again_writes_nothing(shop: Shop) -> None:
    file = [a_row(n) for n in range(5)]
    send_file(shop, *file, brands=[{"id": "b", "name": "Ailan"}])
    with nothing_changes():
        answer = send_file(shop, *file, brands=[{"id": "b", "name": "Ailan"}])
        assert (counts(answer), counts(answer, "brands")) == ((0, 0, 5, 0), (0, 0, 1, 0))


def test_a_changed_row_never_touches_stock_nor_the_shelf(shop: Shop) -> None:
    send_file(shop, a_row(1))
    page = only_product()
    sku = page["skus"][0]["id"]
    shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": -1, "reason": "sold on the market"})
    shop.admin.post(f"/v1/admin/products/{page['id']}/unpublish")
    changed = a_row(1, title="Ware one")
    changed["skus"].append({"id": "1-b", "specifications": ["gilt", "large"], "price": 200, "stock": 9})
    changed["skus"][0] |= {"stock": 50, "price": 120}
    assert counts(send_file(shop, changed)) == (0, 1, 0, 0)
    now = shop.admin.get(f"/v1/admin/products/{page['id']}").json
    assert (now["title"], now["status"]) == ("Ware one", "draft")
    assert [(one["id"], one["price"]["amount"], one["available"]) for one in now["skus"]] == [
        (sku, 120, 3),
        (sku[:-1] + "2", 200, 9),
    ]
    assert now["skus"][1]["attributes"] == {"spec_1": "gilt", "spec_2": "large"}


def test_a_sku_that_left_the_file_is_retired_and_one_made_by_hand_stays(shop: Shop) -> None:
    row = a_row(1)
    row["skus"].append({"id": "1-b", "specifications": ["gilt"], "price": 200})
    send_file(shop, row)
    page = only_product()
    skus = [{"id": sku["id"], "price": sku["price"], "attributes": sku["attributes"]} for sku in page["skus"]]
    by_hand = {"price": {"amount": 7, "currency": "CNY"}, "barcode": "690", "stock": 2}
    shop.admin.put(f"/v1/admin/products/{page['id']}", {"title": "Ware 1", "skus": [*skus, by_hand]})
    del row["skus"][1]
    assert counts(send_file(shop, row)) == (0, 1, 0, 0)
    now = shop.admin.get(f"/v1/admin/products/{page['id']}").json["skus"]
    assert [(sku["id"][-2:], sku["is_retired"], sku["barcode"]) for sku in now] == [
        ("01", False, None),
        ("03", False, "690"),
        ("02", True, None),
    ]


def test_an_edit_by_staff_outlives_the_same_file(shop: Shop) -> None:
    send_file(shop, a_row(1))
    page = only_product()
    sku = {"id": page["skus"][0]["id"], "price": {"amount": 1, "currency": "CNY"}}
    body = {"title": "Better", "description": "Much.", "skus": [sku]}
    shop.admin.put(f"/v1/admin/products/{page['id']}", body)
    assert counts(send_file(shop, a_row(1))) == (0, 0, 1, 0)
    assert only_product()["title"] == "Better"
    assert counts(send_file(shop, a_row(1, title="Best"))) == (0, 1, 0, 0)
    assert (only_product()["title"], only_product()["description"]) == ("Best", "Much.")


BAD_ROWS: dict[str, tuple[Any, str]] = {
    "not an object": (7, "model_type"),
    "no id": ({"title": "x"}, "missing"),
    "unknown field": (a_row(1, colour="red"), "extra_forbidden"),
    "price as text": (a_row(1, skus=[{"id": "a", "price": "100"}]), "int_type"),
    "negative stock": (a_row(1, skus=[{"id": "a", "price": 1, "stock": -1}]), "greater_than_equal"),
    "on sale perhaps": (a_row(1, on_sale="maybe"), "bool_type"),
    "same sku twice": (a_row(1, skus=[{"id": "a", "price": 1}, {"id": "a", "price": 2}]), "duplicate_id"),
    "unknown category": (a_row(1, category_id="nowhere"), "unknown"),
    "unknown brand": (a_row(1, brand_id="nobody"), "unknown"),
    "other currency": (a_row(1, currency="USD"), "currency_mismatch"),
    "stocked card keys": (a_row(1, kind="card_key"), "stock_is_counted"),
    "too many skus": (a_row(1, skus=[{"id": str(n), "price": 1} for n in range(91)]), "too_many_new"),
}


@pytest.mark.ledger("S1-025")
@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_named_and_the_good_ones_are_kept(shop: Shop, case: str) -> None:
    bad, code = BAD_ROWS[case]
    answer = send_file(shop, a_row(8), bad, a_row(9))
    assert counts(answer) == (2, 0, 0, 1)
    (problem,) = answer.json["problems"]
    assert (problem["row"], problem["code"]) == ("products/1", code)
    assert len(of_kind("product")) == 2


def test_an_id_that_stands_twice_counts_once(shop: Shop) -> None:
    answer = send_file(shop, a_row(1), a_row(1, title="Again"))
    assert counts(answer) == (1, 0, 0, 1)
    assert answer.json["problems"] == [
        {"row": "products/1", "id": "1", "code": "duplicate_id", "message": "id: is the id of products/0 too"}
    ]
    assert only_product()["title"] == "Ware 1"


def test_categories_that_go_round_in_a_circle_are_refused(shop: Shop) -> None:
    circle = [{"id": "a", "name": "A", "parent_id": "b"}, {"id": "b", "name": "B", "parent_id": "a"}]
    lost = [{"id": "c", "name": "C", "parent_id": "nowhere"}, {"id": "d", "name": "D", "parent_id": "c"}]
    answer = send_file(shop, categories=[*circle, *lost, {"id": "e", "name": "E"}])
    assert counts(answer, "categories") == (1, 0, 0, 4)
    assert {problem["code"] for problem in answer.json["problems"]} == {"category_tree"}


def test_what_is_not_on_sale_is_a_draft(shop: Shop) -> None:
    assert counts(send_file(shop, a_row(1, on_sale="0"), a_row(2, on_sale=False), a_row(3, skus=[]))) == (
        3,
        0,
        0,
        0,
    )
    assert send("GET", "/v1/products").json["data"] == []
    assert len(shop.admin.get("/v1/admin/products?status=draft").json["data"]) == 3


def test_more_than_five_megabytes_are_refused(shop: Shop) -> None:
    raw = json.dumps({"products": [a_row(1, brief="x" * (5 * 1024 * 1024))]}).encode()
    answer = send("POST", URL, raw=raw, token=shop.admin.token)
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize("body", [{"products": {}}, {"goods": []}, [], {"products": None}])
def test_a_file_of_another_form_is_refused(shop: Shop, body: Any) -> None:
    answer = shop.admin.post(URL, body)
    assert (answer.status, answer.code) == (422, "invalid")


class _Hasty:
    """A clock on which every look costs seconds."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        self._at += timedelta(seconds=3)
        return self._at


def test_when_time_runs_out_the_rest_is_left_for_the_next_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_ROWS", 1)
    token, file = shop.admin.token, {"products": [a_row(n) for n in range(6)]}
    with clocks.use(_Hasty(shop.clock.now())):
        first = send("POST", URL, file, token=token)
    made, left = first.json["products"]["created"], first.json["left"]
    assert (made + left, made > 0, left > 0) == (6, True, True)
    assert counts(send("POST", URL, file, token=token)) == (left, 0, made, 0)


def test_a_group_that_is_refused_goes_row_by_row(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [a_row(n) for n in range(3)]
    outrun = copy.deepcopy(rows[1])
    look, twin = get_many, [outrun]

    def slow_look(refs: Any) -> Any:
        """Another import writes one of the rows just after this one has looked."""
        found = look(refs)
        if twin:
            row = twin.pop()
            assert counts(send_file(shop, row)) == (1, 0, 0, 0)
        return found

    monkeypatch.setattr(importing, "get_many", slow_look)
    assert counts(send_file(shop, *rows)) == (2, 0, 1, 0)
    assert len(of_kind("product")) == len(of_kind("stock")) == 3
