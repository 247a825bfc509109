"""Code lists: there from the first day, made a shop's own by its staff, chosen from by its customers."""

from typing import Any

import pytest

from chalicelib.core import remembering
from chalicelib.settings import dictionaries, dictionary_editing
from chalicelib.settings.defaults import DEFAULTS
from tests.audit.test_acts import detail, log
from tests.identity.people import said
from tests.kyc.papers import staff_member
from tests.platform.shops import boss_of, opened
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes, store_calls

URL = "/v1/admin/settings/dictionaries"
GRADES = {"dictionary": "grades", "title": {"en": "Grades", "zh": "等级"}}


def entry(person: Person, name: str, code: str, **more: Any) -> Answer:
    headers = more.pop("headers", None)
    body = {"label": {"en": code.title(), "zh": "某"}, **more}
    return person.put(f"{URL}/{name}/entries/{code}", body, headers=headers)


def shown(name: str, **headers: str) -> list[str]:
    answer = send("GET", f"/v1/dictionaries/{name}", headers=headers)
    assert answer.status == 200, answer.text
    return [one["code"] for one in answer.json["data"]]


@pytest.mark.ledger("S4-186")
@pytest.mark.parametrize("name", DEFAULTS)
def test_a_new_shop_has_its_lists_from_the_first_day(shop: Shop, name: str) -> None:
    answer = send("GET", f"/v1/dictionaries/{name}").json["data"]
    assert len(answer) > 5
    assert all(one["label"]["en"] and one["label"]["zh"] for one in answer)
    assert name in [one["dictionary"] for one in shop.admin.get(URL).json["data"]]


@pytest.mark.ledger("S4-186")
def test_staff_add_change_switch_off_and_put_back_entries(shop: Shop) -> None:
    assert shown("carriers")[:2] == ["sf", "yto"]
    assert entry(shop.admin, "carriers", "best", position=5).status == 200
    assert shown("carriers")[:2] == ["best", "sf"]
    off = entry(shop.admin, "carriers", "sf", enabled=False)
    assert (off.json["is_default"], off.json["is_enabled"]) == (True, False)
    assert "sf" not in shown("carriers")
    listed = shop.admin.get(f"{URL}/carriers?enabled=false").json["data"]
    assert [one["code"] for one in listed] == ["sf"]
    assert shop.admin.delete(f"{URL}/carriers/entries/sf").status == 204
    assert "sf" in shown("carriers"), "as it was at first"
    assert shop.admin.delete(f"{URL}/carriers/entries/best").status == 204
    assert "best" not in shown("carriers")
    token = shop.admin.token
    with nothing_changes():
        stays = send("DELETE", f"{URL}/carriers/entries/sf", token=token)
        assert said(stays) == (409, "default_stays")
        assert send("DELETE", f"{URL}/carriers/entries/best", token=token).status == 404


@pytest.mark.ledger("S4-186")
def test_a_shop_makes_lists_of_its_own(shop: Shop) -> None:
    made = shop.admin.post(URL, GRADES)
    assert (made.status, made.json["is_default"]) == (201, False)
    assert said(shop.admin.post(URL, GRADES)) == (409, "dictionary_taken")
    assert said(shop.admin.post(URL, {**GRADES, "dictionary": "units"})) == (409, "dictionary_taken")
    entry(shop.admin, "grades", "b", position=2)
    entry(shop.admin, "grades", "a", position=1)
    assert shown("grades") == ["a", "b"]
    renamed = shop.admin.put(f"{URL}/grades", {"title": {"en": "Classes", "zh": "级别"}})
    assert renamed.json["title"]["en"] == "Classes"
    assert said(shop.admin.delete(f"{URL}/grades")) == (409, "dictionary_not_empty")
    for code in ("a", "b"):
        assert shop.admin.delete(f"{URL}/grades/entries/{code}").status == 204
    assert shop.admin.delete(f"{URL}/grades").status == 204
    assert send("GET", "/v1/dictionaries/grades").status == 404
    assert shop.admin.get(f"{URL}/grades").status == 404


def test_a_list_that_every_shop_has_keeps_its_name(shop: Shop) -> None:
    token = shop.admin.token
    with nothing_changes():
        for method, body in (("PUT", {"title": GRADES["title"]}), ("DELETE", None)):
            assert said(send(method, f"{URL}/units", body, token=token)) == (409, "default_stays")


def test_the_same_key_makes_one_list(shop: Shop) -> None:
    first = shop.admin.post(URL, GRADES, key="grades")
    again = shop.admin.post(URL, GRADES, key="grades")
    assert (again.status, again.text, again.headers["idempotent-replayed"]) == (201, first.text, "true")


def test_an_edit_of_an_older_version_is_refused(shop: Shop) -> None:
    new = {"if-match": '"0"'}
    seen = {"if-match": entry(shop.admin, "units", "piece", headers=new).headers["etag"]}
    token = shop.admin.token
    with nothing_changes():
        url, body = f"{URL}/units/entries/piece", {"label": GRADES["title"]}
        assert said(send("PUT", url, body, token=token, headers=new)) == (412, "version_conflict")
        assert send("DELETE", url, token=token, headers={"if-match": '"7"'}).status == 412
    assert entry(shop.admin, "units", "piece", headers=seen).status == 200
    made = shop.admin.post(URL, GRADES).headers["etag"]
    entry(shop.admin, "grades", "a")
    late = shop.admin.delete(f"{URL}/grades", headers={"if-match": made})
    assert said(late) == (412, "version_conflict")


