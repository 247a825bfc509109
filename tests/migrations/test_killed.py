"""A migration whose workers die, lose answers, oversleep, or meet each other: it ends all the same, and right."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.migrations import running
from chalicelib.orders.entities import Order
from chalicelib.store import client, rewriting
from tests.faults import Killed, answering, killed_at, losing_answers
from tests.jobs import of_kind
from tests.migrations.old_orders import (
    as_it_was,
    copies,
    removed_order,
    start,
    status,
    stop,
    undo,
    unlisted,
    versionless,
    without_its_request,
)
from tests.shop import Shop
from tests.unchanged import store_calls


@contextmanager
def with_a_page_in_hand(act: Callable[[], Any]) -> Iterator[None]:
    """`act` happens once, when a worker has read a page with something to do and written nothing of it yet."""
    events = client.client().meta.events

    def hook(parsed: dict[str, Any], **_: Any) -> None:
        if parsed["Items"]:
            events.unregister("after-call.dynamodb.Scan", hook)
            act()

    events.register("after-call.dynamodb.Scan", hook)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb.Scan", hook)


def until_it_ends(shop: Shop, run_job: Callable[[], None], ticks: int = 2) -> dict[str, Any]:
    for _ in range(ticks):
        shop.clock.advance(minutes=1)
        run_job()
    return status(shop)


@pytest.fixture
def three_orders(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a table of about three pages."""
    copies(as_it_was(removed_order(shop, shop.customer())), 2)
    monkeypatch.setattr(rewriting, "PAGE", 12)


CALLS = 24


@pytest.mark.ledger("S0-007")
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_killed_after_any_call_the_next_tick_ends_it(
    shop: Shop, three_orders: None, run_job: Callable[[], None], call: int
) -> None:
    """After one call is before the next."""
    start(shop)
    with killed_at(call, after=True), pytest.raises(Killed):
        run_job()
        raise Killed  # it was done before that call
    told = until_it_ends(shop, run_job)
    assert (unlisted(), told["applied"], told["run"]["status"]) == (0, "yes", "finished")
    assert told["run"]["changed"] + told["run"]["unchanged"] == 3
    assert all(Order.from_wire(item).wire() == without_its_request(item) for item in of_kind("order"))


@pytest.mark.ledger("S0-007")
@pytest.mark.parametrize("call", range(4, CALLS + 1, 6))
def test_an_undo_that_was_killed_ends_too(
    shop: Shop, three_orders: None, run_job: Callable[[], None], call: int
) -> None:
    before = versionless()
    start(shop)
    run_job()
    undo(shop)
    with killed_at(call, after=True), pytest.raises(Killed):
        run_job()
        raise Killed
    told = until_it_ends(shop, run_job)
    assert (told["applied"], told["run"]["status"], versionless()) == ("no", "finished", before)


def test_a_run_makes_no_more_calls_than_are_tried_above(
    shop: Shop, three_orders: None, run_job: Callable[[], None]
) -> None:
    start(shop)
    with store_calls() as sent:
        run_job()
    assert status(shop)["run"]["status"] == "finished"
    assert CALLS - 6 < len(sent) <= CALLS


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("operation", ["UpdateItem", "Scan", "TransactWriteItems"])
def test_lost_answers_change_nothing_of_the_outcome(
    shop: Shop, three_orders: None, run_job: Callable[[], None], operation: str, times: int
) -> None:
    start(shop)
    with losing_answers(operation, times=times):
        run_job()
    told = until_it_ends(shop, run_job)
    assert (unlisted(), told["applied"]) == (0, "yes")


def test_a_store_that_does_not_answer_is_asked_again_at_the_next_tick(
    shop: Shop, three_orders: None, run_job: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    start(shop)
    monkeypatch.setattr("chalicelib.store.client._LONGEST_PAUSE", 0.0)
    with answering("Scan", "AccessDeniedException", times=1):
        run_job()
    told = status(shop)
    assert (told["run"]["status"], told["run"]["parked_count"], unlisted()) == ("running", 0, 3)
    run_job()
    assert status(shop)["applied"] == "yes"


def test_two_runners_at_once_do_not_do_the_work_twice(
    shop: Shop, three_orders: None, run_job: Callable[[], None]
) -> None:
    start(shop)
    others: list[Any] = []
    with with_a_page_in_hand(lambda: others.append(running.work(shop.clock.now()))):
        run_job()
    assert [(one.status, one.advanced) for one in others] == [("running", False)]
    assert (unlisted(), status(shop)["run"]["changed"]) == (0, 3)


def test_a_worker_that_overslept_leaves_the_rest_to_the_next(
    shop: Shop, three_orders: None, run_job: Callable[[], None]
) -> None:
    start(shop)

    def overslept() -> None:
        shop.clock.advance(seconds=61)
        run_job()

    with with_a_page_in_hand(overslept):
        run_job()
    told = status(shop)
    assert (told["applied"], told["run"]["changed"], told["run"]["unchanged"]) == ("yes", 3, 0)


def test_no_run_begins_while_a_worker_of_the_other_direction_may_still_write(
    shop: Shop, three_orders: None, run_job: Callable[[], None]
) -> None:
    start(shop)
    refused: list[Any] = []

    def turned_round() -> None:
        assert stop(shop).status == 200
        refused.append(undo(shop))

    with with_a_page_in_hand(turned_round):
        run_job()
    assert (refused[0].status, refused[0].code, refused[0].json["seconds"]) == (409, "migration_at_work", 61)
    assert undo(shop).status == 200


def test_a_worker_that_wakes_in_the_middle_of_an_undo_writes_nothing(
    shop: Shop, three_orders: None, run_job: Callable[[], None]
) -> None:
    start(shop)

    def undone_meanwhile() -> None:
        assert stop(shop).status == 200
        shop.clock.advance(seconds=61)
        assert undo(shop).status == 200
        run_job()
        assert status(shop)["run"]["status"] == "finished"

    with with_a_page_in_hand(undone_meanwhile):
        run_job()
    told = status(shop)
    assert (unlisted(), told["applied"], told["run"]["undo"]) == (3, "no", True)
