"""Doing the work: pieces of a running migration, by the job or by an operator's command, by one or by several at once.

Whoever works holds a segment by a lease, notes after each page how far it is, and may be killed between any two
lines: the page is done again by the next, and what is in its shape already is left alone. A worker that outlived its
lease writes nothing more, so a run in the other direction never meets it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core import clock, ids, log
from chalicelib.core.context import system
from chalicelib.core.errors import Conflict, PreconditionFailed, Unavailable
from chalicelib.migrations import book
from chalicelib.migrations.entities import (
    MigrationRun,
    MigrationSegment,
    MigrationTurn,
    RunStatus,
    run_ref,
    segment_ref,
    turn_ref,
)
from chalicelib.migrations.model import Migration
from chalicelib.migrations.rows import MOST_PARKED_SHOWN, MOST_SAMPLES, Tally, deal_with
from chalicelib.migrations.starting import end
from chalicelib.store import again, get, refuse_with, rewriting, sizing, update
from chalicelib.tenants.entities import HOME

BUDGET = timedelta(seconds=40)
"""A tick comes every minute: what is not done by then waits for the next."""
LEASE = timedelta(seconds=60)
_RENEWED_BELOW = timedelta(seconds=40)
"""One write may take six seconds of retries; nobody writes with less than this much of a lease left."""
MOST_PARKED = 100
"""So many items of a segment that cannot be rewritten are no accident: the run ends as failed."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one piece of work came to."""

    number: str | None = None
    """None: no migration runs."""
    status: str = "idle"
    advanced: bool = False
    """Whether anything was done: False where other workers hold all that is left."""


class _LeaseLost(Conflict):
    """Never shown to a client: another worker has the segment, or the run is over."""


def work(now: datetime, budget: timedelta = BUDGET) -> Done:
    """Go on with the migration that runs, for as long as the budget is. One GetItem where none runs."""
    turn = get(MigrationTurn, turn_ref(), consistent=False)
    if turn is None or turn.number is None:
        return Done()
    run, migration = get(MigrationRun, run_ref(turn.number)), book.find(turn.number)
    if run is None or run.status != "running":
        return Done(turn.number, "stopped")
    if migration is None:
        log.error("migration_unknown", migration=turn.number)
        again(lambda: _rest(run.number, run.run_id), PreconditionFailed)
        return Done(turn.number, "unknown")
    _estimate(run)
    worker = ids.new_id("wrk", now)
    until = clock.current().now() + budget
    workers = [_Worker(migration, run, at, worker, until) for at in range(run.segments)]
    rewriting.side_by_side(lambda at: workers[at].work(), run.segments)
    status = again(lambda: _settle(run.number, run.run_id), PreconditionFailed)
    return Done(turn.number, status, any(one.advanced for one in workers))


def _estimate(run: MigrationRun) -> None:
    """For people to see how far it is. Nothing depends on it."""
    if run.estimate is None:
        update(
            MigrationRun,
            run.ref,
            set={"estimate": sizing.table_size()},
            when=MigrationRun.run_id == run.run_id,
            mine=lambda stood: stood.estimate is not None,
            refuse=refuse_with(_LeaseLost),
        )


def _rest(number: str, run_id: str) -> None:
    """Stop a run that a newer release began and this one cannot go on with: others may start, and the newer release,
    once it is back, starts it where it was. Store calls: 1, and 1 to stop it.
    """
    known = book.read()
    run = known.runs.get(number)
    if run is not None and run.run_id == run_id and run.status == "running":
        end(system(HOME), known, run, "stopped")


def _settle(number: str, run_id: str) -> str:
    """End the run whose segments are all done, or that fails. Answers its status. Store calls: 1, and 1 to end it."""
    known = book.read()
    run = known.runs[number]
    parts = known.segments(run)
    if run.run_id != run_id or run.status != "running":
        return run.status
    parked = sum(one.parked_count for one in parts)
    if any(one.parked_count >= MOST_PARKED for one in parts):
        status: RunStatus = "failed"
    elif all(one.done for one in parts):
        status = "finished"
        if not run.dry and not parked:
            run.applied, run.applied_at = ("no", None) if run.undo else ("yes", clock.current().now())
    else:
        return run.status
    end(system(HOME), known, run, status)
    told = {"migration": number, "undo": run.undo, "dry": run.dry, "parked": parked}
    if status == "failed":
        log.error("migration_failed", **told)
    else:
        log.info("migration_finished", **told, changed=sum(one.changed for one in parts))
    return status


