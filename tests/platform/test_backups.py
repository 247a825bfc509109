"""Backups on the platform's page: which there are, one more now, and what an operator runs to restore."""

from typing import Any

import pytest

from chalicelib.store import client
from chalicelib.store.client import table_name
from tests.faults import Killed, answering, killed_at
from tests.jobs import of_kind
from tests.platform.shops import boss_of, opened
from tests.shop import Answer, Shop, send
from tests.unchanged import nothing_changes

URL = "/v1/platform/backups"
WHY = {"reason": "before the new release"}


def take(shop: Shop, **how: Any) -> Answer:
    return shop.admin.post(URL, WHY, **how)


def existing() -> list[str]:
    found = client.client().list_backups(TableName=table_name())["BackupSummaries"]
    return sorted(one["BackupArn"] for one in found)


@pytest.mark.ledger("S4-194")
def test_the_owner_takes_a_backup_and_is_told_how_to_restore_it(shop: Shop) -> None:
    made = take(shop)
    assert (made.status, made.json["kind"], made.json["status"]) == (201, "on_demand", "available")
    assert existing() == [made.json["arn"]]
    assert made.json["restore"] == f'make restore ARGS="backup {made.json["arn"]} {table_name()}-restored"'
    page = shop.admin.get(URL).json
    assert page["data"] == [made.json]
    window = page["point_in_time"]
    assert window["is_on"]
    assert window["earliest"] <= window["latest"]
    assert window["restore_table"].startswith(f'make restore ARGS="time {window["latest"]} ')
    assert "shop SLUG --from" in window["restore_shop"]


@pytest.mark.ledger("S4-194")
def test_who_asked_for_a_backup_and_why_is_on_record(shop: Shop) -> None:
    name = take(shop).json["name"]
    (entry,) = (one for one in of_kind("audit_entry") if one["act"]["S"] == "platform_take_backup")
    assert (entry["reason"]["S"], entry["tenant"]["S"]) == (WHY["reason"], "default")
    assert name in str(entry["changes"])


def test_without_point_in_time_recovery_the_page_says_so(shop: Shop) -> None:
    client.client().update_continuous_backups(
        TableName=table_name(), PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    assert shop.admin.get(URL).json["point_in_time"] == {
        "is_on": False, "earliest": None, "latest": None, "days": None,
        "restore_table": None, "restore_shop": None,
    }  # fmt: skip


def test_the_same_key_takes_one_backup(shop: Shop) -> None:
    first = take(shop, key="once")
    again = take(shop, key="once")
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")
    shop.clock.advance(minutes=5)
    assert take(shop, key="once").text == first.text
    assert len(existing()) == 1


def test_two_intentions_within_a_minute_are_one_backup(shop: Shop) -> None:
    take(shop)
    with nothing_changes():
        second = take(shop)
    assert (second.status, second.code) == (409, "backup_under_way")
    shop.clock.advance(seconds=60)
    assert take(shop).status == 201
    assert len(existing()) == 2


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call_number", range(1, 8))
def test_a_try_that_was_killed_anywhere_is_gone_on_with(shop: Shop, call_number: int, after: bool) -> None:
    assert shop.admin.token
    try:
        with killed_at(call_number, after=after):
            take(shop, key="once")
    except Killed:
        pass
    shop.clock.advance(minutes=2)
    made = take(shop, key="once")
    assert made.status == 201
    assert existing() == [made.json["arn"]]


def test_a_backup_that_dynamodb_refuses_is_told_and_may_be_asked_for_again(shop: Shop) -> None:
    with answering("CreateBackup", "InternalServerError", times=1):
        refused = take(shop, key="once")
    assert (refused.status, "retry-after" in refused.headers) == (503, True)
    shop.clock.advance(minutes=1)
    assert take(shop, key="once").status == 201


def test_the_list_is_paged_newest_first(shop: Shop) -> None:
    made = []
    for _ in range(3):
        made.append(take(shop).json["arn"])
        shop.clock.advance(minutes=2)
    whole = [one["arn"] for one in shop.admin.get(URL).json["data"]]
    assert sorted(whole) == sorted(made)
    first = shop.admin.get(f"{URL}?limit=2").json
    rest = shop.admin.get(f"{URL}?limit=2&cursor={first['next_cursor']}").json
    assert [one["arn"] for one in first["data"] + rest["data"]] == whole
    assert rest["next_cursor"] is None
    stranger = shop.admin.get("/v1/platform/tenants?limit=1").json["next_cursor"] or "abc"
    assert shop.admin.get(f"{URL}?cursor={stranger}").code == "cursor_invalid"


def test_a_backup_needs_a_reason_and_the_platforms_owner(shop: Shop) -> None:
    opened(shop)
    boss, owner = boss_of("acme"), shop.admin
    with nothing_changes():
        assert owner.post(URL, {}).status == 422
        assert boss.post(URL, WHY).status == 403
        assert boss.get(URL).status == 403
        assert send("POST", URL, WHY).status == 401
    assert existing() == []
