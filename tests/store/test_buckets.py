"""Token buckets in the table: shared by all processes, exact when they race."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.context import Context
from chalicelib.core.errors import TooMany
from chalicelib.store import counters
from tests.conftest import MORNING
from tests.faults import losing_answers
from tests.jobs import of_kind
from tests.races.parallel import at_once
from tests.unchanged import store_calls

CTX = Context(tenant="default")


def spent(times: int, *, at: float = 0, subject: str = "lin") -> int:
    ctx = replace(CTX, now=MORNING + timedelta(seconds=at))
    count = 0
    for _ in range(times):
        try:
            counters.spend(ctx, "x", subject, limit=5, window_seconds=60)
        except TooMany:
            continue
        count += 1
    return count


@pytest.mark.ledger("S1-003")
def test_tokens_come_back_one_at_a_time_and_do_not_add_up(table: None) -> None:
    assert spent(9) == 5
    assert spent(3, at=11) == 0
    assert spent(3, at=12) == 1
    assert spent(9, at=36) == 2
    assert spent(9, at=7200) == 5
    assert spent(9, subject="wei") == 5


def test_a_refusal_says_when_the_next_token_comes(table: None) -> None:
    spent(5)
    with pytest.raises(TooMany) as refused:
        counters.spend(
            replace(CTX, now=MORNING + timedelta(seconds=2)), "x", "lin", limit=5, window_seconds=60
        )
    assert refused.value.retry_after == 10


def test_a_token_is_one_call_and_so_is_a_refusal(table: None) -> None:
    with store_calls() as calls:
        assert spent(8) == 5
    assert calls == ["UpdateItem"] * 8


def test_a_process_that_knows_nothing_of_the_bucket_asks_twice(table: None) -> None:
    spent(2)
    counters._seen.clear()
    with store_calls() as calls:
        assert spent(1) == 1
    assert calls == ["UpdateItem"] * 2


def test_a_bucket_leaves_the_table_by_itself(table: None) -> None:
    spent(2)
    (bucket,) = of_kind("bucket")
    assert int(bucket["ttl"]["N"]) == int(MORNING.timestamp()) + 120
    assert bucket["tenant"]["S"] == "default"


def test_a_lost_answer_may_take_a_token_and_refuses_nobody(table: None) -> None:
    with losing_answers("UpdateItem", times=1):
        assert spent(1) == 1
    assert spent(9) == 4


def test_what_is_remembered_of_buckets_is_bounded(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "_MOST_SEEN", 3)
    for n in range(10):
        spent(1, subject=str(n))
    assert len(counters._seen) <= 3


@pytest.mark.emulator
@pytest.mark.ledger("S1-003")
def test_a_hundred_at_once_share_what_is_in_the_bucket(live_table: None) -> None:
    assert sum(at_once([lambda: spent(1)] * 60)) == 5
    assert sum(at_once([lambda: spent(1, at=24)] * 40)) == 2
