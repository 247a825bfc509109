"""Who reads a file: the public everybody, the private its owner, for minutes; staff on record."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.identity.people import said
from tests.media.sending import PDF, PNG, ZIP, announce, complete, lies, sent, uploaded, used
from tests.members.people import member_of_staff
from tests.platform.shops import boss_of, opened
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer()


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def acts(shop: Shop) -> list[str]:
    return [entry["act"] for entry in shop.admin.get("/v1/admin/audit-log").json["data"]]


def test_a_private_file_opens_for_minutes_and_is_saved_never_shown(lin: Person) -> None:
    done = uploaded(lin, "kyc_document")
    assert done["url"] is None
    link = lin.get(f"/v1/uploads/{done['id']}/link").json
    assert link["expires_at"] == "2036-03-02T01:05:00.000Z"
    asked = query(link["url"])
    assert asked["X-Amz-Expires"] == "300"
    assert asked["response-content-disposition"].startswith('attachment; filename="paper.pdf"')
    assert asked["response-content-type"] == "application/pdf"
    assert requests.get(link["url"], timeout=5).content == PDF


def test_a_public_file_has_an_address_for_ever(lin: Person) -> None:
    done = uploaded(lin)
    assert done["url"] == f"https://files.example.com/public/default/{done['id']}"
    assert lin.get(f"/v1/uploads/{done['id']}/link").json == {"url": done["url"], "expires_at": None}


def test_what_is_not_ready_is_not_opened(lin: Person) -> None:
    upload_id = sent(lin, "kyc_document")
    assert said(lin.get(f"/v1/uploads/{upload_id}/link")) == (409, "upload_not_ready")


@pytest.mark.rule("B17")
def test_a_file_is_its_owners_and_nobody_elses(shop: Shop, lin: Person) -> None:
    upload_id, eve, admin = uploaded(lin, "kyc_document")["id"], shop.customer("Eve"), shop.admin
    with nothing_changes():
        for method, path in (("get", ""), ("get", "/link"), ("delete", "")):
            assert getattr(eve, method)(f"/v1/uploads/{upload_id}{path}").status == 404
            assert getattr(admin, method)(f"/v1/uploads/{upload_id}{path}").status == 404
    assert eve.get("/v1/uploads").json["data"] == []


@pytest.mark.rule("B17")
def test_another_shops_files_are_not_there(shop: Shop, lin: Person) -> None:
    upload_id = uploaded(lin)["id"]
    opened(shop, "cups")
    stranger = boss_of("cups")
    with nothing_changes():
        for url in (f"/v1/uploads/{upload_id}", f"/v1/admin/uploads/{upload_id}"):
            assert stranger.get(url).status == stranger.delete(url).status == 404
        assert stranger.get(f"/v1/admin/uploads/{upload_id}/link").status == 404
    assert stranger.get("/v1/admin/uploads").json["data"] == []
    assert stranger.get("/v1/admin/uploads/space").json["used_bytes"] == 0


def test_the_shops_files_are_any_staffs_who_may_send_such(shop: Shop) -> None:
    upload_id = sent(shop.admin, "product_image")
    clerk, teller = member_of_staff(shop, "operations"), member_of_staff(shop, "finance")
    assert teller.get(f"/v1/uploads/{upload_id}").status == 404
    assert complete(clerk, upload_id).json["state"] == "ready"
    assert clerk.delete(f"/v1/uploads/{upload_id}").status == 204


def test_what_staff_do_to_the_shops_files_is_on_record(shop: Shop, lin: Person) -> None:
    upload_id = uploaded(shop.admin, "product_image")["id"]
    shop.admin.delete(f"/v1/uploads/{upload_id}")
    lin.delete(f"/v1/uploads/{uploaded(lin)['id']}")
    told = ["media_complete_upload", "media_create_upload", "media_delete_upload"]
    assert sorted(acts(shop)) == told, "a customer's own files are their own"


def test_whoever_of_the_staff_opens_a_file_of_the_shop_is_on_record(shop: Shop, lin: Person) -> None:
    book, own = uploaded(shop.admin, "file_for_sale")["id"], uploaded(lin, "kyc_document")["id"]
    shop.clock.advance(seconds=1)
    assert shop.admin.get(f"/v1/uploads/{book}/link").status == 200
    entry = shop.admin.get("/v1/admin/audit-log").json["data"][0]
    assert (entry["act"], entry["targets"]) == ("media_open_upload", {"upload_id": book})
    before = acts(shop)
    with nothing_changes():
        assert lin.get(f"/v1/uploads/{own}/link").status == 200
        assert lin.get(f"/v1/uploads/{book}/link").status == 404
    assert acts(shop) == before


@pytest.mark.ledger("S4-115")
def test_staff_find_every_file_by_kind_state_and_owner(shop: Shop, lin: Person) -> None:
    cup = uploaded(shop.admin, "product_image")["id"]
    shop.clock.advance(seconds=1)
    book = announce(shop.admin, "file_for_sale", size_bytes=100).json["id"]
    shop.clock.advance(seconds=1)
    face = uploaded(lin)["id"]

    def found(asked: str = "") -> list[str]:
        return [row["id"] for row in shop.admin.get(f"/v1/admin/uploads{asked}").json["data"]]

    assert found() == [face, book, cup]
    assert found("?kind=product_image") == [cup]
    assert found("?state=pending") == [book]
    assert found("?owner_id=shop") == [book, cup]
    assert found(f"?owner_id={lin.id}&kind=avatar") == [face]
    first = shop.admin.get("/v1/admin/uploads?limit=2").json
    rest = shop.admin.get(f"/v1/admin/uploads?limit=2&cursor={first['next_cursor']}").json
    assert [row["id"] for row in first["data"] + rest["data"]] == [face, book, cup]
    row = shop.admin.get(f"/v1/admin/uploads/{cup}").json
    assert (row["url"], row["owner_id"], row["sent_by"]) == (
        f"https://files.example.com/public/default/{cup}",
        "shop",
        shop.admin.id,
    )


@pytest.mark.ledger("S4-115")
def test_staff_delete_a_file_on_record(shop: Shop, lin: Person) -> None:
    upload_id = uploaded(lin)["id"]
    teller = member_of_staff(shop, "finance")
    assert teller.delete(f"/v1/admin/uploads/{upload_id}").status == 403
    shop.clock.advance(seconds=1)
    assert shop.admin.delete(f"/v1/admin/uploads/{upload_id}").status == 204
    assert (lies(upload_id), used(shop)) == (set(), (0, 0, 0))
    assert acts(shop)[0] == "media_delete_any_upload"
    assert shop.admin.get(f"/v1/admin/uploads/{upload_id}").status == 404


def test_staff_open_papers_only_where_they_review_them_and_on_record(shop: Shop, lin: Person) -> None:
    upload_id = uploaded(lin, "kyc_document")["id"]
    role = shop.admin.post(
        "/v1/admin/roles", {"name": "Librarian", "permissions": ["uploads:read", "uploads:write"]}
    ).json
    librarian = member_of_staff(shop, role["id"])
    assert said(librarian.get(f"/v1/admin/uploads/{upload_id}/link")) == (403, "forbidden")
    assert said(librarian.delete(f"/v1/admin/uploads/{upload_id}")) == (403, "forbidden")
    shop.clock.advance(seconds=1)
    link = shop.admin.get(f"/v1/admin/uploads/{upload_id}/link").json
    assert requests.get(link["url"], timeout=5).content == PDF
    assert acts(shop)[0] == "media_open_upload"


def test_an_export_for_sale_is_no_public_file(shop: Shop) -> None:
    upload_id = uploaded(shop.admin, "file_for_sale")["id"]
    assert lies(upload_id) == {"private"}
    link = shop.admin.get(f"/v1/uploads/{upload_id}/link").json
    assert requests.get(link["url"], timeout=5).content == ZIP


def test_ones_own_list_is_by_kind_and_state(shop: Shop, lin: Person) -> None:
    paper = uploaded(lin, "kyc_document")["id"]
    shop.clock.advance(seconds=1)
    face = announce(lin).json["id"]

    def found(asked: str = "") -> list[Any]:
        return [row["id"] for row in lin.get(f"/v1/uploads{asked}").json["data"]]

    assert found() == [face, paper]
    assert found("?kind=avatar") == [face]
    assert found("?state=ready") == [paper]
    shop.clock.advance(hours=1)
    assert found("?state=expired") == [face]


def test_ids_are_not_guessed_from_one_another(lin: Person) -> None:
    ids = [announce(lin).json["id"][-16:] for _ in range(5)]
    assert len(set(ids)) == 5
    assert PNG