class _Worker:
    """One worker on one segment of one run."""

    def __init__(
        self, migration: Migration, run: MigrationRun, at: int, worker: str, until: datetime
    ) -> None:
        self.migration, self.run, self.worker, self.until = migration, run, worker, until
        self.ref = segment_ref(run.number, at)
        self.advanced = False

    def work(self) -> None:
        """Page after page until the segment is done, the budget is spent, or the run is not ours to do."""
        segment = self._claim()
        if segment is None:
            return
        try:
            while not self._rests(segment):
                segment = self._page(segment)
                self.advanced = True
        except _LeaseLost:
            return
        except Exception:
            log.error("migration_segment_failed", migration=self.run.number, segment=segment.segment)
        self._release()

    def _rests(self, segment: MigrationSegment) -> bool:
        if segment.done or segment.parked_count >= MOST_PARKED or clock.current().now() >= self.until:
            return True
        turn = get(MigrationTurn, turn_ref())
        return turn is None or turn.run_id != self.run.run_id

    def _page(self, segment: MigrationSegment) -> MigrationSegment:
        """One Scan, one UpdateItem for each item that changes, one to note it. Raises _LeaseLost, Unavailable."""
        here = rewriting.stretch(
            self.migration.kinds,
            self.migration.attributes,
            segment=segment.segment,
            segments=self.run.segments,
            after=segment.after,
        )
        tally = Tally()
        for item in here.items:
            segment = self._kept(segment)
            deal_with(self.migration, item, tally, undo=self.run.undo, dry=self.run.dry)
        return self._note(segment, here, tally)

    def _kept(self, segment: MigrationSegment) -> MigrationSegment:
        """The lease, long enough for one more write."""
        left = (segment.leased_until or self.until) - clock.current().now()
        return segment if left > _RENEWED_BELOW else self._mine({})

    def _note(self, segment: MigrationSegment, here: rewriting.Stretch, tally: Tally) -> MigrationSegment:
        place = {"after_pk": here.after.pk, "after_sk": here.after.sk} if here.after else {"done": True}
        return self._mine(
            {
                **place,
                "looked_at": segment.looked_at + here.looked_at,
                "changed": segment.changed + tally.changed,
                "unchanged": segment.unchanged + tally.unchanged,
                "parked_count": segment.parked_count + tally.parked_count,
                "parked": (segment.parked + tally.parked)[:MOST_PARKED_SHOWN],
                "samples": (segment.samples + tally.samples)[:MOST_SAMPLES],
            },
        )

    def _mine(self, noted: dict[str, object]) -> MigrationSegment:
        """Note it, and hold the segment on, if it is still ours. Raises _LeaseLost."""
        return update(
            MigrationSegment,
            self.ref,
            set={**noted, "leased_until": clock.current().now() + LEASE},
            when=MigrationSegment.worker == self.worker,  # a new run begins without one
            mine=lambda stood: stood.worker == self.worker,
            refuse=refuse_with(_LeaseLost),
        )

    def _claim(self) -> MigrationSegment | None:
        """The segment, when nobody else has it. One UpdateItem."""
        now = clock.current().now()
        free = MigrationSegment.leased_until.does_not_exist() | (MigrationSegment.leased_until <= now)
        try:
            return update(
                MigrationSegment,
                self.ref,
                set={"worker": self.worker, "leased_until": now + LEASE},
                when=(MigrationSegment.run_id == self.run.run_id) & (MigrationSegment.done == False) & free,  # noqa: E712
                mine=lambda stood: stood.worker == self.worker,
                refuse=refuse_with(_LeaseLost),
            )
        except _LeaseLost:
            return None

    def _release(self) -> None:
        try:
            update(
                MigrationSegment,
                self.ref,
                unset=("worker", "leased_until"),
                when=MigrationSegment.worker == self.worker,
                mine=lambda stood: stood.worker is None,
                refuse=refuse_with(_LeaseLost),
            )
        except (_LeaseLost, Unavailable):
            return
