"""Where the migrations are: whose turn it is, what each has done, and how far each segment of the table is.

All of it stands in one partition of the platform's own tenant: one Query tells everything.
"""

from datetime import datetime
from typing import Any, Literal

from chalicelib.store import (
    Flag,
    Instant,
    Int,
    Item,
    Key,
    OptionalInstant,
    OptionalInt,
    OptionalText,
    Ref,
    Text,
    Value,
)
from chalicelib.tenants.entities import HOME

Applied = Literal["no", "partly", "yes"]
RunStatus = Literal["running", "stopped", "finished", "failed"]


class MigrationTurn(Item, discriminator="migration_turn"):
    """Which migration runs. One at a time: it has the turn from its start to its end."""

    key = Key("MIGRATIONS", "TURN", "which migration runs; all migrations are one Query")
    audited = False

    number: OptionalText = OptionalText(default=None)
    run_id: OptionalText = OptionalText(default=None)


class MigrationRun(Item, discriminator="migration_run"):
    """One migration: whether the table is in its shape, and its last run."""

    key = Key("MIGRATIONS", "{number}#RUN", "one migration and its last run")

    number: Text = Text()
    applied: Text = Text(default="no")
    applied_at: OptionalInstant = OptionalInstant(default=None)
    older_code_reads_it: Flag = Flag(default=True)
    """As the migration said when it ran: code that does not know it can still tell whether it may serve."""
    run_id: Text = Text()
    undo: Flag = Flag(default=False)
    dry: Flag = Flag(default=False)
    status: Text = Text()
    segments: Int = Int()
    estimate: OptionalInt = OptionalInt(default=None)
    """About how many items the table had at the start; None until the first piece of work."""
    started_at: Instant = Instant()
    started_by: Text = Text()
    ended_at: OptionalInstant = OptionalInstant(default=None)


class MigrationSegment(Item, discriminator="migration_segment"):
    """How far a run is in one segment of the table, and who works on it until when."""

    key = Key("MIGRATIONS", "{number}#SEGMENT#{segment}", "how far a migration is in one segment")
    audited = False

    number: Text = Text()
    segment: Int = Int()
    run_id: Text = Text()
    worker: OptionalText = OptionalText(default=None)
    leased_until: OptionalInstant = OptionalInstant(default=None)
    after_pk: OptionalText = OptionalText(default=None)
    after_sk: OptionalText = OptionalText(default=None)
    done: Flag = Flag(default=False)
    looked_at: Int = Int(default=0)
    """Items of all kinds."""
    changed: Int = Int(default=0)
    """Items rewritten; in a dry run those that would be."""
    unchanged: Int = Int(default=0)
    """Items of its kinds that were in the shape already."""
    parked_count: Int = Int(default=0)
    parked: Value[list[dict[str, Any]]] = Value(list[dict[str, Any]], default=list)
    """`{"key", "reason"}` of the first items that could not be rewritten."""
    samples: Value[list[dict[str, Any]]] = Value(list[dict[str, Any]], default=list)
    """`{"kind", "key", "before", "after"}` of the first items changed, masked."""

    def is_leased(self, now: datetime) -> bool:
        return self.leased_until is not None and self.leased_until > now

    @property
    def after(self) -> Ref | None:
        return Ref(self.after_pk, self.after_sk) if self.after_pk and self.after_sk else None


def turn_ref() -> Ref:
    return MigrationTurn.key.of(HOME)


def run_ref(number: str) -> Ref:
    return MigrationRun.key.of(HOME, number=number)


def segment_ref(number: str, segment: int) -> Ref:
    return MigrationSegment.key.of(HOME, number=number, segment=segment)
