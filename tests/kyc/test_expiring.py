"""What happens when nobody does anything."""

from contextlib import suppress

import pytest

from chalicelib.core.context import system
from chalicelib.kyc import jobs, service
from tests.faults import Killed, answering, killed_at
from tests.jobs import EVENT, of_kind
from tests.kyc.papers import approved, case, messages, queue, status, submit
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes, store_calls

SOON = {"expires_at": "2036-03-03T01:00:00Z"}


def tick() -> None:
    jobs.kyc_expiry(EVENT, None)


@pytest.mark.ledger("S2-015")
def test_an_approval_past_its_time_is_expired_for_every_reader_before_the_sweep(
    lin: Person, shop: Shop
) -> None:
    approved(shop, lin, **SOON)
    assert service.is_verified(system("default"), lin.id)
    shop.clock.advance(hours=24)
    assert lin.token
    assert shop.admin.token
    with nothing_changes():
        assert status(lin) == "expired"
        assert case(shop.admin, lin)["status"] == "expired"
        assert [row["status"] for row in queue(shop.admin, "status=approved")] == ["expired"]
        assert not service.is_verified(system("default"), lin.id)


@pytest.mark.ledger("S2-015")
def test_the_sweep_ends_it_once_and_the_customer_is_told(lin: Person, shop: Shop) -> None:
    approved(shop, lin, **SOON)
    messages(shop, lin)
    shop.clock.advance(hours=24)
    tick()
    with nothing_changes():
        tick()
    assert [row["user_id"] for row in queue(shop.admin, "status=expired")] == [lin.id]
    assert queue(shop.admin, "status=approved") == []
    assert [title for title, _ in messages(shop, lin)] == [
        "Your verification has expired",
        "Your identity is verified",
    ]


def test_nothing_expires_before_its_time(lin: Person, shop: Shop) -> None:
    approved(shop, lin, **SOON)
    shop.clock.advance(hours=23)
    with nothing_changes():
        tick()
    assert status(lin) == "approved"


def test_who_is_expired_submits_again_whether_or_not_the_sweep_came_by(lin: Person, shop: Shop) -> None:
    approved(shop, lin, **SOON)
    shop.clock.advance(hours=24)
    assert submit(lin)["status"] == "submitted"
    with nothing_changes():
        tick()
    steps = [(step["event"], step["actor_kind"]) for step in case(shop.admin, lin)["timeline"]]
    assert steps == [
        ("submit", "customer"),
        ("approve", "staff"),
        ("expire", "system"),
        ("submit", "customer"),
    ]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", [5, 6])
def test_a_killed_sweep_is_carried_on_by_the_next(lin: Person, shop: Shop, call: int, after: bool) -> None:
    approved(shop, lin, **SOON)
    messages(shop, lin)
    shop.clock.advance(hours=24)
    with killed_at(call, after=after), suppress(Killed):
        tick()
    tick()
    assert (len(of_kind("event")), len(queue(shop.admin, "status=expired"))) == (1, 1)


def test_a_sweep_that_lost_a_race_looks_again(lin: Person, shop: Shop) -> None:
    approved(shop, lin, **SOON)
    shop.clock.advance(hours=24)
    reasons = ["None", "ConditionalCheckFailed"]
    with answering("TransactWriteItems", "TransactionCanceledException", times=1, reasons=reasons):
        tick()
    assert len(queue(shop.admin, "status=expired")) == 1


def test_with_nothing_due_a_tick_costs_a_query_for_each_shard_of_two_timers(shop: Shop) -> None:
    tick()
    with store_calls() as calls:
        tick()
    assert calls == ["Query"] * 8


@pytest.mark.rule("B22")
def test_staff_are_told_of_a_submission_that_waits_every_three_days(lin: Person, shop: Shop) -> None:
    submit(lin)
    for many in (1, 2):
        shop.clock.advance(days=3)
        tick()
        tick()
        waiting = [item for item in of_kind("event") if item["name"]["S"] == "kyc.waiting"]
        assert len(waiting) == many
    approving = case(shop.admin, lin)
    assert [step["event"] for step in approving["timeline"]] == ["submit"]


def test_what_is_decided_raises_no_alarm(lin: Person, shop: Shop) -> None:
    approved(shop, lin)
    shop.clock.advance(days=4)
    with nothing_changes():
        tick()


def test_a_timer_of_something_gone_does_nothing(lin: Person, shop: Shop) -> None:
    from chalicelib.kyc import expiring
    from chalicelib.kyc.entities import kyc_ref

    with nothing_changes():
        expiring.expire(kyc_ref("default", lin.id), shop.clock.now())
        expiring.raise_alarm(kyc_ref("default", lin.id), shop.clock.now())
