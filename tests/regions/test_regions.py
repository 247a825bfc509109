"""The tree of divisions, through the API and as data."""

import json
from typing import Any

import pytest

from chalicelib.regions import tree
from tests.shop import Answer, send
from tests.unchanged import store_calls


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [region["name"] for region in answer.json["data"]]


def count(regions: list[dict[str, Any]]) -> int:
    return sum(1 + count(region["children"] or []) for region in regions)


@pytest.mark.ledger("S4-072", "S4-186")
def test_a_form_asks_for_provinces_then_cities_then_districts() -> None:
    assert names(send("GET", "/v1/regions"))[:3] == ["北京市", "天津市", "河北省"]
    assert names(send("GET", "/v1/regions?parent=330000"))[:2] == ["杭州市", "宁波市"]
    districts = send("GET", "/v1/regions?parent=330100")
    assert "西湖区" in names(districts)
    assert {region["level"] for region in districts.json["data"]} == {"district"}


def test_the_whole_tree_comes_in_one_answer_that_a_function_may_give() -> None:
    whole = send("GET", "/v1/regions?depth=3")
    assert (len(whole.json["data"]), count(whole.json["data"])) == (31, 3231)
    assert len(whole.text.encode()) < 1024 * 1024


@pytest.mark.parametrize(("query", "many"), [("", 31), ("?depth=2", 375), ("?parent=330000&depth=2", 101)])
def test_no_more_levels_are_sent_than_were_asked_for(query: str, many: int) -> None:
    assert count(send("GET", f"/v1/regions{query}").json["data"]) == many


def test_below_a_district_there_is_nothing() -> None:
    assert names(send("GET", "/v1/regions?parent=330106")) == []


@pytest.mark.ledger("S4-072")
def test_a_region_is_shown_with_the_way_to_it() -> None:
    region = send("GET", "/v1/regions/330106").json
    assert (region["name"], region["level"]) == ("西湖区", "district")
    assert [step["name"] for step in region["path"]] == ["浙江省", "杭州市", "西湖区"]
    assert [step["code"] for step in region["path"]] == ["330000", "330100", "330106"]


@pytest.mark.parametrize(("code", "name"), [("441900", "东莞市"), ("442000", "中山市"), ("460400", "儋州市")])
def test_a_city_without_districts_stands_below_itself(code: str, name: str) -> None:
    region = send("GET", f"/v1/regions/{code}").json
    assert [(step["level"], step["name"]) for step in region["path"]][1:] == [
        ("city", name),
        ("district", name),
    ]
    assert names(send("GET", f"/v1/regions?parent={code}")) == [name]


@pytest.mark.parametrize("code", ["999999", "000000", "33010", "3301066", "x", "33010６"])
def test_a_region_that_is_not_there_is_a_404(code: str) -> None:
    answer = send("GET", f"/v1/regions/{code}")
    assert (answer.status, answer.code) == (404, "not_found")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("parent=999999", "parent", "unknown_region"),
        ("parent=x", "parent", "string_pattern_mismatch"),
        ("depth=0", "depth", "greater_than_equal"),
        ("depth=4", "depth", "less_than_equal"),
        ("level=1", "level", "extra_forbidden"),
    ],
)
def test_a_question_of_the_wrong_form_is_refused(query: str, field: str, code: str) -> None:
    answer = send("GET", f"/v1/regions?{query}")
    assert answer.status == 422
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [(field, code)]


@pytest.mark.parametrize("url", ["/v1/regions?depth=3", "/v1/regions/330106"])
def test_who_has_an_answer_is_not_sent_it_again(url: str) -> None:
    first = send("GET", url)
    assert first.headers["cache-control"] == "public, max-age=86400"
    for kept in (first.headers["etag"], f"W/{first.headers['etag']}"):
        again = send("GET", url, headers={"if-none-match": kept})
        assert (again.status, again.text) == (304, "")
        assert again.headers["etag"] == first.headers["etag"]
    assert send("GET", url, headers={"if-none-match": '"other"'}).text == first.text


def test_two_questions_have_two_tags() -> None:
    tags = {send("GET", f"/v1/regions?{query}").headers["etag"] for query in ("", "depth=2", "parent=330000")}
    assert len(tags) == 3


def test_the_store_is_not_asked_and_neither_is_anybody_who_they_are(table: None) -> None:
    with store_calls() as calls:
        answer = send("GET", "/v1/regions", token="expired", headers={"x-tenant": "nobody"})
    assert (answer.status, calls) == (200, [])


def test_the_tree_is_whole() -> None:
    every = list(tree.every())
    assert [sum(one.level == level for one in every) for level in tree.LEVELS] == [31, 344, 2856]
    for one in every:
        assert len(one.path) == tree.LEVELS.index(one.level) + 1
        assert all(one.code.startswith(step.code.rstrip("0")) for step in one.above)
        assert bool(one.children) == (one.level != "district")
    twice = {one.code for one in every if one.level == "city"} & {
        one.code for one in every if one.level == "district"
    }
    assert len(every) == len({one.code for one in every}) + len(twice)
    assert json.dumps([one.name for one in every], ensure_ascii=False).isprintable()
