"""How many bytes a shop has: exact, bounded, told in time, given back."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.media import accounting, levels, limits, storage
from chalicelib.media.entities import usage_ref
from chalicelib.media.limits import Limits
from chalicelib.store import client
from tests.identity.people import said
from tests.jobs import of_kind, stream, tick
from tests.media.sending import PNG, announce, complete, lies, sent, uploaded, used
from tests.shop import Answer, Person, Shop
from tests.unchanged import nothing_changes

BYTES = len(PNG)
"""Of one picture: 80."""


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer()


@pytest.fixture
def quota(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say how many bytes a shop has room for; customers may take all of them where nothing else is said."""

    def of(bytes_: int, customers_percent: int = 100) -> None:
        rules = Limits(quota_bytes=bytes_, customers_percent=customers_percent)
        monkeypatch.setattr(limits, "in_force", lambda ctx: rules)

    return of


def told() -> list[int]:
    """The levels that were announced and not delivered yet."""
    events = [event for event in of_kind("event") if event["name"]["S"] == "storage.level"]
    return sorted(int(event["data"]["M"]["level"]["N"]) for event in events)


@pytest.mark.ledger("S0-026")
def test_bytes_are_reserved_settled_and_released(shop: Shop, lin: Person) -> None:
    upload_id = sent(lin)
    assert used(shop) == (BYTES, BYTES, 1)
    complete(lin, upload_id)
    assert used(shop) == (BYTES, 0, 1)
    assert lin.delete(f"/v1/uploads/{upload_id}").status == 204
    assert used(shop) == (0, 0, 0)
    assert lies(upload_id) == set()


def test_a_file_deleted_twice_is_given_back_once(shop: Shop, lin: Person) -> None:
    kept = uploaded(lin)
    gone = uploaded(lin)["id"]
    assert [lin.delete(f"/v1/uploads/{gone}").status for _ in range(2)] == [204, 404]
    assert used(shop) == (BYTES, 0, 1)
    assert [row["id"] for row in lin.get("/v1/uploads").json["data"]] == [kept["id"]]


def test_what_no_book_knows_of_makes_no_count_negative(shop: Shop, lin: Person) -> None:
    upload_id = uploaded(lin)["id"]
    for book in ("shop", "kind:avatar"):
        client.client().delete_item(TableName=client.table_name(), Key=usage_ref("default", book).wire())
    assert lin.delete(f"/v1/uploads/{upload_id}").status == 204
    assert used(shop) == (0, 0, 0)


@pytest.mark.ledger("S0-026")
def test_what_there_is_no_room_for_is_refused_and_says_how_much_there_is(
    shop: Shop, lin: Person, quota: Any
) -> None:
    quota(BYTES + 10)
    upload_id = announce(lin).json["id"]
    answer = announce(lin)
    assert said(answer) == (409, "storage_full")
    assert (answer.json["needed_bytes"], answer.json["free_bytes"]) == (BYTES, 10)
    assert used(shop) == (BYTES, BYTES, 1)
    lin.delete(f"/v1/uploads/{upload_id}")
    assert announce(lin).status == 201


def test_a_file_of_exactly_the_room_that_is_left_is_taken(shop: Shop, lin: Person, quota: Any) -> None:
    quota(2 * BYTES)
    assert [announce(lin).status for _ in range(3)] == [201, 201, 409]


@pytest.mark.rule("B23")
def test_customers_together_leave_the_shop_its_share(shop: Shop, quota: Any) -> None:
    quota(10 * BYTES, customers_percent=Limits().customers_percent)
    one, other = shop.customer(), shop.customer()
    assert [announce(who).status for who in (one, other) * 4] == [201] * 8
    refused = announce(other)
    assert (*said(refused), refused.json["free_bytes"]) == (409, "storage_full", 0)
    assert [announce(shop.admin, "product_image").status for _ in range(3)] == [201, 201, 409]
    assert used(shop)[2] == 10