def test_a_list_that_is_deleted_while_an_entry_comes_is_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.admin.post(URL, GRADES)
    look = dictionaries.entries

    def slowly(tenant: str, name: str) -> Any:
        found = look(tenant, name)
        monkeypatch.undo()
        assert entry(shop.admin, "grades", "a").status == 200
        return found

    monkeypatch.setattr(dictionaries, "entries", slowly)
    assert said(shop.admin.delete(f"{URL}/grades")) == (412, "version_conflict")
    assert shown("grades") == ["a"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"label": {"en": "x"}},
        {"label": {"en": "x", "zh": " "}},
        {"label": {"en": "x\n", "zh": "x\x00"}},
        {"label": {"en": "x" * 81, "zh": "x"}},
        {"label": {"en": "x", "zh": "x"}, "position": -1},
        {"label": {"en": "x", "zh": "x"}, "colour": "red"},
    ],
)
def test_an_entry_that_is_none_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    token = shop.admin.token
    with nothing_changes():
        assert send("PUT", f"{URL}/units/entries/x", body, token=token).status == 422


@pytest.mark.parametrize("code", ["A", "a b", "-a", "a" * 41, "é", "a%23b"])
def test_a_code_that_is_none_has_no_address(shop: Shop, code: str) -> None:
    token = shop.admin.token
    with nothing_changes():
        answer = send("PUT", f"{URL}/units/entries/{code}", {"label": GRADES["title"]}, token=token)
        assert answer.status == 404


def test_there_is_an_end_to_what_a_shop_may_add(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary_editing, "MOST_ENTRIES", len(DEFAULTS["units"].entries) + 1)
    monkeypatch.setattr(dictionary_editing, "MOST_DICTIONARIES", 1)
    assert entry(shop.admin, "units", "carton").status == 200
    assert said(entry(shop.admin, "units", "crate")) == (409, "too_many_codes")
    assert entry(shop.admin, "units", "carton", position=3).status == 200, "a change is no addition"
    assert shop.admin.post(URL, GRADES).status == 201
    assert said(shop.admin.post(URL, {**GRADES, "dictionary": "more"})) == (409, "too_many_codes")


@pytest.mark.ledger("S4-186")
def test_customers_lists_are_kept_by_clients_and_proxies_shop_by_shop(shop: Shop) -> None:
    first = send("GET", "/v1/dictionaries/units")
    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers["vary"] == "Origin, X-Tenant"
    kept = {"if-none-match": first.headers["etag"]}
    assert send("GET", "/v1/dictionaries/units", headers=kept).status == 304
    entry(shop.admin, "units", "piece", enabled=False)
    assert send("GET", "/v1/dictionaries/units", headers=kept).status == 200
    opened(shop)
    assert "piece" in shown("units", **{"x-tenant": "acme"})
    assert send("GET", "/v1/admin/settings/dictionaries", token=boss_of("acme").token).status == 200


def test_a_change_is_shown_by_every_process_within_a_minute(shop: Shop) -> None:
    shown("units")
    elsewhere = dict(dictionaries._shown._known)
    entry(shop.admin, "units", "piece", enabled=False)
    dictionaries._shown._known.update(elsewhere)
    assert "piece" in shown("units")
    shop.clock.advance(seconds=remembering.FOR.total_seconds())
    assert "piece" not in shown("units")


def test_a_warm_process_answers_from_memory_also_for_names_that_are_made_up(shop: Shop) -> None:
    shown("units")
    send("GET", "/v1/dictionaries/made-up")
    with store_calls() as calls:
        shown("units")
        for n in range(3):
            assert send("GET", f"/v1/dictionaries/made-up-{n}").status == 404
    assert calls == []


def test_a_change_is_on_record(shop: Shop) -> None:
    entry(shop.admin, "units", "piece", enabled=False, reason="we sell sets")
    row = log(shop, "?act=dictionaries_write_entry")[0]
    assert (row["targets"], row["reason"]) == ({"dictionary": "units", "entry": "piece"}, "we sell sets")
    (change,) = detail(shop, row["id"])["changes"]
    assert change["after"]["is_enabled"] is False
    shop.admin.delete(f"{URL}/units/entries/piece")
    (gone,) = detail(shop, log(shop, "?act=dictionaries_delete_entry")[0]["id"])["changes"]
    assert gone["before"]["label"]["en"] == "Piece"


def test_who_may_only_read_changes_nothing(shop: Shop) -> None:
    token = staff_member(shop, "operations").token
    with nothing_changes():
        assert send("GET", URL, token=token).status == 200
        assert send("POST", URL, GRADES, token=token).status == 403
        assert send("PUT", f"{URL}/units/entries/x", {"label": GRADES["title"]}, token=token).status == 403
        assert send("DELETE", f"{URL}/units/entries/piece", token=token).status == 403
