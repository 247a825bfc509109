"""The state machine is a table, and the table has no dead ends."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.orders.states import EVERY, FINAL, MOVES, Event, OrderState, State, move, timer_of
from chalicelib.tenants.terms import InForce

AT = datetime(2036, 3, 2, tzinfo=UTC)
TERMS = InForce(pay_minutes=30, confirm_days=10, ship_alarm_hours=48, open_orders=20, reserved_units=200)
EVENTS = sorted({event for _, event in MOVES})


@pytest.mark.rule("B22")
@pytest.mark.parametrize("state", sorted(set(EVERY) - FINAL))
def test_every_state_that_is_not_final_has_an_exit_and_a_timer(state: State) -> None:
    reached, frontier = {state}, [state]
    while frontier:
        here = frontier.pop()
        for (start, _), end in MOVES.items():
            if start == here and end not in reached:
                reached.add(end)
                frontier.append(end)
    assert reached & FINAL
    timer = timer_of(state, AT, AT, TERMS)
    assert timer is not None
    assert timer[1] >= AT


@pytest.mark.rule("B22")
def test_every_timer_of_an_order_has_a_sweep() -> None:
    from chalicelib.events import jobs as events
    from chalicelib.orders import jobs as orders
    from chalicelib.payments import jobs as payments

    swept = {"order_timeout": payments.jobs, "auto_confirm": orders.jobs, "order_stuck": events.jobs}
    timers = {timer[0] for state in EVERY if (timer := timer_of(state, AT, AT, TERMS))}
    assert timers == set(swept)
    assert "order_timeout" in payments.jobs.known
    assert "auto_confirm" in orders.jobs.known
    assert "alert_dispatch" in events.jobs.known


@pytest.mark.ledger("S1-049")
@given(st.sampled_from(EVERY), st.sampled_from(EVENTS))
def test_only_legal_moves_are_made(state: State, event: Event) -> None:
    legal = MOVES.get((state, event))
    if legal is None:
        with pytest.raises(OrderState):
            move(state, event)
    else:
        assert move(state, event) == legal
