"""Announcing a file: who may send what, and what the signed address lets through."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from chalicelib.media.kinds import KINDS
from chalicelib.media.sending import MOST_IN_ONE_PIECE
from tests.identity.people import said
from tests.media.sending import PNG, WISHES, announce, send_to, sha256, uploaded
from tests.shop import Person, Shop, configured
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer()


def signed_headers(url: str) -> set[str]:
    return set(parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0].split(";"))


@pytest.mark.ledger("S4-083")
def test_a_file_is_announced_sent_and_completed(lin: Person) -> None:
    announced = announce(lin)
    assert announced.status == 201
    assert announced.json["state"] == "pending"
    send_to(announced.json["put"], PNG)
    done = lin.post(f"/v1/uploads/{announced.json['id']}/complete").json
    assert (done["state"], done["put"]) == ("ready", None)
    assert lin.get(f"/v1/uploads/{done['id']}").json == done


@pytest.mark.ledger("S0-024")
def test_size_type_and_checksum_are_part_of_the_signature(lin: Person) -> None:
    """That S3 then refuses every other body is shown on the emulator, which checks signatures."""
    put = announce(lin, sha256=sha256(PNG)).json["put"]
    assert signed_headers(put["url"]) == {"host", "content-length", "content-type", "x-amz-checksum-sha256"}
    assert put["headers"] == {"Content-Type": "image/png", "x-amz-checksum-sha256": sha256(PNG)}
    assert 0 < int(parse_qs(urlsplit(put["url"]).query)["X-Amz-Expires"][0]) <= 15 * 60


def test_a_form_takes_exactly_the_announced_size_and_type(lin: Person) -> None:
    form = announce(lin, sha256=sha256(PNG)).json["form"]
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"]
    assert ["content-length-range", len(PNG), len(PNG)] in policy
    assert {"Content-Type": "image/png"} in policy
    assert {"x-amz-checksum-sha256": sha256(PNG)} in policy


def test_a_file_may_come_by_the_form(lin: Person) -> None:
    announced = announce(lin).json
    form = announced["form"]
    answer = requests.post(form["url"], data=form["fields"], files={"file": PNG}, timeout=5)
    assert answer.status_code == 204, answer.text
    assert lin.post(f"/v1/uploads/{announced['id']}/complete").json["state"] == "ready"


@pytest.mark.ledger("S0-024")
@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        ({"size_bytes": 2 * 1024 * 1024 + 1}, "size_bytes", "file_too_large"),
        ({"content_type": "application/pdf"}, "content_type", "type_not_allowed"),
        ({"content_type": "image/svg+xml", "file_name": "x.svg"}, "content_type", "type_not_allowed"),
        ({"content_type": "text/html", "file_name": "x.html"}, "content_type", "type_not_allowed"),
        ({"file_name": "lin.png.html"}, "file_name", "extension_unfit"),
        ({"file_name": "lin"}, "file_name", "extension_unfit"),
        ({"file_name": "../../etc/passwd.png"}, "file_name", "string_pattern_mismatch"),
        ({"file_name": "..\\x.png"}, "file_name", "string_pattern_mismatch"),
        ({"file_name": ".png"}, "file_name", "string_pattern_mismatch"),
        ({"file_name": "a\r\nSet-Cookie: x.png"}, "file_name", "string_pattern_mismatch"),
        ({"file_name": "gnp\u202egnp.png"}, "file_name", "string_pattern_mismatch"),
        ({"size_bytes": 0}, "size_bytes", "greater_than_equal"),
        ({"sha256": "short"}, "sha256", "string_pattern_mismatch"),
    ],
)
def test_what_is_no_such_file_is_refused_before_it_is_sent(
    lin: Person, wish: dict[str, Any], field: str, code: str
) -> None:
    with nothing_changes():
        answer = announce(lin, **wish)
    assert answer.status == 422
    assert {"field": field, "code": code}.items() <= answer.json["errors"][0].items()


@pytest.mark.parametrize("name", ["book.html", "book.SVG", "book.js"])
def test_no_name_that_a_browser_would_run_is_given_to_plain_bytes(shop: Shop, name: str) -> None:
    answer = announce(shop.admin, "file_for_sale", content_type="application/octet-stream", file_name=name)
    assert answer.json["errors"][0]["code"] == "extension_unfit"


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.is_the_shops])
def test_the_shops_files_are_its_staffs_to_send(lin: Person, kind: str) -> None:
    with nothing_changes():
        assert said(announce(lin, kind)) == (403, "forbidden")


@pytest.mark.parametrize("kind", WISHES)
def test_every_kind_can_be_sent(shop: Shop, kind: str) -> None:
    done = uploaded(shop.admin, kind)
    assert (done["state"], done["kind"]) == ("ready", kind)
    assert (done["url"] is not None) == KINDS[kind].is_public


def test_a_public_file_comes_in_one_piece_and_so_through_quarantine() -> None:
    assert all(kind.most_bytes <= MOST_IN_ONE_PIECE for kind in KINDS.values() if kind.is_public)


def test_sending_one_is_two_store_calls(lin: Person) -> None:
    uploaded(lin)
    with store_calls() as calls:
        announced = announce(lin).json
    assert calls.count("TransactWriteItems") == 1
    assert calls.count("BatchGetItem") == 1
    send_to(announced["put"], PNG)
    with store_calls() as calls:
        lin.post(f"/v1/uploads/{announced['id']}/complete")
    assert (calls.count("TransactWriteItems"), calls.count("BatchGetItem")) == (1, 1)


def test_one_intention_is_one_upload(lin: Person) -> None:
    first, second = announce(lin, key="one"), announce(lin, key="one")
    assert first.text == second.text
    assert second.headers["idempotent-replayed"] == "true"
    assert len(lin.get("/v1/uploads").json["data"]) == 1


def test_an_upload_that_waits_gives_a_fresh_address(shop: Shop, lin: Person) -> None:
    upload_id = announce(lin).json["id"]
    shop.clock.advance(minutes=50)
    put = lin.get(f"/v1/uploads/{upload_id}").json["put"]
    assert put["expires_at"] == "2036-03-02T02:00:00.000Z", "and none that outlives the upload"
    assert int(parse_qs(urlsplit(put["url"]).query)["X-Amz-Expires"][0]) == 10 * 60


@pytest.mark.parametrize("setting", ["SOUK_UPLOADS_BUCKET", "SOUK_UPLOADS_PUBLIC_BASE"])
def test_a_stage_without_a_bucket_takes_no_files(lin: Person, setting: str) -> None:
    with configured(**{setting: ""}), nothing_changes():
        answer = announce(lin)
    assert said(answer) == (503, "uploads_off")


def test_one_customer_does_not_fill_the_shop(lin: Person, shop: Shop) -> None:
    for _ in range(20):
        assert announce(lin).status == 201
    with nothing_changes():
        answer = announce(lin)
    assert said(answer) == (409, "too_many_files")
    assert lin.delete(f"/v1/uploads/{lin.get('/v1/uploads').json['data'][0]['id']}").status == 204
    assert announce(lin).status == 201
    assert announce(shop.customer()).status == 201
