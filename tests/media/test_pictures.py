"""Uploads that are shown: a person's picture, a product's."""

from typing import Any

import pytest

from tests.identity.people import me, said
from tests.jobs import of_kind, stream
from tests.media.sending import JPEG, PNG, announce, lies, sent, uploaded, used
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes, store_calls

CNY = {"amount": 100, "currency": "CNY"}


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer()


def show(person: Person, upload_id: str) -> Any:
    return person.put("/v1/me/avatar", {"upload_id": upload_id})


@pytest.mark.ledger("S1-010", "S4-052")
def test_an_avatar_is_uploaded_and_shown(lin: Person) -> None:
    upload = uploaded(lin)
    answer = show(lin, upload["id"])
    assert (answer.status, answer.json["avatar_url"]) == (200, upload["url"])
    assert me(lin.access_token).json["avatar_url"] == upload["url"]
    assert lies(upload["id"]) == {"public"}


@pytest.mark.ledger("S1-010")
def test_another_picture_takes_its_place_and_its_room(shop: Shop, lin: Person) -> None:
    first = uploaded(lin)["id"]
    show(lin, first)
    second = uploaded(lin, body=JPEG, file_name="lin.jpg", content_type="image/jpeg")
    assert show(lin, second["id"]).json["avatar_url"] == second["url"]
    assert (lies(first), used(shop)) == (set(), (len(JPEG), 0, 1))
    assert lin.get(f"/v1/uploads/{first}").status == 404


@pytest.mark.parametrize("how", ["delete", "put", "patch"])
def test_a_picture_that_is_shown_no_more_is_gone(shop: Shop, lin: Person, how: str) -> None:
    upload_id = uploaded(lin)["id"]
    show(lin, upload_id)
    elsewhere = "https://img.example.com/lin.png"
    match how:
        case "delete":
            assert lin.delete("/v1/me/avatar").status == 204
        case "put":
            assert lin.put("/v1/me/avatar", {"url": elsewhere}).json["avatar_url"] == elsewhere
        case _:
            assert lin.patch("/v1/me", {"avatar_url": None}).json["avatar_url"] is None
    assert (lies(upload_id), used(shop)) == (set(), (0, 0, 0))
    assert show(lin, uploaded(lin)["id"]).status == 200


def test_a_name_can_be_changed_beside_a_picture(shop: Shop, lin: Person) -> None:
    upload = uploaded(lin)
    show(lin, upload["id"])
    answer = lin.patch("/v1/me", {"name": "Wei", "avatar_url": upload["url"]})
    assert (answer.json["name"], answer.json["avatar_url"]) == ("Wei", upload["url"])
    assert lies(upload["id"]) == {"public"}


def test_a_picture_that_is_shown_is_not_deleted_under_it(shop: Shop, lin: Person) -> None:
    upload_id = uploaded(lin)["id"]
    show(lin, upload_id)
    with nothing_changes():
        refused = lin.delete(f"/v1/uploads/{upload_id}")
        assert (*said(refused), refused.json["attached_to"]) == (409, "upload_in_use", "avatar")


def test_staff_take_down_a_picture_that_is_shown(shop: Shop, lin: Person) -> None:
    upload_id = uploaded(lin)["id"]
    show(lin, upload_id)
    assert shop.admin.delete(f"/v1/admin/uploads/{upload_id}").status == 204
    assert (lies(upload_id), used(shop)) == (set(), (0, 0, 0))
    another = uploaded(lin)
    assert show(lin, another["id"]).json["avatar_url"] == another["url"]
    assert used(shop) == (len(PNG), 0, 1)
    assert lin.delete("/v1/me/avatar").status == 204


def test_showing_what_is_shown_writes_nothing(lin: Person) -> None:
    upload_id = uploaded(lin)["id"]
    show(lin, upload_id)
    with store_calls() as calls:
        assert show(lin, upload_id).status == 200
    assert calls == ["GetItem"]


def test_only_a_complete_avatar_of_ones_own_is_shown(shop: Shop, lin: Person) -> None:
    pending, paper = sent(lin), uploaded(lin, "kyc_document")["id"]
    others = uploaded(shop.customer("Eve"))["id"]
    with nothing_changes():
        for upload_id in (pending, paper, others, "upl_01WRM6VWM0000000000000000A"):
            answer = show(lin, upload_id)
            assert (answer.status, answer.json["errors"][0]["code"]) == (422, "upload_unfit")
        assert lin.put("/v1/me/avatar", {}).status == 422
        both = {"upload_id": pending, "url": "https://img.example.com/lin.png"}
        assert lin.put("/v1/me/avatar", both).status == 422


def test_who_leaves_takes_their_files_along(shop: Shop, lin: Person) -> None:
    face, paper = uploaded(lin)["id"], uploaded(lin, "kyc_document")["id"]
    waiting = announce(lin).json["id"]
    kept = uploaded(shop.admin, "product_image")["id"]
    show(lin, face)
    assert send("DELETE", "/v1/me", {"password": "correct horse battery"}, token=lin.token).status == 204
    stream()
    assert (lies(face), lies(paper), lies(kept)) == (set(), set(), {"public"})
    assert used(shop) == (len(PNG), 0, 1)
    assert shop.admin.get(f"/v1/admin/uploads?owner_id={lin.id}").json["data"] == []
    assert waiting


def test_files_are_part_of_what_a_person_is_told_of_themselves(lin: Person) -> None:
    upload_id = uploaded(lin, "kyc_document")["id"]
    section = lin.get("/v1/me/export?section=files").json["sections"]["files"]
    assert [(row["id"], row["file_name"]) for row in section["data"]] == [(upload_id, "paper.pdf")]


@pytest.mark.ledger("S4-026")
def test_pictures_of_a_product_are_named_by_their_uploads(shop: Shop) -> None:
    cup, box, blue = (uploaded(shop.admin, "product_image") for _ in range(3))
    elsewhere = "https://img.example.com/cup.png"
    body = {
        "title": "A cup",
        "kind": "physical",
        "image": cup["id"],
        "images": [cup["id"], elsewhere, box["id"]],
        "skus": [
            {"price": CNY, "attributes": {"colour": "blue"}, "image": blue["id"], "stock": 1},
            {"price": CNY, "attributes": {"colour": "red"}, "image": elsewhere, "stock": 1},
        ],
    }
    made = shop.admin.post("/v1/admin/products", body).json
    shop.admin.post(f"/v1/admin/products/{made['id']}/publish")
    shown = send("GET", f"/v1/products/{made['id']}").json
    assert (shown["image"], shown["images"]) == (cup["url"], [cup["url"], elsewhere, box["url"]])
    assert [sku["image"] for sku in shown["skus"]] == [blue["url"], elsewhere]
    (row,) = send("GET", "/v1/products").json["data"]
    assert row["image"] == cup["url"]
    edited = shop.admin.put(
        f"/v1/admin/products/{made['id']}", {**body, "image": box["id"], "images": [cup["url"]]}
    )
    assert (edited.json["image"], edited.json["images"]) == (box["url"], [cup["url"]])


def test_a_product_shows_no_upload_that_is_none(shop: Shop) -> None:
    avatar, pending = uploaded(shop.admin)["id"], announce(shop.admin, "product_image").json["id"]
    body = {"title": "A cup", "kind": "physical", "image": avatar, "images": [pending], "skus": []}
    with nothing_changes():
        answer = shop.admin.post("/v1/admin/products", body)
    assert [(fault["field"], fault["code"]) for fault in answer.json["errors"]] == [
        ("image", "upload_unfit"),
        ("images.0", "upload_unfit"),
    ]
    assert of_kind("product") == []
