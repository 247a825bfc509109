"""Members as files: safe in a spreadsheet, read back as they were, sent twice without harm."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import csv_text
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.http import Raw
from chalicelib.members import importing
from tests.jobs import of_kind
from tests.members.people import USERS, member_of_staff, user_of
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def send_file(shop: Shop, text: str, query: str = "") -> Answer:
    headers = {"content-type": "text/csv; charset=utf-8"}
    return send("POST", f"{USERS}/import{query}", token=shop.admin.token, headers=headers, raw=text.encode())


def outcomes(answer: Answer) -> list[tuple[str, str | None]]:
    assert answer.status == 200, answer.text
    return [(row["outcome"], row["code"]) for row in answer.json["data"]]


FILE = "email,phone,name,level,tags\nwei@example.com,+8613800000000,Wei,vip,north; wholesale\nan@example.com,,An,,\n"


@pytest.mark.ledger("S2-014")
def test_a_file_makes_members_and_the_same_file_makes_nobody_twice(shop: Shop) -> None:
    first = send_file(shop, FILE)
    assert outcomes(first) == [("created", None), ("created", None)]
    wei = user_of(first.json["data"][0]["user_id"])
    assert (wei.email, wei.phone, wei.level, wei.tags) == (
        "wei@example.com",
        "+8613800000000",
        "vip",
        frozenset({"north", "wholesale"}),
    )
    assert wei.password_hash is None
    with nothing_changes():
        assert outcomes(send_file(shop, FILE)) == [("skipped", None), ("skipped", None)]
        assert outcomes(send_file(shop, FILE, "?existing=update")) == [("unchanged", None)] * 2


@pytest.mark.ledger("S2-014")
def test_rows_of_known_members_change_them_when_asked_to(shop: Shop, lin: Person) -> None:
    shop.admin.patch(f"{USERS}/{lin.id}", {"tags": ["north"]})
    text = f"email,name,level,tags,adviser_id\n{lin.user['email']},Lin Yi,vip,,{shop.admin.id}\n"
    with nothing_changes():
        assert outcomes(send_file(shop, text, "?existing=update&dry_run=true")) == [("updated", None)]
    assert outcomes(send_file(shop, text, "?existing=update")) == [("updated", None)]
    user = user_of(lin.id)
    assert (user.name, user.level, user.tags, user.adviser_id) == (
        "Lin Yi",
        "vip",
        frozenset({"north"}),
        shop.admin.id,
    )


@pytest.mark.ledger("S4-144")
def test_who_may_not_see_logins_learns_from_no_file_whose_they_are(shop: Shop, lin: Person) -> None:
    body = {"name": "Importer", "permissions": ["members:read", "members:import"]}
    importer = member_of_staff(shop, shop.admin.post("/v1/admin/roles", body).json["id"])
    rows = {"rows": [{"email": lin.user["email"], "tags": ["found"]}]}
    with nothing_changes():
        for query in ("?existing=update", "?existing=update&dry_run=true"):
            assert importer.post(f"{USERS}/import{query}", rows).code == "forbidden"
    (outcome,) = importer.post(f"{USERS}/import", rows).json["data"]
    assert (outcome["outcome"], outcome["user_id"]) == ("skipped", None)


def test_a_dry_run_says_what_would_be_and_writes_nothing(shop: Shop) -> None:
    assert shop.admin
    with nothing_changes():
        answer = send_file(shop, FILE, "?dry_run=true")
        assert outcomes(answer) == [("created", None), ("created", None)]
        assert answer.json["dry_run"] is True


@pytest.mark.ledger("S2-014")
def test_bad_rows_are_named_and_keep_no_good_one_out(shop: Shop, lin: Person) -> None:
    wei = shop.customer("Wei")
    rows: list[dict[str, Any]] = [
        {"name": "Nobody"},
        {"email": "not an address"},
        {"email": "an@example.com", "level": "gold"},
        {"email": "an@example.com", "roles": ["super_admin"]},
        {"username": "an_1", "adviser_id": lin.id},
        {"username": "an_2", "tags": ["north"]},
        {"username": "AN_2"},
        {"email": lin.user["email"], "phone": "13900000000"},
        {"email": shop.admin.user["email"], "name": "Mine"},
    ]
    answer = shop.admin.post(f"{USERS}/import?existing=update", {"rows": rows})
    assert outcomes(answer) == [
        ("failed", "login_missing"),
        ("failed", "email_invalid"),
        ("failed", "literal_error"),
        ("failed", "extra_forbidden"),
        ("failed", "unknown"),
        ("created", None),
        ("failed", "duplicate_login"),
        ("unchanged", None),
        ("failed", "own_account"),
    ]
    both = f"email,username\n{wei.user['email']},an_2\n"
    assert outcomes(send_file(shop, both)) == [("failed", "logins_of_two_accounts")]


def test_a_row_is_a_read_in_a_batch_and_a_write(shop: Shop) -> None:
    assert shop.admin.get("/v1/me").status == 200
    with store_calls() as calls:
        send_file(shop, FILE)
    assert calls == ["BatchGetItem", "TransactWriteItems", "TransactWriteItems"]


def test_an_import_that_runs_out_of_time_says_how_many_are_left(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.members.importing.TIME", timedelta(0))
    assert shop.admin
    with nothing_changes():
        assert send_file(shop, FILE).json == {"dry_run": False, "data": [], "left": 2}


@pytest.mark.parametrize(
    ("raw", "kind", "status", "code"),
    [
        (b"", "text/csv", 422, "invalid"),
        (b'name\n"Lin', "text/csv", 422, "invalid"),
        (b"{", "application/json", 400, "malformed_json"),
        (b"{}", "application/json", 422, "invalid"),
        (b"<x/>", "text/xml", 415, "unsupported_media_type"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    shop: Shop, raw: bytes, kind: str, status: int, code: str
) -> None:
    assert shop.admin
    with nothing_changes():
        answer = send(
            "POST", f"{USERS}/import", token=shop.admin.token, headers={"content-type": kind}, raw=raw
        )
        assert (answer.status, answer.code) == (status, code)


def test_a_file_of_another_encoding_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        importing.read(Context("default"), Raw("name\n林".encode("gbk"), {"content-type": "text/csv"}))
    assert refusal.value.errors[0]["code"] == "not_utf8"


@pytest.mark.ledger("S4-144", "S2-014")
def test_an_export_is_a_page_with_a_cursor_in_its_header(shop: Shop) -> None:
    for name in ("Lin", "Wei", "An"):
        shop.customer(name)
        shop.clock.advance(seconds=1)
    first = shop.admin.get(f"{USERS}/export?limit=2")
    assert first.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["name"] for row in csv.DictReader(io.StringIO(first.text))] == ["An", "Wei"]
    second = shop.admin.get(f"{USERS}/export?limit=2&cursor={first.headers['x-next-cursor']}")
    assert [row["name"] for row in csv.DictReader(io.StringIO(second.text))] == ["Lin"]
    assert "x-next-cursor" not in second.headers


@pytest.mark.ledger("S4-144")
def test_no_cell_of_an_export_is_run_by_a_spreadsheet_and_an_import_restores_it(
    shop: Shop, lin: Person
) -> None:
    bad = '=HYPERLINK("//example.com","x")'
    shop.admin.patch(f"{USERS}/{lin.id}", {"name": bad, "tags": ["@sum", "-1"]})
    text = shop.admin.get(f"{USERS}/export").text
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["name"], row["tags"]) == (f"'{bad}", "'-1; @sum")
    assert csv_text.parse(text)[0]["name"] == bad
    with nothing_changes():
        assert outcomes(send_file(shop, text, "?existing=update")) == [("unchanged", None)]


@pytest.mark.ledger("S4-144")
def test_an_export_is_written_down(shop: Shop, lin: Person) -> None:
    shop.admin.get(f"{USERS}/export?q=lin")
    assert [one["act"]["S"] for one in of_kind("audit_entry")] == ["members_export_members"]


@pytest.mark.ledger("S4-144")
def test_an_export_is_masked_for_who_may_not_see_contact_data(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.identity import roles

    monkeypatch.setitem(roles.ROLES, "support", frozenset({"members:read", "members:export"}))
    text = member_of_staff(shop, "support").get(f"{USERS}/export").text
    assert lin.user["email"] not in text
    assert "c***@example.com" in text
