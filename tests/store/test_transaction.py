"""The one writer: who said no, what is retried, and what is recognised as done."""

import pytest

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed, Unavailable
from chalicelib.inventory.entities import Held, Stock, stock_ref
from chalicelib.inventory.service import OutOfStock, open_stock, reserve
from chalicelib.store import Transaction, get, refuse_with, transaction, transactions
from chalicelib.store.meter import metering
from chalicelib.store.parts import TooBig
from tests.faults import answering, losing_answers

CUP = "sku_01KJ000000000000000000A001"
POT = "sku_01KJ000000000000000000B001"


@pytest.fixture
def ctx(clock: object) -> Context:
    return Context(tenant="default")


def stocked(ctx: Context, **units: int) -> None:
    with transaction(ctx) as tx:
        open_stock(tx, CUP, units.get("cup", 5))
        open_stock(tx, POT, units.get("pot", 5))


def take(tx: Transaction, name: str, sku: str, units: int) -> None:
    tx.update(
        name,
        Stock,
        stock_ref("default", sku),
        add={"available": -units, "reserved": units},
        floor={"available": 0},
        refuse=lambda old: OutOfStock(
            skus=[{"sku_id": sku, "available": int(old["available"]["N"]) if old else 0}]
        ),
    )


def available(sku: str) -> int:
    stock = get(Stock, stock_ref("default", sku))
    assert stock is not None
    return stock.available


@pytest.mark.rule("B2")
def test_two_demands_on_one_item_are_summed_before_the_check(table: None, ctx: Context) -> None:
    stocked(ctx, cup=5)
    with pytest.raises(OutOfStock), transaction(ctx) as tx:
        take(tx, "one", CUP, 3)
        take(tx, "two", CUP, 3)
    assert available(CUP) == 5
    with transaction(ctx) as tx:
        take(tx, "one", CUP, 3)
        take(tx, "two", CUP, 2)
    assert available(CUP) == 0


def test_every_short_sku_is_named_with_what_is_left(table: None, ctx: Context) -> None:
    stocked(ctx, cup=1, pot=2)
    with pytest.raises(OutOfStock) as refused, transaction(ctx) as tx:
        reserve(
            tx,
            "rsv_01KJ0000000000000000000001",
            [Held(sku_id=CUP, quantity=9), Held(sku_id=POT, quantity=9)],
            holder="external",
            holder_id="x",
            expires_at=ctx.now,
        )
    assert {(one["sku_id"], one["available"]) for one in refused.value.fields["skus"]} == {(CUP, 1), (POT, 2)}


def test_a_failing_block_writes_nothing(table: None, ctx: Context) -> None:
    stocked(ctx)
    with pytest.raises(ZeroDivisionError), transaction(ctx) as tx:
        take(tx, "one", CUP, 1)
        _ = 1 / 0
    assert available(CUP) == 5


def test_a_second_put_at_one_address_is_refused_by_its_part(table: None, ctx: Context) -> None:
    stocked(ctx)
    with pytest.raises(Conflict), transaction(ctx) as tx:
        open_stock(tx, CUP, 99)
    assert available(CUP) == 5


def test_a_lost_update_is_told_and_the_winner_stands(table: None, ctx: Context) -> None:
    stocked(ctx)
    mine, theirs = get(Stock, stock_ref("default", CUP)), get(Stock, stock_ref("default", CUP))
    assert mine is not None
    assert theirs is not None
    theirs.available = 7
    with transaction(ctx) as tx:
        tx.replace("stock", theirs)
    mine.available = 1
    with pytest.raises(PreconditionFailed), transaction(ctx) as tx:
        tx.replace("stock", mine)
    assert (available(CUP), theirs.version, mine.version) == (7, 1, 0)


@pytest.mark.rule("B20")
@pytest.mark.parametrize(
    "reasons",
    [["TransactionConflict"], ["ThrottlingError"], ["TransactionConflict", "ConditionalCheckFailed"]],
    ids=["conflict", "throttled", "conflict beside a failed condition"],
)
def test_a_conflict_is_retried_and_never_told_as_sold_out(
    table: None, ctx: Context, reasons: list[str]
) -> None:
    stocked(ctx, cup=5)
    refused = answering("TransactWriteItems", "TransactionCanceledException", times=3, reasons=reasons)
    with refused as seen, transaction(ctx) as tx:
        take(tx, "cup", CUP, 5)
        if len(reasons) == 2:
            take(tx, "pot", POT, 1)
    assert (seen.calls, available(CUP)) == (4, 0)


@pytest.mark.rule("B20")
def test_endless_conflict_is_told_as_unavailable(
    table: None, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(ctx)
    monkeypatch.setattr(transactions, "BUDGET_SECONDS", 0.2)
    refused = answering(
        "TransactWriteItems", "TransactionCanceledException", times=10**6, reasons=["TransactionConflict"]
    )
    with refused, pytest.raises(Unavailable) as told, transaction(ctx) as tx:
        take(tx, "cup", CUP, 1)
    assert told.value.retry_after >= 1
    assert available(CUP) == 5


@pytest.mark.emulator
def test_a_lost_answer_is_recognised_when_the_retry_meets_its_own_write(
    live_table: None, ctx: Context
) -> None:
    stocked(ctx, cup=5)
    with losing_answers("TransactWriteItems", times=2) as seen, transaction(ctx) as tx:
        take(tx, "cup", CUP, 3)
    assert (seen.calls, available(CUP)) == (3, 2)


@pytest.mark.emulator
def test_the_meter_reports_what_the_engine_charges(live_table: None, ctx: Context) -> None:
    with metering() as meter:
        stocked(ctx)
    assert (meter.calls, meter.operations) == (1, ["TransactWriteItems"])
    assert meter.write_units >= 4  # two small items, twice the price in a transaction


def test_limits_of_the_store_are_checked_before_it_is_asked(table: None, ctx: Context) -> None:
    with metering() as meter:
        with pytest.raises(TooBig), transaction(ctx) as tx:
            for n in range(101):
                tx.delete(f"part {n}", Stock.key.of("default", product_id=f"p{n}", sku_id="s"))
        with pytest.raises(TooBig), transaction(ctx) as tx:
            tx.update("big", Stock, stock_ref("default", CUP), set={"counted": "x" * 410_000})
    assert meter.calls == 0


def test_one_item_cannot_be_written_in_two_ways_at_once(table: None, ctx: Context) -> None:
    with pytest.raises(TooBig), transaction(ctx) as tx:
        take(tx, "take", CUP, 1)
        tx.delete("delete", stock_ref("default", CUP))


def test_an_unknown_attribute_is_a_fault_of_the_caller(table: None, ctx: Context) -> None:
    with pytest.raises(AttributeError, match="has no attribute stonk"), transaction(ctx) as tx:
        tx.update("x", Stock, stock_ref("default", CUP), add={"stonk": 1})


def test_a_cap_counts_an_absent_number_as_zero(table: None, ctx: Context) -> None:
    stocked(ctx, cup=5)
    for units, fits in ((2, True), (2, True), (1, False)):
        part = {"add": {"sold": units}, "cap": {"sold": 4}, "refuse": refuse_with(Conflict)}
        if fits:
            with transaction(ctx) as tx:
                tx.update("cap", Stock, stock_ref("default", CUP), **part)  # type: ignore[arg-type]
        else:
            with pytest.raises(Conflict), transaction(ctx) as tx:
                tx.update("cap", Stock, stock_ref("default", CUP), **part)  # type: ignore[arg-type]
