"""An upload that ends: deleted, refused, or never completed. Its bytes are given back at once.

Its objects go right after, as far as S3 answers, and an hour later once more: by then no address for sending is good,
and nobody is in the middle of completing it.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.core.context import Context, system
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.text import Text
from chalicelib.media import accounting, limits, reading, storage
from chalicelib.media.accounting import Books, UsageMoved
from chalicelib.media.entities import HOLDS_BYTES, UPLOAD_CLEANUP, State, Upload
from chalicelib.media.limits import Limits
from chalicelib.store import Ref, Transaction, again, get, refuse_with, transaction

STRAGGLERS = timedelta(hours=1)


class UploadInUse(Conflict):
    code = "upload_in_use"
    title = Text("This file is in use", "该文件正在使用中")
    detail = Text(
        "It is shown as {attached_to}: it has to be taken off there first.",
        "请先取消其作为 {attached_to} 的使用。",
    )


class UploadMoved(Conflict):
    """Somebody wrote this upload first: it is read and tried again. Never shown to a client."""

    code = "upload_moved"


def delete(ctx: Context, upload_id: str) -> None:
    """Delete one's own upload, complete or not. Store calls: 3, and S3's. Raises NotFound, UploadInUse."""

    def attempt() -> Upload:
        upload = reading.owned(ctx, upload_id)
        let_go(reading.acting(ctx, "delete_upload", upload), upload)
        return upload

    sweep_away(again(attempt, UploadMoved, UsageMoved))


def let_go(ctx: Context, upload: Upload) -> None:
    """Store calls: 2. Raises UploadInUse; refuses with UploadMoved, UsageMoved."""
    if upload.attached_to is not None:
        raise UploadInUse(attached_to=upload.attached_to)
    books = accounting.read(ctx, upload)
    with transaction(ctx) as tx:
        end(tx, books, upload, "gone", limits.in_force(ctx))


def end(tx: Transaction, books: Books, upload: Upload, state: State, rules: Limits) -> None:
    """Parts `upload:<id>` and those of the books. Refuses with UploadMoved, UsageMoved."""
    if upload.state in HOLDS_BYTES:
        accounting.release(tx, books, upload, rules)
    upload.state, upload.attached_to = state, None
    upload.set_timer(UPLOAD_CLEANUP, tx.ctx.now + STRAGGLERS)
    tx.replace(f"upload:{upload.upload_id}", upload, refuse=refuse_with(UploadMoved))


def sweep_away(upload: Upload) -> None:
    """Remove its objects now, if S3 answers: else the timer will."""
    with suppress(Unavailable):
        clear(upload)


def clear(upload: Upload) -> None:
    """Remove whatever lies in S3 of an upload. Harmless when repeated. Raises UploadsOff, Unavailable."""
    if upload.multipart_id is not None:
        storage.abort(upload.sent_to, upload.multipart_id)
    for key in dict.fromkeys((upload.quarantine_key, upload.final_key)):
        storage.remove(key)


def clean_up(ref: Ref, now: datetime) -> None:
    """The timer of an upload has come: one that was never completed ends, of one that ended nothing is left.

    Store calls: 3 or 2, or 1 where there is nothing to do, and S3's. Raises UploadsOff, Unavailable.
    """

    def attempt() -> None:
        upload = get(Upload, ref)
        if upload is None or upload.timer != UPLOAD_CLEANUP or upload.due_at is None or upload.due_at > now:
            return
        ctx = system(upload.tenant)
        if upload.is_overdue(now):
            let_go(ctx, upload)
            sweep_away(upload)
            return
        clear(upload)
        with transaction(ctx) as tx:
            tx.delete("upload", ref, when=Upload.version == upload.version, refuse=refuse_with(UploadMoved))

    again(attempt, UploadMoved, UsageMoved)
