"""A migration from its start to its end and back, by its routes and its job."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.migrations import book, model, running
from chalicelib.orders.entities import Order
from chalicelib.store import client
from chalicelib.store.client import table_name
from tests.identity.people import PASSWORD
from tests.jobs import of_kind, stream
from tests.migrations.old_orders import (
    URL,
    as_it_was,
    no_item_changes,
    put,
    removed_order,
    start,
    status,
    stop,
    undo,
    unlisted,
    versionless,
    without_entry,
    without_its_request,
)
from tests.shop import Shop, send
from tests.unchanged import nothing_changes, store_calls


def test_a_started_migration_rewrites_what_is_old_and_says_so(
    shop: Shop, old_orders: list[str], run_job: Any
) -> None:
    assert start(shop).status == 200
    assert unlisted() == 6
    run_job()
    assert unlisted() == 0
    told = status(shop)
    assert (told["applied"], told["run"]["status"]) == ("yes", "finished")
    assert (told["run"]["changed"], told["run"]["unchanged"], told["run"]["parked_count"]) == (6, 0, 0)
    assert told["run"]["looked_at"] >= 6


def test_what_it_writes_is_what_todays_code_would_have_written(
    shop: Shop, old_orders: list[str], run_job: Any
) -> None:
    start(shop)
    run_job()
    for item in of_kind("order"):
        assert Order.from_wire(item).wire() == without_its_request(item)


def test_an_order_removed_before_is_found_when_its_customer_leaves(shop: Shop, run_job: Any) -> None:
    """What it is for: without the entry the address would stay for good."""
    lin = shop.customer("Lin")
    as_it_was(removed_order(shop, lin))
    start(shop)
    run_job()
    assert send("DELETE", "/v1/me", {"password": PASSWORD}, token=lin.token).status == 204
    for _ in range(2):
        stream(times=2)
    assert {item["ship_to"]["M"]["recipient"]["S"] for item in of_kind("order")} == {""}


@pytest.mark.ledger("S0-007")
def test_a_dry_run_counts_and_shows_without_a_change_and_without_a_name(
    shop: Shop, old_orders: list[str], run_job: Any
) -> None:
    with no_item_changes():
        assert start(shop, dry_run=True).json["applied"] == "no"
        run_job()
    told = status(shop)
    assert (told["applied"], told["run"]["dry_run"], told["run"]["changed"]) == ("no", True, 6)
    assert len(told["run"]["samples"]) == 3
    one = told["run"]["samples"][0]
    assert one["before"] == {}
    assert set(one["after"]) == {"owner_pk", "owner_sk"}
    assert "Lake Road" not in str(told)


@pytest.mark.ledger("S0-007")
def test_undoing_gives_every_item_back_as_it_was(shop: Shop, old_orders: list[str], run_job: Any) -> None:
    before = versionless()
    start(shop)
    run_job()
    assert versionless() != before
    assert undo(shop, dry_run=True).status == 200
    run_job()
    assert status(shop)["run"]["changed"] == 6
    assert versionless() != before
    assert undo(shop).status == 200
    run_job()
    assert versionless() == before
    assert status(shop)["applied"] == "no"


def test_what_newer_code_wrote_meanwhile_is_recognised(
    shop: Shop, old_orders: list[str], run_job: Any
) -> None:
    removed_order(shop, shop.customer("Wu"))
    start(shop)
    run_job()
    run = status(shop)["run"]
    assert (run["changed"], run["unchanged"]) == (6, 1)


@pytest.mark.ledger("S0-007")
def test_running_it_again_changes_nothing(shop: Shop, old_orders: list[str], run_job: Any) -> None:
    start(shop)
    run_job()
    with no_item_changes():
        start(shop)
        run_job()
    assert (status(shop)["run"]["changed"], status(shop)["run"]["unchanged"]) == (0, 6)


def test_where_none_runs_a_tick_costs_one_read(shop: Shop, old_orders: list[str], run_job: Any) -> None:
    run_job()  # a process's first run says that it is there
    with store_calls() as sent:
        run_job()
    assert sent == ["GetItem"]
    start(shop)
    run_job()
    with store_calls() as sent:
        run_job()
    assert sent == ["GetItem"]


@pytest.mark.ledger("S0-007")
def test_a_stopped_migration_rests_and_goes_on_where_it_was(
    shop: Shop, old_orders: list[str], run_job: Any, small_pages: None
) -> None:
    start(shop)
    assert stop(shop).json["run"]["status"] == "stopped"
    run_job()
    assert unlisted() == 6
    again = start(shop).json
    assert (again["applied"], again["run"]["status"]) == ("partly", "running")
    run_job()
    assert (unlisted(), status(shop)["applied"]) == (0, "yes")


def test_what_only_a_newer_release_knows_rests_until_it_is_back(
    shop: Shop, old_orders: list[str], run_job: Any, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release that was rolled back: what it left running stands in nobody's way, and is not begun afresh."""
    (ours,) = book.known()
    newer = model.Migration(
        number="0002",
        title=ours.title,
        kinds=ours.kinds,
        attributes=frozenset({"flag"}),
        forward=lambda item: {**item, "flag": {"BOOL": True}},
        backward=None,
    )
    start(shop)
    run_job()
    with monkeypatch.context() as deployed:
        deployed.setattr(book, "known", lambda: (ours, newer))
        assert start(shop, "0002").status == 200
        _one_page(shop)
        begun = status(shop, "0002")["run"]
        assert (begun["status"], begun["changed"] < 6) == ("running", True)
    with no_item_changes():
        run_job()
    with store_calls() as sent:
        run_job()
    assert sent == ["GetItem"], "it is told once"
    assert start(shop).status == 200, "another one's turn"
    run_job()
    assert status(shop)["run"]["status"] == "finished"
    with monkeypatch.context() as deployed:
        deployed.setattr(book, "known", lambda: (ours, newer))
        resting = status(shop, "0002")["run"]
        assert (resting["status"], resting["looked_at"]) == ("stopped", begun["looked_at"])
        assert start(shop, "0002").json["run"]["started_at"] == begun["started_at"], "not afresh"
        run_job()
        done = status(shop, "0002")
        assert (done["applied"], done["run"]["changed"]) == ("yes", 6)


