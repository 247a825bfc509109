"""On an engine that is atomic under threads, and that checks signatures as S3 does."""

import urllib.error
import urllib.request
from functools import partial
from typing import Any

import pytest

from chalicelib.media import limits, storage
from chalicelib.media.limits import Limits
from infra.verify.books import read
from infra.verify.checks import space_adds_up
from tests.jobs import every_item, of_kind
from tests.media.sending import (
    MIB,
    PDF,
    PNG,
    ZIP,
    announce,
    behind_the_back,
    complete,
    lies,
    sha256,
    used,
)
from tests.races.parallel import at_once
from tests.shop import Person, Shop

pytestmark = pytest.mark.emulator


def send(address: dict[str, Any], body: bytes, **headers: str) -> int:
    """PUT to the signed address, as any client would; the status."""
    request = urllib.request.Request(
        address["url"], data=body, method="PUT", headers={**address.get("headers", {}), **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    return status


@pytest.mark.ledger("S0-024", "S4-083")
def test_the_signature_lets_through_what_was_announced_and_nothing_else(live_shop: Shop) -> None:
    lin = live_shop.customer()
    announced = announce(lin, "kyc_document", sha256=sha256(PDF)).json
    put = announced["put"]
    assert send(put, PDF + b"!") == 403, "another size"
    assert send(put, PDF, **{"Content-Type": "text/html"}) == 403, "another type"
    assert send(put, PDF[:-1] + b"!") == 400, "other bytes"
    elsewhere = {**put, "url": put["url"].replace(announced["id"], announced["id"][:-1] + "0")}
    assert send(elsewhere, PDF) == 403, "another place"
    assert lies(announced["id"]) == set()
    assert send(put, PDF) == 200
    assert complete(lin, announced["id"]).json["state"] == "ready"
    link = lin.get(f"/v1/uploads/{announced['id']}/link").json["url"]
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.read() == PDF
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="paper.pdf"')
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link.replace("paper.pdf", "paper.html"), timeout=10)


@pytest.mark.ledger("S0-025")
def test_parts_are_sent_one_by_one_and_again(live_shop: Shop) -> None:
    admin = live_shop.admin
    book = ZIP.ljust(8 * MIB, b"b") + b"the end"
    upload_id = announce(admin, "file_for_sale", book).json["id"]

    def address(number: int) -> dict[str, Any]:
        found: dict[str, Any] = admin.post(f"/v1/uploads/{upload_id}/parts", {"numbers": [number]}).json
        part: dict[str, Any] = found["data"][0]
        return part

    assert send(address(1), book[: 8 * MIB - 1]) == 403, "a part of another size"
    assert send(address(1), book[: 8 * MIB]) == 200
    assert admin.get(f"/v1/uploads/{upload_id}/parts").json == {"numbers": [1], "missing": [2]}
    assert send(address(2), book[8 * MIB :]) == 200
    assert send(address(2), book[8 * MIB :]) == 200, "once more: the answer was lost"
    assert complete(admin, upload_id).json["state"] == "ready"
    assert used(live_shop) == (len(book), 0, 1)


@pytest.mark.ledger("S0-026")
def test_many_announce_at_once_and_the_quota_holds_to_the_byte(
    live_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve for the room of seven; each level is told, and told once."""
    monkeypatch.setattr(
        limits, "in_force", lambda ctx: Limits(quota_bytes=7 * len(PNG) + 79, customers_percent=100)
    )
    people = [live_shop.customer() for _ in range(12)]
    statuses = [answer.status for answer in at_once([partial(announce, person) for person in people])]
    assert sorted(statuses) == [201] * 7 + [409] * 5
    assert used(live_shop) == (7 * len(PNG), 7 * len(PNG), 7)
    assert list(space_adds_up(read(every_item()))) == []
    told = [event["data"]["M"]["level"]["N"] for event in of_kind("event") if "storage" in event["name"]["S"]]
    assert sorted(told) == ["80"], "seven of seven and 79 of 80: 87 per cent"


@pytest.mark.ledger("S0-026")
def test_sending_completing_and_deleting_at_once_never_loses_a_byte(live_shop: Shop) -> None:
    people = [live_shop.customer() for _ in range(4)]

    def live(person: Person) -> int:
        first = announce(person).json
        assert send(first["put"], PNG) == 200
        done = at_once([partial(complete, person, first["id"])] * 2)
        assert {answer.status for answer in done} == {200}
        second = announce(person).json["id"]
        gone = at_once([partial(person.delete, f"/v1/uploads/{second}")] * 2)
        assert sorted(answer.status for answer in gone) == [204, 404]
        return len(gone)

    at_once([partial(live, person) for person in people])
    assert used(live_shop) == (4 * len(PNG), 0, 4)
    assert list(space_adds_up(read(every_item()))) == []


def test_deleting_while_it_is_completed_is_one_or_the_other(live_shop: Shop) -> None:
    lin = live_shop.customer()
    for _ in range(3):
        upload = announce(lin).json
        assert send(upload["put"], PNG) == 200
        at_once([partial(complete, lin, upload["id"]), partial(lin.delete, f"/v1/uploads/{upload['id']}")])
        assert lin.get(f"/v1/uploads/{upload['id']}").status == 404
    assert used(live_shop) == (0, 0, 0)


def test_a_file_that_is_sent_again_while_it_is_looked_at_is_looked_at_again(
    live_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The enemy: a picture for the look, a page of the same size for the move."""
    lin = live_shop.customer()
    upload = announce(lin).json
    assert send(upload["put"], PNG) == 200
    first_bytes = storage.first_bytes

    def slow(key: str, etag: str, count: int) -> bytes:
        head = first_bytes(key, etag, count)
        behind_the_back(upload["id"], b"<html>".ljust(len(PNG)))
        return head

    monkeypatch.setattr(storage, "first_bytes", slow)
    assert complete(lin, upload["id"]).json["reason"] == "content_type"
    assert lies(upload["id"]) == set()
