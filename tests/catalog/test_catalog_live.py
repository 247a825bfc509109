"""What needs an engine that is atomic, fast and honest about its units."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.jobs import of_kind
from tests.races.parallel import at_once
from tests.shop import Answer, Shop

pytestmark = pytest.mark.emulator

CATALOGUE = Path(__file__).parents[3] / "shared" / "data" / "catalogue.json"
IMPORT = "/v1/admin/products/import"


@pytest.fixture
def catalogue() -> dict[str, Any]:
    if not CATALOGUE.exists():
        pytest.skip(f"the example catalogue is not at {CATALOGUE}")
    file: dict[str, Any] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return file


def small_file(count: int) -> dict[str, Any]:
    skus = [{"id": "s", "price": 100, "stock": 4}]
    return {
        "products": [
            {"id": str(n), "title": f"Ware {n}", "on_sale": True, "skus": skus} for n in range(count)
        ]
    }


def units(answer: Answer) -> str:
    return answer.headers["x-cost"].partition("rru=")[2].partition(";")[0]


def pages(shop: Shop, url: str) -> list[Answer]:
    """Every page of a list, by its cursor."""
    found: list[Answer] = []
    cursor: str | None = ""
    while cursor is not None:
        page = f"{url}?limit=20" + (f"&cursor={cursor}" if cursor else "")
        found.append(shop.admin.get(page, headers={"x-debug-cost": "1"}))
        cursor = found[-1].json["next_cursor"]
    return found


def ids(listed: list[Answer]) -> list[str]:
    return [row["id"] for answer in listed for row in answer.json["data"]]


@pytest.mark.ledger("S0-011")
def test_a_whole_catalogue_comes_in_at_once_and_every_page_of_it_costs_the_same(
    live_shop: Shop, catalogue: dict[str, Any]
) -> None:
    report = live_shop.admin.post(IMPORT, catalogue).json
    assert (report["products"]["created"], report["problems"], report["left"]) == (239, [], 0)
    assert live_shop.admin.post(IMPORT, catalogue).json["products"]["unchanged"] == 239
    public = pages(live_shop, "/v1/products")
    # one of the 239 is marked as not on sale: it is a draft, which customers do not see
    assert [len({*ids(public)}), len(ids(public)), len(public)] == [238, 238, 12]
    assert {answer.headers["x-cost"].partition(";")[0] for answer in public} == {"calls=1"}
    assert len({units(answer) for answer in public[:-1]}) == 1
    every = ids(pages(live_shop, "/v1/admin/products"))
    assert len(every) == len({*every}) == 239


def test_two_imports_of_one_file_at_once_make_each_product_once(live_shop: Shop) -> None:
    file, admin = small_file(30), live_shop.admin
    answers = at_once([partial(admin.post, IMPORT, file) for _ in range(4)])
    reports = [answer.json["products"] for answer in answers]
    assert sum(report["created"] for report in reports) == 30
    assert sum(report["unchanged"] for report in reports) == 90
    assert [len(of_kind(kind)) for kind in ("product", "stock", "shelf")] == [30, 30, 30]


def test_a_button_pressed_by_many_publishes_once(live_shop: Shop) -> None:
    sku = {"price": {"amount": 100, "currency": "CNY"}}
    made = live_shop.admin.post(
        "/v1/admin/products", {"title": "A cup", "kind": "physical", "skus": [sku]}
    ).json
    url = f"/v1/admin/products/{made['id']}/publish"
    answers = at_once([partial(live_shop.admin.post, url) for _ in range(8)])
    assert {(answer.status, answer.json["version"]) for answer in answers} == {(200, 1)}
    assert [event["name"]["S"] for event in of_kind("event")].count("product.published") == 1


def test_of_edits_over_one_version_one_wins(live_shop: Shop) -> None:
    made = live_shop.admin.post("/v1/admin/products", {"title": "A cup", "kind": "physical"}).json
    url, seen = f"/v1/admin/products/{made['id']}", {"if-match": '"0"'}
    edits = [{"title": f"Cup {n}", "skus": [{"price": {"amount": n, "currency": "CNY"}}]} for n in range(8)]
    answers = at_once([partial(live_shop.admin.put, url, body, headers=seen) for body in edits])
    assert sorted(answer.status for answer in answers) == [200] + [412] * 7
    (winner,) = (answer.json for answer in answers if answer.status == 200)
    assert live_shop.admin.get(url).json == winner
    assert len(of_kind("stock")) == 1
