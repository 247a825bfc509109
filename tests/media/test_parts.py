"""Large files, in parts: what broke off goes on where it was."""

from typing import Any

import pytest

from chalicelib.media import accounting, limits, storage
from chalicelib.media.limits import Limits
from chalicelib.media.sending import part_size
from tests.faults import losing_answers
from tests.identity.people import said
from tests.media.sending import MIB, ZIP, announce, complete, lies, send_to, uploaded, used
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes

BOOK = ZIP.ljust(8 * MIB, b"b") + b"the end"
"""Two parts: eight MiB, and seven bytes."""
FIRST, LAST = BOOK[: 8 * MIB], BOOK[8 * MIB :]


def begun(admin: Person) -> dict[str, Any]:
    answer = announce(admin, "file_for_sale", BOOK)
    assert answer.status == 201, answer.text
    begun: dict[str, Any] = answer.json
    return begun


def addresses(admin: Person, upload_id: str, *numbers: int) -> list[dict[str, Any]]:
    answer = admin.post(f"/v1/uploads/{upload_id}/parts", {"numbers": list(numbers)})
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["data"]
    return found


def arrived(admin: Person, upload_id: str) -> Any:
    return admin.get(f"/v1/uploads/{upload_id}/parts").json


def multiparts() -> set[str]:
    """The ids of uploads whose parts wait to be joined. Others' tests leave some behind."""
    found = storage._client().list_multipart_uploads(Bucket=storage.bucket()).get("Uploads", [])
    return {one["Key"].rpartition("/")[2] for one in found}


@pytest.mark.ledger("S0-025")
def test_an_interrupted_upload_goes_on_from_the_last_part_that_arrived(shop: Shop) -> None:
    admin = shop.admin
    upload = begun(admin)
    assert (upload["put"], upload["parts"]) == (None, {"count": 2, "part_bytes": 8 * MIB})
    first, last = addresses(admin, upload["id"], 1, 2)
    assert (first["size_bytes"], last["size_bytes"]) == (8 * MIB, 7)
    send_to(first, FIRST)
    shop.clock.advance(hours=20)  # another day, another device
    assert arrived(admin, upload["id"]) == {"numbers": [1], "missing": [2]}
    refused = complete(admin, upload["id"])
    assert (*said(refused), refused.json["missing"]) == (409, "upload_parts_missing", [2])
    send_to(addresses(admin, upload["id"], 2)[0], LAST)
    assert arrived(admin, upload["id"]) == {"numbers": [1, 2], "missing": []}
    assert complete(admin, upload["id"]).json["state"] == "ready"
    kept = storage._client().get_object(Bucket=storage.bucket(), Key=f"private/default/{upload['id']}")
    assert kept["Body"].read() == BOOK
    assert used(shop) == (len(BOOK), 0, 1)


def test_a_part_that_was_sent_in_half_is_still_missing(shop: Shop) -> None:
    upload_id = begun(shop.admin)["id"]
    for address in addresses(shop.admin, upload_id, 1, 2):
        send_to(address, LAST)
    assert arrived(shop.admin, upload_id) == {"numbers": [2], "missing": [1]}
    assert said(complete(shop.admin, upload_id)) == (409, "upload_parts_missing")


def test_parts_are_nobodys_to_read_before_they_are_joined(shop: Shop) -> None:
    upload_id = begun(shop.admin)["id"]
    send_to(addresses(shop.admin, upload_id, 1)[0], FIRST)
    assert lies(upload_id) == set()
    assert said(shop.admin.get(f"/v1/uploads/{upload_id}/link")) == (409, "upload_not_ready")


def test_a_whole_of_wrong_bytes_is_refused_and_removed(shop: Shop) -> None:
    upload_id = begun(shop.admin)["id"]
    for address, body in zip(addresses(shop.admin, upload_id, 1, 2), (b"<svg" * 2 * MIB, LAST), strict=True):
        send_to(address, body)
    assert complete(shop.admin, upload_id).json["reason"] == "content_type"
    assert (lies(upload_id), used(shop)) == (set(), (0, 0, 0))
    assert upload_id not in multiparts()


