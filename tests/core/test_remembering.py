"""A memory is used for a minute, forgets when told, and does not grow without end."""

import pytest

from chalicelib.core import clock as clocks
from chalicelib.core import remembering
from chalicelib.core.remembering import Remembered


def test_what_was_read_is_used_for_a_minute_and_then_read_again(clock: clocks.SetClock) -> None:
    answers = iter(["first", "second"])
    memory: Remembered[str, str] = Remembered()
    assert memory.get("a", lambda: next(answers)) == "first"
    clock.advance(seconds=remembering.FOR.total_seconds() - 1)
    assert memory.get("a", lambda: next(answers)) == "first"
    clock.advance(seconds=1)
    assert memory.get("a", lambda: next(answers)) == "second"


def test_every_memory_forgets_when_told(clock: clocks.SetClock) -> None:
    memories: list[Remembered[str, int]] = [Remembered(), Remembered()]
    for memory in memories:
        memory.get("a", lambda: 1)
    remembering.forget_all()
    assert [memory.get("a", lambda: 2) for memory in memories] == [2, 2]


def test_what_could_not_be_read_is_not_remembered(clock: clocks.SetClock) -> None:
    memory: Remembered[str, int] = Remembered()

    def fail() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        memory.get("a", fail)
    assert memory.get("a", lambda: 1) == 1


def test_a_memory_holds_no_more_than_its_share(
    clock: clocks.SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "_MOST", 3)
    memory: Remembered[int, int] = Remembered()
    for key in range(10):
        memory.get(key, lambda key=key: key)  # type: ignore[misc]
        assert len(memory._known) <= 3
