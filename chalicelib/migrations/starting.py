"""Starting, stopping and undoing: the words of the platform's owner, recorded. The work itself is in `running`."""

from typing import NamedTuple

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, NotFound, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.migrations import book
from chalicelib.migrations.book import Book, Standing
from chalicelib.migrations.entities import MigrationRun, MigrationSegment, MigrationTurn, RunStatus
from chalicelib.migrations.model import Migration
from chalicelib.store import Transaction, again, note, refuse_with, remember, transaction
from chalicelib.tenants.entities import HOME

segments = 4
"""In how many parts the table is walked, side by side. 1 where the engine knows no segments."""


class MigrationRunning(Conflict):
    code = "migration_running"
    title = Text("Another migration is running", "已有迁移正在运行")
    detail = Text("Wait for {number}, or stop it.", "请等待 {number} 完成,或先停止它。")


class MigrationAtWork(Conflict):
    """Two runs in opposite directions must never overlap: the last worker of the one before has to be gone."""

    code = "migration_at_work"
    title = Text("The run before has not come to rest", "上一次运行尚未完全停下")
    detail = Text("Try again in {seconds} seconds.", "请在 {seconds} 秒后重试。")


class MigrationOrder(Conflict):
    code = "migration_order"
    title = Text("Migrations go in order", "迁移必须按顺序进行")
    detail = Text("First deal with {number}.", "请先处理 {number}。")


class MigrationOneWay(Conflict):
    code = "migration_one_way"
    title = Text("This migration cannot be undone", "该迁移无法撤销")
    detail = Text("Restore a backup, or write a migration that repairs.", "请恢复备份,或编写一个修复性迁移。")


class NotApplied(Conflict):
    code = "migration_not_applied"
    title = Text("There is nothing to undo", "没有可撤销的内容")
    detail = Text("The migration has not been applied.", "该迁移尚未执行。")


class Wish(NamedTuple):
    """What somebody asks of a migration."""

    undo: bool = False
    dry: bool = False
    afresh: bool = False
    """From the beginning, also where a stopped run could go on."""


def begin(ctx: Context, number: str, wish: Wish) -> Standing:
    """Start a run. One like it that was stopped goes on where it was; one that is running goes on running.

    Store calls: 2. Raises NotFound, MigrationRunning, MigrationAtWork, MigrationOrder, MigrationOneWay, NotApplied.
    """
    return again(lambda: _begin_once(ctx, number, wish), PreconditionFailed)


def look(ctx: Context, number: str) -> Standing:
    """One migration as it is. One Query. Raises NotFound."""
    return book.read().standing(ctx, _found(number))


def _begin_once(ctx: Context, number: str, wish: Wish) -> Standing:
    migration, known = _found(number), book.read()
    before = known.runs.get(number)
    if before is not None and _is_of(before, wish) and before.status == "running":
        return known.standing(ctx, migration)
    resumed = before is not None and _is_of(before, wish) and before.status == "stopped" and not wish.afresh
    _guard(ctx, known, migration, wish, resumed=resumed)
    run = before if before is not None and resumed else _new_run(ctx, migration, wish, before)
    run.status, run.ended_at, run.started_by = "running", None, ctx.actor.id
    parts = known.segments(run) if resumed else _laid_out(run)
    standing = Standing(migration, run, parts, ctx.now, ctx.locale)
    with transaction(ctx) as tx:
        if before is None:
            tx.put("run", run, refuse=refuse_with(PreconditionFailed))
        else:
            tx.replace("run", run)
        _give_turn(tx, known, run)
        for part in () if resumed else parts:
            tx.overwrite(f"segment:{part.segment}", part)
        remember(tx, standing)
    return standing


def _found(number: str) -> Migration:
    migration = book.find(number)
    if migration is None:
        raise NotFound
    return migration


def _is_of(run: MigrationRun, wish: Wish) -> bool:
    return (run.undo, run.dry) == (wish.undo, wish.dry)


def _guard(ctx: Context, known: Book, migration: Migration, wish: Wish, *, resumed: bool) -> None:
    if known.turn is not None and known.turn.number is not None:
        raise MigrationRunning(number=known.turn.number)
    _guard_order(known, migration, wish)
    working = None if resumed else known.at_work(ctx.now)
    if working is not None and working.leased_until is not None:
        raise MigrationAtWork(seconds=int((working.leased_until - ctx.now).total_seconds()) + 1)


def _guard_order(known: Book, migration: Migration, wish: Wish) -> None:
    if not wish.undo:
        behind = [one.number for one in book.known() if one.number < migration.number]
        behind = [number for number in behind if not known.is_applied(number)]
        if behind:
            raise MigrationOrder(number=behind[0])
        return
    if migration.backward is None:
        raise MigrationOneWay
    touched = sorted(run.number for run in known.runs.values() if run.applied != "no")
    if migration.number not in touched:
        raise NotApplied
    if touched[-1] != migration.number:
        raise MigrationOrder(number=touched[-1])


def _new_run(ctx: Context, migration: Migration, wish: Wish, before: MigrationRun | None) -> MigrationRun:
    """A run from the beginning. A real one leaves the table between the two shapes until it ends."""
    run = before or MigrationRun(
        tenant=HOME,
        number=migration.number,
        run_id="",
        status="running",
        segments=0,
        started_at=ctx.now,
        started_by="",
    )
    run.run_id, run.started_at, run.segments, run.estimate = ctx.new_id("run"), ctx.now, segments, None
    run.undo, run.dry = wish.undo, wish.dry
    run.older_code_reads_it = migration.older_code_reads_it
    if not wish.dry:
        run.applied = "partly"
    return run


def _laid_out(run: MigrationRun) -> list[MigrationSegment]:
    return [
        MigrationSegment(tenant=HOME, number=run.number, segment=at, run_id=run.run_id)
        for at in range(run.segments)
    ]


def _give_turn(tx: Transaction, known: Book, run: MigrationRun) -> None:
    turn = known.turn
    if turn is None:
        turn = MigrationTurn(tenant=HOME, number=run.number, run_id=run.run_id)
        tx.put("turn", turn, refuse=refuse_with(PreconditionFailed))
    else:
        turn.number, turn.run_id = run.number, run.run_id
        tx.replace("turn", turn)


def stop(ctx: Context, number: str) -> Standing:
    """Let a running migration rest: whoever works on it ends with the page in hand. One at rest stays so, and that
    somebody wanted it stopped is on record all the same.

    Store calls: 2. Raises NotFound.
    """
    return again(lambda: _stop_once(ctx, number), PreconditionFailed)


def _stop_once(ctx: Context, number: str) -> Standing:
    migration, known = _found(number), book.read()
    run, standing = known.runs.get(number), known.standing(ctx, migration)
    if run is not None and run.status == "running":
        end(ctx, known, run, "stopped", standing)
    else:
        note(ctx)
    return standing


def end(
    ctx: Context, known: Book, run: MigrationRun, status: RunStatus, answer: Standing | None = None
) -> None:
    """The run gives its turn back. One transaction. Raises PreconditionFailed when somebody else was first."""
    run.status, run.ended_at = status, ctx.now
    with transaction(ctx) as tx:
        tx.replace("run", run)
        if known.turn is not None and known.turn.run_id == run.run_id:
            known.turn.number, known.turn.run_id = None, None
            tx.replace("turn", known.turn)
        if answer is not None:
            remember(tx, answer)
