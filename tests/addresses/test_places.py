"""An address by its region's code."""

from typing import Any

import pytest

from tests.addresses.writing import HOME, add, wish
from tests.jobs import of_kind
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes

NAMES = ("province", "city", "district")
UNNAMED = {name: value for name, value in HOME.items() if name not in NAMES}
PALACE = {**UNNAMED, "region_code": "110101"}


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def faults(lin: Person, body: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with an address, added or rewritten."""
    known = add(lin)
    with nothing_changes():
        answers = [lin.post("/v1/me/addresses", body), lin.put(f"/v1/me/addresses/{known}", body)]
    assert [answer.status for answer in answers] == [422, 422]
    found = [[(error["field"], error["code"]) for error in answer.json["errors"]] for answer in answers]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.ledger("S4-072")
def test_the_code_says_the_names(lin: Person) -> None:
    made = lin.post("/v1/me/addresses", {**UNNAMED, "region_code": "330106"})
    assert made.status == 201, made.text
    assert [made.json[name] for name in NAMES] == ["浙江省", "杭州市", "西湖区"]
    assert made.json["region_code"] == "330106"
    moved = lin.put(f"/v1/me/addresses/{made.json['id']}", {**UNNAMED, "region_code": "440103"})
    assert [moved.json[name] for name in NAMES] == ["广东省", "广州市", "荔湾区"]


def test_names_that_agree_with_the_code_are_kept(lin: Person) -> None:
    made = lin.post("/v1/me/addresses", wish(region_code="330106"))
    assert [made.json[name] for name in NAMES] == [HOME[name] for name in NAMES]


@pytest.mark.parametrize(("city", "kept"), [("北京市", "北京市"), ("市辖区", "市辖区"), (None, "市辖区")])
def test_a_level_that_only_holds_others_may_go_by_the_name_above_it(
    lin: Person, city: str | None, kept: str
) -> None:
    made = lin.post("/v1/me/addresses", {**PALACE, "city": city})
    assert (made.status, made.json["city"]) == (201, kept)


def test_a_city_without_districts_is_whole_by_its_own_code(lin: Person) -> None:
    made = lin.post("/v1/me/addresses", {**UNNAMED, "region_code": "441900"})
    assert [made.json[name] for name in NAMES] == ["广东省", "东莞市", "东莞市"]


def test_names_that_say_something_else_are_told_one_by_one(lin: Person) -> None:
    body = {**PALACE, "province": "浙江省", "city": "杭州市", "district": "东城区"}
    assert faults(lin, body) == [("province", "differs_from_region"), ("city", "differs_from_region")]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("999999", "unknown_region"),
        ("330100", "region_too_wide"),
        ("330000", "region_too_wide"),
        ("33010", "string_pattern_mismatch"),
        (330106, "string_type"),
    ],
)
def test_a_code_that_is_no_district_is_refused(lin: Person, code: Any, why: str) -> None:
    assert faults(lin, {**UNNAMED, "region_code": code}) == [("region_code", why)]


def test_a_code_of_this_country_is_not_for_another(lin: Person) -> None:
    assert faults(lin, wish(country="SG", region_code="330106")) == [("region_code", "not_in_country")]


def test_without_a_code_all_three_names_are_needed_and_told_in_the_readers_language(lin: Person) -> None:
    answer = lin.post("/v1/me/addresses", UNNAMED, headers={"accept-language": "zh-CN"})
    assert [error["field"] for error in answer.json["errors"]] == list(NAMES)
    assert "必填" in answer.json["errors"][0]["message"]


def test_an_address_from_before_codes_is_still_read(lin: Person) -> None:
    from chalicelib.store import client
    from chalicelib.store.client import table_name

    known = add(lin)
    (item,) = of_kind("address_book")
    item["addresses"]["L"][0]["M"].pop("region_code", None)
    client.client().put_item(TableName=table_name(), Item=item)
    assert lin.get(f"/v1/me/addresses/{known}").json["region_code"] is None


@pytest.mark.ledger("S4-072")
def test_an_order_ships_to_an_address_by_code(lin: Person, shop: Shop) -> None:
    address_id = lin.post("/v1/me/addresses", PALACE).json["id"]
    body = {"items": [{"sku_id": shop.sku(), "quantity": 1}], "address_id": address_id}
    order = lin.post("/v1/orders", body)
    assert order.status == 201, order.text
    assert [order.json["ship_to"][name] for name in NAMES] == ["北京市", "市辖区", "东城区"]
