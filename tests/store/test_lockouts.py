"""Delays that grow: pure, and counted by one conditional write."""

from datetime import timedelta

import pytest

from chalicelib.core.clock import SetClock
from chalicelib.core.context import Context, system
from chalicelib.core.errors import TooMany
from chalicelib.store import lockouts, transaction
from chalicelib.store.lockouts import Policy, count_try
from tests.faults import answering
from tests.races.parallel import at_once
from tests.unchanged import store_calls

POLICY = Policy(
    free=2, first=timedelta(seconds=10), longest=timedelta(seconds=45), forgotten_after=timedelta(minutes=5)
)


def test_a_wait_doubles_up_to_the_longest() -> None:
    waits = [POLICY.wait(tries).total_seconds() for tries in (0, 1, 2, 3, 4, 5, 500)]
    assert waits == [0, 0, 10, 20, 40, 45, 45]


def tried() -> int:
    """How many seconds to wait; 0: it counted."""
    try:
        count_try(system("default"), "thing", "lin", POLICY)
    except TooMany as wait:
        return wait.retry_after
    return 0


def test_free_tries_cost_one_write_and_later_ones_two(table: None, clock: SetClock) -> None:
    with store_calls() as free:
        assert tried() == tried() == 0
    assert free == ["UpdateItem"] * 2
    assert tried() == 10
    clock.advance(seconds=9.5)
    assert tried() == 1
    clock.advance(seconds=0.5)
    with store_calls() as later:
        assert tried() == 0
    assert later == ["UpdateItem"] * 2
    assert tried() == 20


def test_a_subject_that_was_forgiven_or_forgotten_begins_anew(table: None, clock: SetClock) -> None:
    assert [tried() for _ in range(3)] == [0, 0, 10]
    ctx = Context(tenant="default")
    with transaction(ctx) as tx:
        lockouts.forgive(tx, "thing", "lin")
    assert [tried() for _ in range(3)] == [0, 0, 10]
    clock.advance(minutes=5)
    assert [tried() for _ in range(3)] == [0, 0, 10]


def test_another_fault_of_the_table_is_not_taken_for_a_wait(table: None, clock: SetClock) -> None:
    from botocore.exceptions import ClientError

    with answering("UpdateItem", "ValidationException", times=1), pytest.raises(ClientError):
        count_try(system("default"), "thing", "lin", POLICY)
    assert [tried() for _ in range(2)] == [0, 0]
    clock.advance(seconds=10)
    refused = answering("UpdateItem", "ConditionalCheckFailedException", times=0)
    with refused:
        assert tried() == 0


@pytest.mark.emulator
def test_after_a_pause_as_many_pass_at_once_as_are_free(live_table: None, clock: SetClock) -> None:
    assert sorted(at_once([tried] * 20)) == [0] * 2 + [10] * 18
    clock.advance(seconds=10)
    assert sorted(at_once([tried] * 20)) == [0] + [20] * 19
    clock.advance(minutes=5)
    assert sorted(at_once([tried] * 20)) == [0] * 2 + [10] * 18
