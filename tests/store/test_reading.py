"""Keys that cannot be forged, cursors that fit one query, reads that are retried."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.context import Context
from chalicelib.core.errors import Unavailable
from chalicelib.inventory.entities import StockMove
from chalicelib.store import client, items, transaction
from chalicelib.store.client import Unsure, call, table_name
from chalicelib.store.cursors import CursorInvalid, seal, unseal
from chalicelib.store.keys import KeyError_, part
from tests.faults import answering

AT = datetime(2036, 3, 2, tzinfo=UTC)


def moves(count: int, sku: str = "sku_a") -> None:
    ctx = Context(tenant="default", now=AT)
    for start in range(0, count, 25):
        with transaction(ctx) as tx:
            for n in range(start, min(count, start + 25)):
                tx.put(
                    f"move {n}",
                    StockMove(
                        tenant="default",
                        sku_id=sku,
                        move_id=f"m{n:03d}",
                        created_at=AT,
                        delta=n,
                        reason="",
                        actor_id="a",
                    ),
                )


@given(st.text())
def test_no_text_smuggles_a_separator_into_a_key(text: str) -> None:
    try:
        assert "#" not in part(text)
    except KeyError_:
        assert not text or "#" in text or any(ord(char) < 32 for char in text)


@pytest.mark.parametrize("value", [-1, True, datetime(2026, 1, 1), None, 10**12, ""])  # noqa: DTZ001
def test_what_does_not_sort_may_not_stand_in_a_key(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        part(value)


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**12 - 1))
def test_numbers_sort_as_text_in_their_own_order(one: int, other: int) -> None:
    assert (part(one) < part(other)) == (one < other)


def test_a_list_is_walked_once_and_whole(table: None) -> None:
    moves(23)
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(10):
        page = items(StockMove, "default", StockMove.key, sku_id="sku_a", limit=5, cursor=cursor)
        seen.extend(move.delta for move in page.data)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == list(range(23))


def test_a_cursor_of_another_list_or_a_touched_one_is_refused(table: None) -> None:
    moves(3)
    cursor = items(StockMove, "default", StockMove.key, sku_id="sku_a", limit=1).next_cursor
    assert cursor is not None
    for tenant, sku, presented in (
        ("default", "sku_b", cursor),
        ("other", "sku_a", cursor),
        ("default", "sku_a", cursor[:-2] + "xx"),
        ("default", "sku_a", "not a cursor"),
        ("default", "sku_a", "é"),
    ):
        with pytest.raises(CursorInvalid):
            items(StockMove, tenant, StockMove.key, sku_id=sku, limit=1, cursor=presented)


@given(st.dictionaries(st.text(), st.text()), st.text(), st.text())
def test_a_cursor_opens_for_its_own_query_alone(position: dict[str, str], query: str, other: str) -> None:
    cursor = seal(position, query)
    assert unseal(cursor, query) == position
    if other != query:
        with pytest.raises(CursorInvalid):
            unseal(cursor, other)


def test_a_throttled_read_is_repeated(table: None) -> None:
    with answering("Query", "ProvisionedThroughputExceededException", times=2) as seen:
        items(StockMove, "default", StockMove.key, sku_id="sku_a", limit=1)
    assert seen.calls == 3


def test_a_store_that_stays_down_is_told_as_unavailable(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BUDGET_SECONDS", 0.1)
    with answering("GetItem", "InternalServerError", times=10**6), pytest.raises(Unavailable):
        call("GetItem", budget=0.1, TableName=table_name(), Key={"pk": {"S": "a"}, "sk": {"S": "b"}})


def test_a_write_that_may_have_happened_is_not_repeated_blindly(table: None) -> None:
    with answering("UpdateItem", "InternalServerError", times=1) as seen, pytest.raises(Unsure):
        call("UpdateItem", repeatable=False, TableName=table_name(), Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
    assert seen.calls == 1
