"""Events: written with their cause, delivered at least once, effective once, parked when nothing helps."""

from typing import Any

import pytest

from chalicelib.core.context import Context
from chalicelib.events import subscriptions
from chalicelib.notifications import service as notifications
from chalicelib.store import Consumer, Event, once, transaction
from chalicelib.store.meter import metering
from chalicelib.store.outbox import BACK_OFF
from chalicelib.store.timers import AFTER_FAILURE
from chalicelib.tenants import service as tenants
from tests.jobs import EVENT, of_kind, record, stream, tick
from tests.payments.test_paying import pay
from tests.shop import Person, Shop


class Unwell:
    """A consumer that fails until it is healed, and remembers what reached it."""

    def __init__(self) -> None:
        self.fails = True
        self.got: list[str] = []

    def __call__(self, ctx: Context, event: Event) -> None:
        if self.fails:
            raise RuntimeError("the mail server is away")
        with transaction(ctx) as tx:
            once(tx, event, "unwell")
        self.got.append(event.event_id)


@pytest.fixture
def unwell(monkeypatch: pytest.MonkeyPatch) -> Unwell:
    consumer = Unwell()
    subscribed = {
        **subscriptions.SUBSCRIPTIONS,
        "order.paid": (
            Consumer("notifications.tell_customer", notifications.tell_customer),
            Consumer("unwell", consumer),
        ),
    }
    monkeypatch.setattr(subscriptions, "SUBSCRIPTIONS", subscribed)
    return consumer


def paid(shop: Shop) -> Person:
    lin = shop.customer()
    pay(lin, shop.order(lin, shop.sku())["id"])
    return lin


def waiting(name: str) -> list[dict[str, Any]]:
    return [event for event in of_kind("event") if event["name"]["S"] == name]


def told(lin: Person) -> list[str]:
    return [message["about"] for message in lin.get("/v1/me/notifications").json["data"]]


@pytest.mark.ledger("S1-050", "S1-059")
def test_an_event_is_written_with_its_cause_and_gone_when_delivered(shop: Shop) -> None:
    lin = paid(shop)
    names = {event["name"]["S"] for event in of_kind("event")}
    assert {"order.placed", "payment.succeeded", "order.paid", "stock.deducted"} <= names
    stream()
    assert of_kind("event") == []
    assert told(lin) == ["order.paid"]


@pytest.mark.rule("B19")
@pytest.mark.ledger("S1-060")
def test_duplicates_and_reorder_tell_the_customer_once(shop: Shop) -> None:
    lin = paid(shop)
    events = of_kind("event")
    from chalicelib.events.jobs import table_stream

    for batch in (list(reversed(events)), events, events):
        table_stream({"Records": [record("INSERT", image, n) for n, image in enumerate(batch, 1)]}, None)
    assert told(lin) == ["order.paid"]


@pytest.mark.rule("B19")
def test_other_records_of_the_stream_are_none_of_the_consumers_business(shop: Shop) -> None:
    from chalicelib.events.jobs import table_stream

    lin = paid(shop)
    images = of_kind("order") + of_kind("stock")
    removed = [record("REMOVE", image, n) for n, image in enumerate(of_kind("event"), 1)]
    assert table_stream({"Records": [record("INSERT", image, 1) for image in images] + removed}, None) == {
        "batchItemFailures": []
    }
    assert told(lin) == []


@pytest.mark.rule("B19")
def test_a_broken_record_is_where_the_stream_resumes(shop: Shop) -> None:
    from chalicelib.events.jobs import table_stream

    paid(shop)
    good = [record("INSERT", image, n) for n, image in enumerate(of_kind("event"), 1)]
    broken = record("INSERT", {**of_kind("event")[0], "occurred_at": {"N": "7"}}, 99)
    answer = table_stream({"Records": [good[0], broken, *good[1:]]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "99"}]}


@pytest.mark.ledger("S1-060", "S1-058")
def test_a_failing_consumer_is_retried_alone_with_back_off(shop: Shop, unwell: Unwell) -> None:
    lin = paid(shop)
    stream()
    assert told(lin) == ["order.paid"]
    (event,) = waiting("order.paid")
    assert event["last_error"]["S"].startswith("unwell: RuntimeError")
    tick()
    assert unwell.got == []
    unwell.fails = False
    shop.clock.advance(seconds=BACK_OFF[0].total_seconds())
    tick()
    assert len(unwell.got) == 1
    assert waiting("order.paid") == []
    assert told(lin) == ["order.paid"]


@pytest.mark.ledger("S1-060")
def test_what_fails_to_the_end_is_parked_where_staff_see_and_resend_it(shop: Shop, unwell: Unwell) -> None:
    paid(shop)
    stream()
    for pause in BACK_OFF:
        shop.clock.advance(seconds=pause.total_seconds())
        tick()
    (dead,) = shop.admin.get("/v1/admin/events/dead-letters").json["data"]
    assert (dead["name"], dead["attempts"]) == ("order.paid", len(BACK_OFF) + 1)
    shop.clock.advance(days=2)
    tick()
    assert unwell.got == []
    unwell.fails = False
    url = f"/v1/admin/events/dead-letters/{dead['id']}/resend"
    assert shop.admin.post(url).json == {"id": dead["id"], "name": "order.paid"}
    tick()
    assert unwell.got == [dead["id"]]
    assert shop.admin.get("/v1/admin/events/dead-letters").json["data"] == []
    assert shop.admin.post(url).status == 404


