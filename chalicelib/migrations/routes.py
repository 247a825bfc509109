"""Migrations, for the platform's owner: every shop's items are in the one table they rewrite."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.http import Idempotent, Routes, staff
from chalicelib.migrations import book, fit, starting
from chalicelib.migrations.book import Standing
from chalicelib.migrations.schemas import (
    MigrationPage,
    MigrationView,
    Number,
    StartMigration,
    StopMigration,
)
from chalicelib.migrations.starting import (
    MigrationAtWork,
    MigrationOneWay,
    MigrationOrder,
    MigrationRunning,
    NotApplied,
    Wish,
)

routes = Routes("migrations")
_IN_THE_WAY = [NotFound, MigrationRunning, MigrationAtWork, MigrationOrder]


@routes.get("/v1/platform/migrations", permission=staff("platform:read"))
def list_migrations(ctx: Context) -> MigrationPage:
    """Every migration, whether the table has had it, and how far the running one is."""
    known = book.read()
    fits = fit.of(known)
    return MigrationPage(
        data=[MigrationView.of(one) for one in known.all(ctx)],
        fits=bool(fits),
        behind=list(fits.behind),
        ahead=list(fits.ahead),
    )


@routes.post(
    "/v1/platform/migrations/{number}/start",
    permission=staff("platform:migrate"),
    answer=MigrationView,
    idempotent=Idempotent.ACCEPTED,
    sensitive=True,
    errors=_IN_THE_WAY,
)
def start_migration(ctx: Context, number: Number, body: StartMigration) -> Standing:
    """Start a migration, or go on with a stopped one. A job does the work, within a minute."""
    return starting.begin(ctx, number, Wish(dry=body.dry_run, afresh=body.afresh))


@routes.post(
    "/v1/platform/migrations/{number}/stop",
    permission=staff("platform:migrate"),
    answer=MigrationView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound],
)
def stop_migration(ctx: Context, number: Number, body: StopMigration) -> Standing:
    """Let a running migration rest where it is. Starting it again goes on from there."""
    return starting.stop(ctx, number)


@routes.post(
    "/v1/platform/migrations/{number}/undo",
    permission=staff("platform:migrate"),
    answer=MigrationView,
    idempotent=Idempotent.ACCEPTED,
    sensitive=True,
    errors=[*_IN_THE_WAY, MigrationOneWay, NotApplied],
)
def undo_migration(ctx: Context, number: Number, body: StartMigration) -> Standing:
    """Bring the items back into the shape they had before. The last one applied is undone first."""
    return starting.begin(ctx, number, Wish(undo=True, dry=body.dry_run, afresh=body.afresh))