@pytest.mark.rule("B23")
def test_the_last_of_the_customers_share_is_given_once(
    shop: Shop, lin: Person, quota: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota(20 * BYTES, customers_percent=50)
    eve = shop.customer()
    for _ in range(9):
        announce(lin)
    after_the_look(monkeypatch, lambda: announce(eve))
    assert said(announce(lin)) == (409, "storage_full")
    assert used(shop)[2] == 10


@pytest.mark.ledger("S0-026")
def test_staff_see_what_is_used_of_how_much_and_by_what(shop: Shop, lin: Person, quota: Any) -> None:
    quota(1000)
    uploaded(lin)
    announce(shop.admin, "product_image")
    space = shop.admin.get("/v1/admin/uploads/space").json
    by_kind = {row.pop("kind"): row for row in space.pop("by_kind")}
    assert space == {
        "used_bytes": 2 * BYTES,
        "reserved_bytes": BYTES,
        "files": 2,
        "quota_bytes": 1000,
        "free_bytes": 1000 - 2 * BYTES,
        "percent": 16,
        "level": 0,
        "max_file_bytes": 2 * 1024**3,
    }
    assert {kind: row["used_bytes"] for kind, row in by_kind.items() if row["files"]} == {
        "avatar": BYTES,
        "product_image": BYTES,
    }
    assert lin.get("/v1/admin/uploads/space").status == 403


@pytest.mark.ledger("S0-026")
def test_each_level_is_told_once_as_the_space_runs_short(shop: Shop, lin: Person, quota: Any) -> None:
    quota(20 * BYTES)
    seen = []
    for _ in range(20):
        assert announce(lin).status == 201
        seen.append(told())
    assert seen == [[]] * 15 + [[80]] * 3 + [[80, 95]] + [[80, 95, 100]]


def test_an_alarm_is_raised_for_who_looks_after_the_shop(
    shop: Shop, lin: Person, quota: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.core import log

    lines: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(log, "warning", lambda event, **fields: lines.append((event, fields)))
    quota(BYTES)
    announce(lin)
    stream()
    assert told() == []
    assert lines == [
        ("storage_level", {"tenant": "default", "level": 100, "used_bytes": BYTES, "quota_bytes": BYTES})
    ]


def test_a_level_is_told_again_only_after_there_was_room_again(shop: Shop, lin: Person, quota: Any) -> None:
    quota(20 * BYTES)
    ids = [announce(lin).json["id"] for _ in range(16)]
    stream()
    lin.delete(f"/v1/uploads/{ids.pop()}")
    ids.append(announce(lin).json["id"])
    assert told() == [], "back and forth over the threshold"
    for _ in range(2):
        lin.delete(f"/v1/uploads/{ids.pop()}")
    for _ in range(2):
        announce(lin)
    assert told() == [80]


def test_a_shop_that_is_as_good_as_full_is_told_so_by_the_first_refusal(
    shop: Shop, lin: Person, quota: Any
) -> None:
    quota(BYTES + 1)
    announce(lin)
    assert told() == [95]
    assert [announce(lin).status for _ in range(2)] == [409, 409]
    assert told() == [95, 100]


def test_a_refusal_of_something_huge_alarms_nobody(shop: Shop, lin: Person, quota: Any) -> None:
    quota(100)
    with nothing_changes():
        assert announce(lin, size_bytes=101).status == 409


def after_the_look(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], Answer]) -> None:
    """Others act between somebody's look at the books and their transaction."""
    waiting, look = list(acts), accounting.read

    def slow(ctx: Any, upload: Any) -> Any:
        books = look(ctx, upload)
        others = [waiting.pop(0) for _ in range(len(waiting))]
        assert all(act().status in (201, 204) for act in others)
        return books

    monkeypatch.setattr(accounting, "read", slow)


def picture(shop: Shop) -> Answer:
    return announce(shop.admin, "product_image")