def test_whoever_is_killed_right_after_the_join_is_taken_up_there(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = begun(shop.admin)["id"]
    for address, body in zip(addresses(shop.admin, upload_id, 1, 2), (FIRST, LAST), strict=True):
        send_to(address, body)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(storage, "look", lambda key: (_ for _ in ()).throw(KeyboardInterrupt))
        complete(shop.admin, upload_id)
    assert complete(shop.admin, upload_id).json["state"] == "ready"
    assert used(shop) == (len(BOOK), 0, 1)


def test_deleting_one_that_waits_gives_up_its_parts(shop: Shop) -> None:
    upload_id = begun(shop.admin)["id"]
    send_to(addresses(shop.admin, upload_id, 1)[0], FIRST)
    assert shop.admin.delete(f"/v1/uploads/{upload_id}").status == 204
    assert upload_id not in multiparts()
    assert used(shop) == (0, 0, 0)


def test_parts_of_a_file_in_one_piece_there_are_none(shop: Shop) -> None:
    upload_id = announce(shop.admin).json["id"]
    with nothing_changes():
        assert said(shop.admin.get(f"/v1/uploads/{upload_id}/parts")) == (409, "upload_in_one_piece")
        asked = shop.admin.post(f"/v1/uploads/{upload_id}/parts", {"numbers": [1]})
    assert said(asked) == (409, "upload_in_one_piece")


@pytest.mark.parametrize("numbers", [[3], [0], [], list(range(1, 102)), [1001]])
def test_there_are_as_many_parts_as_were_announced(shop: Shop, numbers: list[int]) -> None:
    upload_id = begun(shop.admin)["id"]
    assert shop.admin.post(f"/v1/uploads/{upload_id}/parts", {"numbers": numbers}).status == 422


def test_parts_of_what_is_done_are_not_waited_for(shop: Shop) -> None:
    upload_id = begun(shop.admin)["id"]
    shop.clock.advance(hours=24)
    asked = shop.admin.post(f"/v1/uploads/{upload_id}/parts", {"numbers": [1]})
    assert (*said(asked), "expired") == (409, "upload_not_pending", "expired")


def test_a_refusal_leaves_no_multipart_behind(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last room was taken between the look at the books and the transaction."""
    admin, before, refuse = shop.admin, multiparts(), accounting.refuse_if_full
    looks: list[object] = []

    def refuse_at_the_second_look(*how: Any) -> None:
        looks.append(how)
        if len(looks) > 1:
            refuse(*how)

    monkeypatch.setattr(limits, "in_force", lambda ctx: Limits(quota_bytes=MIB))
    monkeypatch.setattr(accounting, "refuse_if_full", refuse_at_the_second_look)
    with nothing_changes():
        assert said(announce(admin, "file_for_sale", BOOK)) == (409, "storage_full")
    assert (len(looks), multiparts()) == (2, before)


def test_an_announcement_whose_answer_was_lost_still_takes_its_parts(shop: Shop) -> None:
    """It was written, and no try was ever told so: what its key remembers is what was begun."""
    admin = shop.admin
    with losing_answers("TransactWriteItems", times=99) as tries:
        first = announce(admin, "file_for_sale", BOOK, key="the-book")
    again = announce(admin, "file_for_sale", BOOK, key="the-book")
    assert tries.calls > 1
    assert (again.status, again.headers["idempotent-replayed"], again.text) == (201, "true", first.text)
    upload_id = again.json["id"]
    for address, body in zip(addresses(admin, upload_id, 1, 2), (FIRST, LAST), strict=True):
        send_to(address, body)
    assert complete(admin, upload_id).json["state"] == "ready"
    assert used(shop) == (len(BOOK), 0, 1)


def test_a_checksum_of_the_whole_is_for_files_in_one_piece(shop: Shop) -> None:
    answer = announce(
        shop.admin, "file_for_sale", BOOK, sha256="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    )
    assert answer.json["errors"][0]["code"] == "not_for_parts"


@pytest.mark.parametrize("size", [8 * MIB + 1, 8000 * MIB, 8000 * MIB + 1, 100_000 * MIB])
def test_a_thousand_parts_are_always_enough(size: int) -> None:
    assert part_size(size) % MIB == 0
    assert part_size(size) >= 8 * MIB
    assert -(-size // part_size(size)) <= 1000


def test_a_file_in_one_piece_beside_it_is_untouched(shop: Shop) -> None:
    upload_id = begun(shop.admin)["id"]
    other = uploaded(shop.admin, "file_for_sale")
    shop.admin.delete(f"/v1/uploads/{upload_id}")
    assert lies(other["id"]) == {"private"}
