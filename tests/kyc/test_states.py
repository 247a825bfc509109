"""The table of moves."""

from typing import get_args

import pytest

from chalicelib.kyc import states
from tests.conftest import MORNING

STATES = get_args(states.State)


@pytest.mark.rule("B22")
def test_every_state_has_a_way_out_but_the_last() -> None:
    ways = {state for state, _ in states.MOVES}
    assert set(STATES) - ways == {"erased"}
    assert set(states.MOVES.values()) | {"none"} == set(STATES)


@pytest.mark.rule("B22")
def test_who_waits_for_the_shop_has_a_timer_and_who_waits_for_the_customer_has_none() -> None:
    timers = {state: states.timer_of(state, MORNING, MORNING)[0] for state in STATES}
    assert {state: timer for state, timer in timers.items() if timer} == {
        "submitted": states.KYC_WAITING,
        "approved": states.KYC_EXPIRY,
    }


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", get_args(states.Event))
def test_a_move_that_is_not_in_the_table_is_refused(state: states.State, event: states.Event) -> None:
    if (state, event) in states.MOVES:
        assert states.move(state, event) == states.MOVES[state, event]
    else:
        with pytest.raises(states.KycState):
            states.move(state, event)


def test_everything_can_be_erased_once() -> None:
    assert {state for state, event in states.MOVES if event == "erase"} == set(STATES) - {"erased"}


def test_staff_list_every_state_that_stays() -> None:
    assert set(get_args(states.Listed)) == set(STATES) - {"none", "erased"}