def test_the_stream_that_missed_an_event_is_made_good_by_the_job(shop: Shop) -> None:
    lin = paid(shop)
    tick()
    assert told(lin) == []
    shop.clock.advance(seconds=31)
    tick()
    assert told(lin) == ["order.paid"]


def test_a_sweep_with_nothing_due_is_one_query_a_shard_and_a_note_every_ten_minutes(shop: Shop) -> None:
    from chalicelib.payments.jobs import order_timeout

    lin = shop.customer()
    for _ in range(3):
        shop.order(lin, shop.sku())
    with metering() as meter:
        order_timeout(EVENT, None)
        shop.clock.advance(minutes=9, seconds=59)
        order_timeout(EVENT, None)
        shop.clock.advance(seconds=1)
        order_timeout(EVENT, None)
    queries = ["Query"] * 4
    assert meter.operations == [*queries, "UpdateItem", *queries, *queries, "UpdateItem"]


def test_a_sweep_costs_two_calls_for_each_item_that_is_due(shop: Shop) -> None:
    from chalicelib.payments.jobs import order_timeout

    lin = shop.customer()
    for _ in range(3):
        shop.order(lin, shop.sku())
    shop.clock.advance(minutes=31)
    tenants.find("default")  # the shop is read once a minute, not once an item
    with metering() as meter:
        order_timeout(EVENT, None)
    assert meter.calls == 4 + 3 * 2 + 1, "and the note that it did something"


def test_one_order_that_cannot_be_closed_does_not_stop_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.payments import closing
    from chalicelib.store import Ref

    lin = shop.customer()
    bad, good = shop.order(lin, shop.sku()), shop.order(lin, shop.sku())
    real = closing.expire

    def expire(ref: Ref, now: Any) -> None:
        if bad["id"] in ref.pk:
            raise RuntimeError("cannot")
        real(ref, now)

    monkeypatch.setattr(closing, "expire", expire)
    shop.clock.advance(minutes=31)
    tick()
    assert lin.get(f"/v1/orders/{good['id']}").json["status"] == "cancelled"
    monkeypatch.undo()
    monkeypatch.setattr("chalicelib.store.timers.threads", 1)
    shop.clock.advance(seconds=AFTER_FAILURE.total_seconds())
    tick()
    assert lin.get(f"/v1/orders/{bad['id']}").json["status"] == "cancelled"


def test_a_job_a_day_late_or_run_twice_changes_nothing_more(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    order = shop.order(lin, sku, 2)
    shop.clock.advance(days=1)
    tick()
    tick()
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "cancelled"
    assert shop.stock(sku) == {"sku_id": sku, "available": 5, "reserved": 0, "sold": 0}


def test_what_cannot_be_handled_never_stands_before_what_can(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failing items are put off, so the next tick has all its time for the others."""
    from chalicelib.payments import closing
    from chalicelib.store import Ref
    from chalicelib.store.timers import sweep

    lin = shop.customer()
    orders = [shop.order(lin, shop.sku()) for _ in range(4)]
    shop.clock.advance(minutes=31)
    now = shop.clock.now()

    def fail(_: Ref) -> None:
        raise RuntimeError("cannot")

    assert sweep("order_timeout", now, fail).failed == 4
    again = sweep("order_timeout", now, lambda ref: closing.expire(ref, now))
    assert (again.handled, again.failed) == (0, 0)
    shop.clock.advance(seconds=AFTER_FAILURE.total_seconds())
    later = shop.clock.now()
    assert sweep("order_timeout", later, lambda ref: closing.expire(ref, later)).handled == 4
    assert {lin.get(f"/v1/orders/{one['id']}").json["status"] for one in orders} == {"cancelled"}


def test_a_shard_that_cannot_be_read_costs_only_itself(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.store import timers
    from chalicelib.store.timers import sweep

    asked: list[int] = []

    def due(timer: str, shard: int, *_: Any) -> dict[str, Any]:
        asked.append(shard)
        if shard == 1:
            raise RuntimeError("throttled")
        return {"Items": []}

    monkeypatch.setattr(timers, "_due", due)
    assert sweep("order_timeout", shop.clock.now(), lambda _: None).failed == 1
    assert sorted(asked) == [0, 1, 2, 3]


def test_a_short_delay_is_a_delay_too(shop: Shop) -> None:
    lin = shop.customer()
    order_id = shop.order(lin, shop.sku())["id"]
    pay(lin, order_id, delay_seconds=5)
    stream()
    assert lin.get(f"/v1/orders/{order_id}").json["status"] == "pending_payment"
    shop.clock.advance(seconds=6)
    tick()
    assert lin.get(f"/v1/orders/{order_id}").json["status"] == "paid"
