"""The breaker by itself: when it opens, for how long, who goes out as the probe, and what it never counts."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.core import breakers
from chalicelib.core.breakers import FAILURES, LONGEST_REST, PROBE_PATIENCE, REST, ProviderResting, Standing
from chalicelib.core.clock import SetClock


class Away(Exception):
    """The service does not answer."""


class OurMistake(Exception):
    """The service says that the call was wrong."""


def away() -> str:
    raise Away


def mistaken() -> str:
    raise OurMistake


def ask(how: Callable[[], str] = lambda: "an answer") -> str:
    try:
        return breakers.of("post").call(how, is_outage=lambda error: isinstance(error, Away))
    except (Away, OurMistake) as error:
        return type(error).__name__


def state() -> str:
    return breakers.of("post").standing().state


@pytest.fixture
def told(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> list[Standing]:
    changes: list[Standing] = []
    monkeypatch.setattr(breakers, "_tells", [changes.append])
    return changes


def opened() -> None:
    for _ in range(FAILURES):
        assert ask(away) == "Away"


def test_a_service_that_fails_again_and_again_is_not_asked_any_more(told: list[Standing]) -> None:
    opened()
    with pytest.raises(ProviderResting) as raised:
        ask(lambda: pytest.fail("it was asked"))
    assert raised.value.retry_after == REST.total_seconds()
    assert [(one.state, one.reason) for one in told] == [("open", "Away")]


def test_one_answer_between_failures_forgives_them(told: list[Standing]) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            ask(away)
        ask()
    assert (state(), told) == ("closed", [])


def test_our_own_mistakes_are_no_outage(told: list[Standing]) -> None:
    for _ in range(FAILURES * 3):
        assert ask(mistaken) == "OurMistake"
    assert (state(), told) == ("closed", [])


def test_after_the_rest_one_probe_goes_out_and_an_answer_closes_it(
    told: list[Standing], clock: SetClock
) -> None:
    opened()
    clock.advance(seconds=REST.total_seconds() - 1)
    with pytest.raises(ProviderResting):
        ask()
    clock.advance(seconds=1)
    assert state() == "half_open"
    assert ask() == "an answer"
    assert (state(), [one.state for one in told]) == ("closed", ["open", "closed"])
    assert [ask(away) for _ in range(FAILURES - 1)] == ["Away"] * (FAILURES - 1)
    assert state() == "closed", "trusted anew: the old failures do not count"


def test_a_probe_that_finds_a_mistake_of_ours_has_found_the_service(
    told: list[Standing], clock: SetClock
) -> None:
    opened()
    clock.advance(seconds=REST.total_seconds())
    assert ask(mistaken) == "OurMistake"
    assert state() == "closed"


def test_each_probe_that_fails_doubles_the_rest_up_to_the_longest(
    told: list[Standing], clock: SetClock
) -> None:
    opened()
    for _ in range(8):
        clock.advance(seconds=LONGEST_REST.total_seconds())
        assert ask(away) == "Away"
    rests = [(one.until - one.at).total_seconds() for one in told if one.until and one.at]
    assert rests == [30, 60, 120, 240, 300, 300, 300, 300, 300]


def test_of_many_at_once_one_is_the_probe(told: list[Standing], clock: SetClock) -> None:
    opened()
    clock.advance(seconds=REST.total_seconds())
    out, back = threading.Event(), threading.Event()

    def slow() -> str:
        out.set()
        assert back.wait(5), "nobody let it come back"
        return "an answer"

    answers: list[str] = []
    probe = threading.Thread(target=lambda: answers.append(ask(slow)))
    probe.start()
    assert out.wait(5), "the probe did not go out"
    with pytest.raises(ProviderResting):
        ask(lambda: pytest.fail("a second probe went out"))
    back.set()
    probe.join(5)
    assert (answers, state()) == (["an answer"], "closed")


def test_a_probe_that_never_comes_back_holds_up_the_next_for_a_while_only(
    told: list[Standing], clock: SetClock
) -> None:
    opened()
    clock.advance(seconds=REST.total_seconds())
    breakers.of("post")._let_through()
    with pytest.raises(ProviderResting):
        ask()
    clock.advance(seconds=PROBE_PATIENCE.total_seconds())
    assert ask() == "an answer"


def test_a_probe_cut_off_frees_its_place_at_once(told: list[Standing], clock: SetClock) -> None:
    def killed() -> Any:
        raise KeyboardInterrupt

    opened()
    clock.advance(seconds=REST.total_seconds())
    with pytest.raises(KeyboardInterrupt):
        ask(killed)
    assert ask() == "an answer"


def test_what_went_out_before_it_opened_changes_nothing_when_it_comes_back(told: list[Standing]) -> None:
    breaker = breakers.of("post")
    is_probe = breaker._let_through()
    opened()
    breaker._answered(is_probe=is_probe)
    assert state() == "open"
    breaker._failed("Away", is_probe=is_probe)
    assert len(told) == 1


def test_who_cannot_be_told_keeps_nobody_from_their_answer(
    clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakers, "_tells", [lambda _: away()])
    opened()
    assert state() == "open"