def test_a_level_that_only_two_together_reach_is_told(
    shop: Shop, quota: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota(10 * BYTES)
    for _ in range(6):
        picture(shop)
    after_the_look(monkeypatch, lambda: picture(shop))
    assert picture(shop).status == 201
    assert (used(shop)[2], told()) == (8, [80])


def test_a_level_that_two_reach_at_once_is_told_once(
    shop: Shop, quota: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota(10 * BYTES)
    for _ in range(7):
        picture(shop)
    after_the_look(monkeypatch, lambda: picture(shop))
    assert picture(shop).status == 201
    assert (used(shop)[2], told()) == (9, [80])


def test_room_that_only_two_together_make_lets_the_level_be_told_again(
    shop: Shop, quota: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota(10 * BYTES)
    ids = [picture(shop).json["id"] for _ in range(9)]
    with monkeypatch.context() as patch:
        after_the_look(patch, lambda: shop.admin.delete(f"/v1/uploads/{ids[0]}"))
        assert shop.admin.delete(f"/v1/uploads/{ids[1]}").status == 204
    picture(shop)
    assert (used(shop)[2], told()) == (8, [80, 80])


def test_the_last_room_is_given_once(shop: Shop, quota: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right below the quota, where every level has been told: the quota itself is what holds."""
    quota(20 * BYTES)
    ids = [picture(shop).json["id"] for _ in range(20)]
    shop.admin.delete(f"/v1/uploads/{ids[0]}")
    after_the_look(monkeypatch, lambda: picture(shop))
    assert said(picture(shop)) == (409, "storage_full")
    assert used(shop)[2] == 20


@pytest.mark.rule("B23")
def test_the_last_place_of_a_customer_is_given_once(
    lin: Person, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(19):
        announce(lin)
    after_the_look(monkeypatch, lambda: announce(lin))
    assert said(announce(lin)) == (409, "too_many_files")
    assert used(shop)[2] == 20


@pytest.mark.ledger("S0-026")
def test_what_was_never_completed_is_given_back_by_itself(shop: Shop, lin: Person) -> None:
    upload_id = sent(lin)
    kept = uploaded(lin)["id"]
    shop.clock.advance(hours=1)
    assert lin.get(f"/v1/uploads/{upload_id}").json["state"] == "expired", "before any job has come by"
    assert said(complete(lin, upload_id)) == (409, "upload_not_pending")
    tick()
    assert used(shop) == (BYTES, 0, 1)
    assert (lies(upload_id), lies(kept)) == (set(), {"public"})
    assert lin.get(f"/v1/uploads/{upload_id}").status == 404
    shop.clock.advance(hours=1)
    tick()
    assert [item["upload_id"]["S"] for item in of_kind("upload")] == [kept]


def test_what_came_after_the_end_is_swept_away_too(shop: Shop, lin: Person) -> None:
    """A copy that a slow completion made, after the file was deleted."""
    upload_id = uploaded(lin)["id"]
    lin.delete(f"/v1/uploads/{upload_id}")
    tick()
    for place in ("quarantine", "public"):
        key = f"{place}/default/{upload_id}"
        storage._client().put_object(Bucket=storage.bucket(), Key=key, Body=PNG)
    shop.clock.advance(hours=1)
    tick()
    assert lies(upload_id) == set()


def test_while_the_bucket_is_away_the_job_comes_again(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.core.errors import Unavailable

    def away(key: str) -> None:
        raise Unavailable

    upload_id = uploaded(lin)["id"]
    with monkeypatch.context() as patch:
        patch.setattr(storage, "remove", away)
        assert lin.delete(f"/v1/uploads/{upload_id}").status == 204
        assert used(shop) == (0, 0, 0)
        shop.clock.advance(hours=1)
        tick()
        assert lies(upload_id) == {"public"}
    shop.clock.advance(minutes=5)
    tick()
    assert lies(upload_id) == set()
    assert of_kind("upload") == []


QUOTAS = some.integers(1, 10**4)
USED = some.integers(0, 2 * 10**4)
TOLD = some.sampled_from([0, *levels.LEVELS])


@given(told=TOLD, used=USED, quota=QUOTAS, other=USED)
def test_in_one_band_the_same_is_told_and_outside_of_it_something_else_may_be(
    told: int, used: int, quota: int, other: int
) -> None:
    least, most = levels.band(told, used, quota)
    assert least <= used
    assert most is None or used <= most
    if other >= least and (most is None or other <= most):
        assert levels.told_after(told, other, quota) == levels.told_after(told, used, quota)


@given(told=TOLD, used=USED, quota=QUOTAS)
def test_what_is_told_is_what_is_reached_or_was_just_left(told: int, used: int, quota: int) -> None:
    after = levels.told_after(told, used, quota)
    assert after >= levels.reached(used, quota)
    assert after == levels.reached(used, quota) or (
        after == told and used * 100 >= (told - levels.SLACK) * quota
    )
