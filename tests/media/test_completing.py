"""Completing a file: believed by its bytes, moved out of quarantine, the same answer however often and whenever."""

from typing import Any

import pytest

from chalicelib.media import storage
from tests.identity.people import said
from tests.jobs import of_kind
from tests.media.sending import (
    JPEG,
    PNG,
    WISHES,
    ZIP,
    announce,
    behind_the_back,
    complete,
    lies,
    sent,
    sha256,
    uploaded,
    used,
)
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes

SVG = b"<svg><script>alert(1)</script></svg>"
PLAIN = {"content_type": "application/octet-stream", "file_name": "x.bin"}
HTML = b"\xef\xbb\xbf  <!DOCTYPE html><script>alert(1)</script>"


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer()


def test_a_file_lies_in_quarantine_until_it_was_looked_at(lin: Person) -> None:
    upload_id = sent(lin)
    assert lies(upload_id) == {"quarantine"}
    complete(lin, upload_id)
    assert lies(upload_id) == {"public"}


def test_what_is_public_is_kept_for_ever_and_has_the_type_that_was_proved(lin: Person) -> None:
    upload_id = uploaded(lin)["id"]
    head = storage._client().head_object(Bucket=storage.bucket(), Key=f"public/default/{upload_id}")
    assert (head["ContentType"], head["CacheControl"]) == ("image/png", "public, max-age=31536000, immutable")


def test_what_is_private_lies_there_as_an_attachment(lin: Person) -> None:
    upload_id = uploaded(lin, "kyc_document", file_name="我的 护照.pdf")["id"]
    head = storage._client().head_object(Bucket=storage.bucket(), Key=f"private/default/{upload_id}")
    assert head["ContentDisposition"].startswith('attachment; filename="__')
    assert "filename*=UTF-8''%E6%88%91%E7%9A%84%20" in head["ContentDisposition"]


@pytest.mark.parametrize(
    ("kind", "body", "wish"),
    [
        ("avatar", SVG, {}),
        ("avatar", HTML, {}),
        ("avatar", JPEG, {}),
        ("avatar", b"GIF89", {}),
        ("avatar", PNG, {"content_type": "image/webp", "file_name": "x.webp"}),
        ("kyc_document", PNG, {}),
        ("file_for_sale", HTML, PLAIN),
        ("file_for_sale", SVG, PLAIN),
        ("file_for_sale", "<html>".encode("utf-16"), PLAIN),
    ],
)
@pytest.mark.ledger("S0-024")
def test_a_file_is_what_its_first_bytes_say(shop: Shop, kind: str, body: bytes, wish: dict[str, Any]) -> None:
    who = shop.admin
    upload_id = sent(who, kind, body, **wish)
    answer = complete(who, upload_id)
    assert (*said(answer), answer.json["reason"]) == (409, "upload_refused", "content_type")
    assert lies(upload_id) == set()
    assert used(shop) == (0, 0, 0)
    assert said(complete(who, upload_id)) == (409, "upload_refused")
    assert who.get(f"/v1/uploads/{upload_id}").json["reason"] == "content_type"


def test_a_file_of_another_size_is_refused(shop: Shop, lin: Person) -> None:
    upload_id = announce(lin).json["id"]
    behind_the_back(upload_id, PNG + b"more")
    assert complete(lin, upload_id).json["reason"] == "size"
    assert (lies(upload_id), used(shop)) == (set(), (0, 0, 0))


def test_a_file_of_another_checksum_is_refused(lin: Person) -> None:
    upload_id = announce(lin, sha256=sha256(PNG)).json["id"]
    other = PNG[:-1] + b"x"
    storage._client().put_object(
        Bucket=storage.bucket(),
        Key=f"quarantine/default/{upload_id}",
        Body=other,
        ChecksumAlgorithm="SHA256",
        ChecksumSHA256=sha256(other),
    )
    assert complete(lin, upload_id).json["reason"] == "sha256"


@pytest.mark.parametrize(("kind", "content_type", "body"), [
    ("avatar", "image/gif", b"GIF89a" + b"x" * 9),
    ("avatar", "image/webp", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
    ("file_for_sale", "audio/mpeg", b"ID3\x04" + b"x" * 9),
    ("file_for_sale", "audio/mpeg", b"\xff\xfb\x90\x64" + b"x" * 9),
    ("file_for_sale", "video/mp4", b"\x00\x00\x00\x20ftypisom" + b"x" * 9),
    ("file_for_sale", "application/epub+zip", ZIP),
    ("file_for_sale", "application/octet-stream", b"\x7fELF"),
])  # fmt: skip
def test_every_type_is_known_by_its_bytes(shop: Shop, kind: str, content_type: str, body: bytes) -> None:
    ending = {"audio/mpeg": "mp3", "application/epub+zip": "epub", "application/octet-stream": "bin"}
    name = f"x.{ending.get(content_type, content_type.partition('/')[2])}"
    assert uploaded(shop.admin, kind, body, content_type=content_type, file_name=name)["state"] == "ready"


def test_nothing_sent_is_nothing_to_complete(lin: Person) -> None:
    upload_id = announce(lin).json["id"]
    with nothing_changes():
        assert said(complete(lin, upload_id)) == (409, "upload_nothing_sent")


def test_completing_again_answers_the_same_and_counts_once(shop: Shop, lin: Person) -> None:
    upload_id = sent(lin)
    first = complete(lin, upload_id)
    assert [complete(lin, upload_id).text for _ in range(2)] == [first.text] * 2
    assert used(shop) == (len(PNG), 0, 1)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("call", ["head_object", "get_object", "copy_object", "delete_object"])
@pytest.mark.parametrize("kind", ["avatar", "kyc_document"])
def test_whoever_is_killed_half_way_is_taken_up_where_they_were(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch, call: str, kind: str
) -> None:
    """Right after S3 has done what it was asked for."""
    upload_id = sent(lin, kind)
    asked = storage._asked

    def dying(what: str, **parameters: Any) -> Any:
        answer = asked(what, **parameters)
        if what == call:
            raise Killed
        return answer

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(storage, "_asked", dying)
        complete(lin, upload_id)
    assert complete(lin, upload_id).json["state"] == "ready"
    assert used(shop) == (len(WISHES[kind][0]), 0, 1)


def test_whoever_is_killed_before_the_table_heard_of_the_move_finds_it_moved(shop: Shop, lin: Person) -> None:
    """Quarantine is empty already, as a twin that was a little faster left it."""
    upload_id = announce(lin).json["id"]
    behind_the_back(upload_id, PNG, at="public")
    assert complete(lin, upload_id).json["state"] == "ready"
    assert used(shop) == (len(PNG), 0, 1)


def test_an_outage_of_the_bucket_is_an_outage(lin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError

    upload_id = sent(lin)

    def away(**_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://s3.example.com")

    with monkeypatch.context() as patch, nothing_changes():
        patch.setattr(storage._client(), "head_object", away)
        answer = complete(lin, upload_id)
        assert said(answer) == (503, "unavailable")
        assert answer.headers["retry-after"] == "2"
    assert complete(lin, upload_id).status == 200


def test_another_sends_nothing_under_my_upload(shop: Shop, lin: Person) -> None:
    upload_id, eve = sent(lin), shop.customer("Eve")
    with nothing_changes():
        assert complete(eve, upload_id).status == 404
        assert eve.get(f"/v1/uploads/{upload_id}").status == 404
        assert eve.delete(f"/v1/uploads/{upload_id}").status == 404
    assert of_kind("upload")[0]["state"]["S"] == "pending"
