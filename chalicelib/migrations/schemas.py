"""The API's shapes of migrations."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chalicelib.http import Body, ListOf, Timestamp, View
from chalicelib.migrations.book import Standing
from chalicelib.migrations.entities import Applied, MigrationRun, RunStatus
from chalicelib.migrations.rows import MOST_PARKED_SHOWN, MOST_SAMPLES
from chalicelib.tenants.schemas import Reason

Number = Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["0001"])]


class StartMigration(Body):
    dry_run: bool = False
    """Count and show examples; write nothing but that."""
    afresh: bool = False
    """From the beginning, also where a stopped run could go on."""
    reason: Reason | None = None
    """For the record."""


class StopMigration(Body):
    reason: Reason | None = None
    """For the record."""


class MigrationSample(View):
    """An item that changes: what of it changes, masked."""

    kind: str
    key: str
    """Where it stands."""
    before: dict[str, Any]
    after: dict[str, Any]


class MigrationParked(View):
    """An item that could not be rewritten."""

    key: str
    """Where it stands."""
    reason: str


class MigrationProgress(View):
    """The last run, or the one under way."""

    status: RunStatus
    undo: bool
    dry_run: bool
    started_at: Timestamp
    started_by: str
    ended_at: Timestamp | None
    looked_at: int
    """Items of all kinds that were read."""
    estimated_items: int | None
    """About how many there are: DynamoDB counts every six hours. Null before the first piece of work."""
    per_second: float | None
    """Items looked at in a second, pauses included."""
    segments: int
    segments_done: int
    changed: int
    """Items rewritten; in a dry run those that would be. What was done twice counts once."""
    unchanged: int
    """Items that were in the shape already."""
    parked_count: int
    """Items that could not be rewritten: the migration counts as applied only without any."""
    parked: list[MigrationParked]
    samples: list[MigrationSample]

    @classmethod
    def of(cls, thing: Any) -> Self:
        standing: Standing = thing
        run, parts = standing.run, standing.segments
        assert run is not None  # noqa: S101 - asked for by who saw one
        return cls(
            **_of_run(run),
            looked_at=standing.looked_at,
            per_second=standing.per_second,
            segments=run.segments,
            segments_done=sum(one.done for one in parts),
            changed=sum(one.changed for one in parts),
            unchanged=sum(one.unchanged for one in parts),
            parked_count=sum(one.parked_count for one in parts),
            parked=[MigrationParked(**row) for one in parts for row in one.parked][:MOST_PARKED_SHOWN],
            samples=[MigrationSample(**row) for one in parts for row in one.samples][:MOST_SAMPLES],
        )


def _of_run(run: MigrationRun) -> dict[str, Any]:
    return {
        "status": run.status,
        "undo": run.undo,
        "dry_run": run.dry,
        "started_at": run.started_at,
        "started_by": run.started_by,
        "ended_at": run.ended_at,
        "estimated_items": run.estimate,
    }


class MigrationView(View):
    number: str
    title: str
    kinds: list[str]
    """Which kinds of item it touches."""
    attributes: list[str]
    """What of them it looks at and may change."""
    applied: Applied
    """`partly`: it runs, was stopped, or could not rewrite everything."""
    applied_at: Timestamp | None
    required: bool
    """This release cannot do without it."""
    can_be_undone: bool
    undo_before_older_release: bool
    """An older release cannot read what it writes."""
    run: MigrationProgress | None

    @classmethod
    def of(cls, thing: Any) -> Self:
        standing: Standing = thing
        migration, run = standing.migration, standing.run
        return cls(
            number=migration.number,
            title=migration.title.say(standing.locale),
            kinds=sorted(migration.kinds),
            attributes=sorted(migration.attributes),
            applied=standing.applied,
            applied_at=run.applied_at if run else None,
            required=migration.required,
            can_be_undone=migration.backward is not None,
            undo_before_older_release=not migration.older_code_reads_it,
            run=MigrationProgress.of(standing) if run else None,
        )


class MigrationPage(ListOf[MigrationView]):
    """Every migration this release knows, in order. There is one page."""

    fits: bool
    """Whether this release and the table go together."""
    behind: list[str]
    """Migrations this release needs and the table has not had."""
    ahead: list[str]
    """Migrations the table has had that this release cannot read past."""
    next_cursor: Literal[None] = None