def test_a_run_that_the_newer_release_began_afresh_meanwhile_goes_on(
    shop: Shop, old_orders: list[str], run_job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(shop)
    with monkeypatch.context() as rolled_back:

        def meanwhile() -> Any:
            rolled_back.undo()
            stop(shop)
            assert start(shop, afresh=True).status == 200
            return book.read()

        rolled_back.setattr(book, "find", lambda number: None)
        rolled_back.setattr(book, "read", meanwhile)
        run_job()
    assert status(shop)["run"]["status"] == "running"
    run_job()
    assert unlisted() == 0


def test_a_tick_stops_at_its_budget_and_the_next_one_goes_on(
    shop: Shop, old_orders: list[str], small_pages: None
) -> None:
    start(shop)
    assert running.work(shop.clock.now(), timedelta(0)).status == "running"
    ticks = 0
    while status(shop)["run"]["status"] == "running":
        before = status(shop)["run"]["looked_at"]
        _one_page(shop)
        ticks += 1
        assert status(shop)["run"]["looked_at"] in range(before + 1, before + 5)
    assert ticks > 3
    assert unlisted() == 0


def _one_page(shop: Shop) -> None:
    """A tick whose budget is over after one page: the clock moves on with each Scan."""

    def later(**_: Any) -> None:
        shop.clock.advance(seconds=2)

    events = client.client().meta.events
    events.register("after-call.dynamodb.Scan", later)
    try:
        running.work(shop.clock.now(), timedelta(seconds=1))
    finally:
        events.unregister("after-call.dynamodb.Scan", later)


def test_an_item_that_cannot_be_rewritten_is_parked_and_the_others_are_not(
    shop: Shop, old_orders: list[str], run_job: Any
) -> None:
    (broken, *_) = [one for one in of_kind("order") if one["order_id"]["S"] in old_orders]
    put({name: value for name, value in broken.items() if name != "customer_id"})
    start(shop)
    run_job()
    told = status(shop)
    assert unlisted() == 1
    assert (told["applied"], told["run"]["changed"], told["run"]["parked_count"]) == ("partly", 5, 1)
    assert "KeyError" in told["run"]["parked"][0]["reason"]
    assert old_orders[0] in told["run"]["parked"][0]["key"]
    put(without_entry(broken))
    start(shop)
    run_job()
    assert (unlisted(), status(shop)["applied"]) == (0, "yes")


def test_when_nothing_fits_the_run_ends_as_failed(
    shop: Shop, old_orders: list[str], run_job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_PARKED", 2)
    for one in of_kind("order"):
        put({name: value for name, value in one.items() if name != "customer_id"})
    start(shop)
    run_job()
    assert (status(shop)["applied"], status(shop)["run"]["status"]) == ("partly", "failed")
    with store_calls() as sent:
        run_job()
    assert sent == ["GetItem"]


@pytest.mark.parametrize(
    "forward",
    [
        lambda item: {**item, "note": {"S": "x"}},
        lambda item: {**item, "owner_sk": {"S": item.get("owner_sk", {"S": ""})["S"] + "x"}},
        lambda item: {**item, "pk": {"S": "default#ORDER#elsewhere"}},
    ],
    ids=["an attribute it does not name", "its own work again and again", "the address"],
)
def test_a_migration_that_does_more_than_it_says_changes_nothing(
    shop: Shop, old_orders: list[str], run_job: Any, monkeypatch: pytest.MonkeyPatch, forward: Any
) -> None:
    planted(monkeypatch, forward=forward)
    with no_item_changes():
        start(shop)
        run_job()
    assert status(shop)["run"]["parked_count"] == 6


def test_another_shops_orders_come_along(shop: Shop, old_orders: list[str], run_job: Any) -> None:
    (item, *_) = of_kind("order")
    other = {**item, "tenant": {"S": "acme"}, "pk": {"S": item["pk"]["S"].replace("default#", "acme#")}}
    put(other)
    start(shop)
    run_job()
    (moved,) = [one for one in of_kind("order") if one["tenant"]["S"] == "acme"]
    assert moved["owner_pk"]["S"].startswith("acme#CUSTOMER#")


def test_a_merged_accounts_order_goes_to_whom_it_belongs(shop: Shop, run_job: Any) -> None:
    lin, wu = shop.customer("Lin"), shop.customer("Wu")
    item = as_it_was(removed_order(shop, lin))
    put(without_entry({**item, "owner_id": {"S": wu.id}}))
    start(shop)
    run_job()
    (moved,) = of_kind("order")
    assert moved["owner_pk"]["S"] == f"default#CUSTOMER#{wu.id}#REMOVED_ORDERS"
    assert Order.from_wire(moved).wire() == without_its_request(moved)


def test_orders_that_stand_in_a_list_are_left_alone(shop: Shop, run_job: Any) -> None:
    shop.order(shop.customer("Lin"), shop.sku())
    with no_item_changes():
        start(shop)
        run_job()
        undo(shop)
        run_job()


def planted(monkeypatch: pytest.MonkeyPatch, **other: Any) -> None:
    """Another migration 0001."""
    (ours,) = book.known()
    told: dict[str, Any] = {"number": "0001", "title": ours.title, "kinds": ours.kinds, "backward": None}
    one = model.Migration(**told | {"attributes": ours.attributes} | other)
    monkeypatch.setattr(book, "known", lambda: (one,))


def test_an_item_that_goes_meanwhile_does_not_come_back(
    shop: Shop, old_orders: list[str], run_job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(
        monkeypatch,
        attributes=frozenset({"flag"}),
        forward=lambda item: {**item, "flag": {"BOOL": True}},
    )
    start(shop)
    keys = [{"pk": one["pk"], "sk": one["sk"]} for one in of_kind("order")]

    def gone(**_: Any) -> None:
        for key in keys:
            client.client().delete_item(TableName=table_name(), Key=key)

    events = client.client().meta.events
    events.register("after-call.dynamodb.Scan", gone)
    try:
        run_job()
    finally:
        events.unregister("after-call.dynamodb.Scan", gone)
    assert of_kind("order") == []
    assert status(shop)["run"]["status"] == "finished"


def test_a_refused_start_changes_nothing(shop: Shop) -> None:
    assert stop(shop).json["run"] is None
    with nothing_changes():
        assert start(shop, "0099").status == 404
        assert start(shop, "abc").status == 404
        assert (undo(shop).status, undo(shop).code) == (409, "migration_not_applied")
        assert start(shop, colour="red").status == 422
        assert stop(shop, "0099").status == 404


def test_only_the_platforms_owner_may(shop: Shop) -> None:
    lin = shop.customer()
    for method, path in (("GET", URL), ("POST", f"{URL}/0001/start"), ("POST", f"{URL}/0001/undo")):
        assert send(method, path, {}, token=lin.token).status == 403
        assert send(method, path, {}).status == 401


def test_who_did_what_and_why_is_on_record(shop: Shop) -> None:
    for act in ("start", "stop", "undo"):
        why = f"{act}, for release 7"
        assert shop.admin.post(f"{URL}/0001/{act}", {"reason": why}).status == 200
        (entry,) = [one for one in of_kind("audit_entry") if one["act"]["S"] == f"migrations_{act}_migration"]
        assert (entry["actor_id"]["S"], entry["reason"]["S"]) == (shop.admin.id, why)
        assert entry["targets"]["M"] == {"number": {"S": "0001"}}
    assert status(shop)["run"]["started_by"] == shop.admin.id
