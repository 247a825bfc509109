"""Everything the table knows of migrations, beside what the code knows of them. One Query."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from chalicelib.core.context import Context
from chalicelib.core.text import Locale
from chalicelib.migrations import versions
from chalicelib.migrations.entities import Applied, MigrationRun, MigrationSegment, MigrationTurn, turn_ref
from chalicelib.migrations.model import Migration
from chalicelib.store import Found, collection
from chalicelib.tenants.entities import HOME


@dataclass(frozen=True, slots=True)
class Standing:
    """One migration, its last run, and the segments of that run."""

    migration: Migration
    run: MigrationRun | None
    segments: list[MigrationSegment]
    at: datetime
    locale: Locale

    @property
    def applied(self) -> Applied:
        return cast(Applied, self.run.applied) if self.run else "no"

    @property
    def looked_at(self) -> int:
        return sum(one.looked_at for one in self.segments)

    @property
    def per_second(self) -> float | None:
        """Items looked at in a second since the run began, pauses included; None when it has just begun."""
        if self.run is None:
            return None
        seconds = ((self.run.ended_at or self.at) - self.run.started_at).total_seconds()
        return round(self.looked_at / seconds, 1) if seconds >= 1 else None


class Book:
    def __init__(self, found: Found) -> None:
        self._found = found
        self.turn = found.one(MigrationTurn, turn_ref())
        self.runs = {run.number: run for run in found.all(MigrationRun)}

    def is_applied(self, number: str) -> bool:
        return number in self.runs and self.runs[number].applied == "yes"

    def segments(self, run: MigrationRun | None) -> list[MigrationSegment]:
        """Those of its last run, in order."""
        if run is None:
            return []
        mine = [one for one in self._found.all(MigrationSegment) if one.run_id == run.run_id]
        return sorted(mine, key=lambda one: one.segment)

    def at_work(self, now: datetime) -> MigrationSegment | None:
        """Somebody who may still be writing, for whichever run."""
        leased = (one for one in self._found.all(MigrationSegment) if one.is_leased(now))
        return next(leased, None)

    def standing(self, ctx: Context, migration: Migration) -> Standing:
        run = self.runs.get(migration.number)
        return Standing(migration, run, self.segments(run), ctx.now, ctx.locale)

    def all(self, ctx: Context) -> list[Standing]:
        return [self.standing(ctx, one) for one in known()]


def read() -> Book:
    return Book(collection(HOME, MigrationTurn.key))


def known() -> tuple[Migration, ...]:
    """What this code knows, in order."""
    return versions.MIGRATIONS


def find(number: str) -> Migration | None:
    return next((one for one in known() if one.number == number), None)
