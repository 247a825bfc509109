"""A migration while the shop is open, on an engine that is atomic under threads."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chalicelib.core.context import system
from chalicelib.core.errors import PreconditionFailed
from chalicelib.events import jobs as events
from chalicelib.migrations import book, model, running, starting
from chalicelib.orders.entities import Order
from chalicelib.store import Ref, again, client, get, rewriting, timers, transaction
from chalicelib.store.client import table_name
from infra.local import clients
from infra.local.emulator import Emulator
from infra.local.stream_reader import StreamReader, stream_arn
from infra.local.streams import Consumer, Pump
from tests.jobs import EVENT, of_kind
from tests.migrations.old_orders import (
    as_it_was,
    copies,
    removed_order,
    start,
    status,
    undo,
    unlisted,
    without_its_request,
)
from tests.races.parallel import at_once
from tests.shop import Shop

pytestmark = pytest.mark.emulator
MANY = 40


@pytest.fixture(autouse=True)
def as_on_a_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four segments side by side, and small pages, so that runners and traffic meet."""
    monkeypatch.setattr(starting, "segments", 4)
    monkeypatch.setattr(timers, "threads", 8)
    monkeypatch.setattr(rewriting, "PAGE", 5)


@pytest.fixture
def many_orders(live_shop: Shop) -> list[Ref]:
    copies(as_it_was(removed_order(live_shop, live_shop.customer("Lin"))), MANY - 1)
    return [Ref(item["pk"]["S"], item["sk"]["S"]) for item in of_kind("order")]


def count_up(ref: Ref) -> None:
    """What any request does to an order: read it, change it, write it whole under its version."""

    def once() -> None:
        order = get(Order, ref)
        assert order is not None
        order.note = str(int(order.note or "0") + 1)
        with transaction(system("default")) as tx:
            tx.replace("order", order)

    again(once, PreconditionFailed)


def until_done(now: Callable[[], Any]) -> None:
    for _ in range(200):
        if running.work(now()).status in ("finished", "idle"):
            return
    raise AssertionError("the migration did not end")


def test_orders_that_are_written_meanwhile_lose_nothing_and_are_brought_over(
    live_shop: Shop, many_orders: list[Ref]
) -> None:
    assert start(live_shop).status == 200
    traffic = [partial(count_up, ref) for ref in many_orders[:10] * 3]
    at_once([*traffic, *[partial(until_done, live_shop.clock.now)] * 3])
    told = status(live_shop)
    assert (unlisted(), told["applied"], told["run"]["parked_count"]) == (0, "yes", 0)
    assert told["run"]["changed"] + told["run"]["unchanged"] == MANY
    notes = sorted(item["note"]["S"] for item in of_kind("order") if "note" in item)
    assert notes == ["3"] * 10
    assert all(Order.from_wire(item).wire() == without_its_request(item) for item in of_kind("order"))


def test_whoever_read_an_item_before_it_was_rewritten_cannot_put_the_old_value_back(
    live_shop: Shop, many_orders: list[Ref], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today's code would write the value it has in hand: it does not know that this one changes."""
    (ours,) = book.known()
    renamed = model.Migration(
        number="0001",
        title=ours.title,
        kinds=ours.kinds,
        attributes=frozenset({"rules_version"}),
        forward=lambda item: {**item, "rules_version": {"S": "next"}},
        backward=None,
    )
    monkeypatch.setattr(book, "known", lambda: (renamed,))
    start(live_shop)
    traffic = [partial(count_up, ref) for ref in many_orders[:12] * 3]
    at_once([*traffic, partial(until_done, live_shop.clock.now)])
    assert {item["rules_version"]["S"] for item in of_kind("order")} == {"next"}
    assert sorted(item["note"]["S"] for item in of_kind("order") if "note" in item) == ["3"] * 12


def hand_all(orders: list[Ref], owner: str) -> None:
    for ref in orders:
        client.client().update_item(
            TableName=table_name(),
            Key=ref.wire(),
            UpdateExpression="SET owner_id = :owner",
            ExpressionAttributeValues={":owner": {"S": owner}},
        )


@pytest.mark.parametrize("had_an_owner", [False, True], ids=["it came", "it changed"])
def test_an_item_that_changes_in_the_very_moment_is_read_again(
    live_shop: Shop, many_orders: list[Ref], had_an_owner: bool
) -> None:
    """The order passes to another account between the page and the write: its entry must name the new owner."""
    if had_an_owner:
        hand_all(many_orders, live_shop.customer("Fang").id)
    start(live_shop)
    owner = live_shop.customer("Wu").id
    engine = client.client().meta.events

    def passes_on(**_: Any) -> None:
        hand_all(many_orders, owner)

    engine.register("after-call.dynamodb.Scan", passes_on)
    try:
        until_done(live_shop.clock.now)
    finally:
        engine.unregister("after-call.dynamodb.Scan", passes_on)
    assert {item["owner_pk"]["S"] for item in of_kind("order")} == {
        f"default#CUSTOMER#{owner}#REMOVED_ORDERS"
    }


def test_three_runners_there_and_back_do_no_harm(live_shop: Shop, many_orders: list[Ref]) -> None:
    for begin, applied, left in ((start, "yes", 0), (undo, "no", MANY)):
        assert begin(live_shop).status == 200
        at_once([partial(until_done, live_shop.clock.now)] * 3)
        assert (status(live_shop)["applied"], unlisted()) == (applied, left)
        assert status(live_shop)["run"]["changed"] == MANY


def test_consumers_of_the_stream_hear_nothing_of_it(
    live_shop: Shop, many_orders: list[Ref], emulator: Emulator
) -> None:
    """The engine's own stream, handed to the consumer as Lambda would: no event is told twice, no message sent."""
    arn = stream_arn(clients.dynamodb(emulator.endpoint), table_name())
    streams = clients.streams(emulator.endpoint)
    history, reader = StreamReader(streams, arn, "TRIM_HORIZON"), StreamReader(streams, arn)
    pump_all(history, arn)
    told_before = sorted(item["sk"]["S"] for item in of_kind("notification"))
    assert told_before
    assert of_kind("event") == []
    start(live_shop)
    until_done(live_shop.clock.now)
    seen = pump_all(reader, arn)
    assert seen.count("MODIFY") >= MANY
    assert sorted(item["sk"]["S"] for item in of_kind("notification")) == told_before
    assert of_kind("event") == []
    live_shop.clock.advance(minutes=10)
    events.alert_dispatch(EVENT, None)
    assert sorted(item["sk"]["S"] for item in of_kind("notification")) == told_before


def pump_all(reader: StreamReader, arn: str) -> list[str]:
    """Everything that is in the stream, delivered; answers what kind of change each record was."""
    names: list[str] = []

    def handler(event: Any, context: Any) -> Any:
        names.extend(record["eventName"] for record in event["Records"])
        return events.table_stream(event, context)

    pump = Pump(Consumer("table_stream", 100, handler), reader)
    pump.start()
    pump.stop(20.0)
    return names
