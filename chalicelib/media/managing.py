"""What the shop's staff see of its files: all of them, how much room they take, and how to be rid of one."""

from dataclasses import dataclass
from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, NotFound
from chalicelib.media import accounting, limits, reading, removing
from chalicelib.media.accounting import UsageMoved
from chalicelib.media.entities import WHOLE, StorageUsage, Upload
from chalicelib.media.kinds import KINDS
from chalicelib.media.limits import Limits
from chalicelib.media.reading import Link
from chalicelib.media.removing import UploadMoved
from chalicelib.store import Page, again, items, note, rows


@dataclass(frozen=True, slots=True)
class Space:
    whole: StorageUsage
    by_kind: dict[str, StorageUsage]
    limits: Limits


def listed(
    ctx: Context, *, kind: str | None, state: str | None, owner_id: str | None, limit: int, cursor: str | None
) -> Page[dict[str, Any]]:
    """The shop's, or one owner's, newest first. One Query; up to five where a filter reads on. Raises CursorInvalid."""
    keep, filters = reading.sieve(ctx, kind, state)
    how: dict[str, Any] = {"limit": limit, "cursor": cursor, "keep": keep, "filters": filters}
    page = (
        rows(ctx.tenant, Upload.newest, **how)
        if owner_id is None
        else rows(ctx.tenant, Upload.of_owner, owner_id=owner_id, **how)
    )
    return reading.as_of(ctx, page)


def find(ctx: Context, upload_id: str) -> Upload:
    """Anybody's. One Query. Raises NotFound."""
    found = items(Upload, ctx.tenant, Upload.key, upload_id=upload_id, limit=1).data
    if not found or found[0].state == "gone":
        raise NotFound
    return found[0]


def open_one(ctx: Context, upload_id: str) -> Link:
    """Where a file can be read. The look is recorded before it is allowed. Store calls: 2.

    Raises NotFound, Forbidden for a kind that asks for more, UploadNotReady, UploadsOff.
    """
    upload = _touchable(ctx, upload_id)
    link = reading.link(ctx, upload)
    note(ctx)
    return link


def delete(ctx: Context, upload_id: str) -> None:
    """Delete anybody's file, shown or not: a picture that must go is not its owner's to hold.

    What shows it shows nothing in its place. Store calls: 3, and S3's. Raises NotFound, Forbidden.
    """

    def attempt() -> Upload:
        upload = _touchable(ctx, upload_id)
        upload.attached_to = None
        removing.let_go(ctx, upload)
        return upload

    removing.sweep_away(again(attempt, UploadMoved, UsageMoved))


def space(ctx: Context) -> Space:
    """How much room there is and what takes it. One BatchGetItem."""
    books = accounting.of_shop(ctx, [WHOLE, *(f"kind:{kind}" for kind in KINDS)])
    by_kind = {kind: books[f"kind:{kind}"] for kind in KINDS}
    return Space(books[WHOLE], by_kind, limits.in_force(ctx))


def _touchable(ctx: Context, upload_id: str) -> Upload:
    upload = find(ctx, upload_id)
    if upload.kind.opened_by is not None and not ctx.actor.may(upload.kind.opened_by):
        raise Forbidden
    return upload
