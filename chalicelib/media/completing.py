"""A file that was sent: looked at, then moved to where it can be read, then counted as there.

S3 and the table are two stores. The table decides: whatever is killed between two lines here is done again by the
next call, or ended by the timer; an object without an upload is removed with it.
"""

from contextlib import suppress

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.text import Text
from chalicelib.media import accounting, limits, reading, removing, sniffing, storage
from chalicelib.media.accounting import UsageMoved
from chalicelib.media.entities import Upload
from chalicelib.media.reading import Shown
from chalicelib.media.removing import UploadMoved
from chalicelib.media.sending import UploadNotPending
from chalicelib.media.storage import Changed, Found, PartsUnfit, Vanished
from chalicelib.store import again, refuse_with, remember, transaction


class NothingSent(Conflict):
    code = "upload_nothing_sent"
    title = Text("This file has not arrived", "文件尚未上传")
    detail = Text("Send it first, then complete it.", "请先上传文件，再提交完成。")


class PartsMissing(Conflict):
    code = "upload_parts_missing"
    title = Text("Some parts have not arrived", "部分分片尚未上传")
    detail = Text("Send the parts in `missing`, then complete it.", "请上传 `missing` 中的分片，再提交完成。")


class UploadRefused(Conflict):
    """What was sent is not what was announced. Its bytes are given back."""

    code = "upload_refused"
    title = Text("This file was refused", "文件未通过校验")
    detail = Text(
        "Its {reason} is not what was announced. Announce it again and send the right one.",
        "文件的 {reason} 与申报不符，请重新创建并上传正确的文件。",
    )


def complete(ctx: Context, upload_id: str) -> Shown:
    """Look at what was sent, and take it. The same answer however often it is asked.

    Store calls: 2, and S3's: 4 for a file in one piece, 4 for one in parts. Raises NotFound, NothingSent,
    PartsMissing, UploadRefused, UploadNotPending, UploadsOff, Unavailable, AlreadyDone.
    """

    def attempt() -> Shown:
        now = ctx.fresh()
        upload = reading.owned(ctx, upload_id)
        state = upload.state_at(now.now)
        if state == "ready":
            return reading.shown(now, upload)
        if state == "refused":
            raise UploadRefused(reason=upload.reason)
        if state != "pending":
            raise UploadNotPending(state=state)
        return _take(now, upload)

    return again(attempt, UploadMoved, UsageMoved)


def _take(ctx: Context, upload: Upload) -> Shown:
    try:
        key, found = _where(upload)
        fault = _fault(upload, key, found)
        if fault is not None:
            _refuse(ctx, upload, fault)
            raise UploadRefused(reason=fault)
        if key != upload.final_key:
            storage.copy(
                key,
                upload.final_key,
                found.etag,
                content_type=upload.content_type,
                is_public=upload.kind.is_public,
                file_name=upload.file_name,
            )
    except (Changed, Vanished):
        # sent again, or moved by a twin, since we looked: look again
        raise UploadMoved from None
    taken = _settle(ctx, upload)
    if key != upload.final_key:
        with suppress(Unavailable):  # the bucket's own rule empties quarantine within a day
            storage.remove(key)
    return taken


def _settle(ctx: Context, upload: Upload) -> Shown:
    upload.state, upload.completed_at, upload.multipart_id = "ready", ctx.now, None
    upload.set_timer(None)
    shown = reading.shown(ctx, upload)
    with transaction(reading.acting(ctx, "complete_upload", upload)) as tx:
        accounting.settle(tx, upload)
        tx.replace("upload", upload, refuse=refuse_with(UploadMoved))
        remember(tx, shown)
    return shown


def _where(upload: Upload) -> tuple[str, Found]:
    """The object, wherever it has got to. Raises NothingSent, PartsMissing."""
    if upload.is_in_parts:
        _join(upload)
    for key in (upload.sent_to, upload.final_key):
        found = storage.look(key)
        if found is not None:
            return key, found
    raise NothingSent


def _join(upload: Upload) -> None:
    """Nothing to do where a twin has joined them already. Raises PartsMissing."""
    multipart_id = upload.multipart_id or ""
    try:
        parts = storage.parts(upload.sent_to, multipart_id)
        right = [part for part in parts if part.size_bytes == upload.size_of_part(part.number)]
        missing = sorted(set(range(1, upload.part_count + 1)) - {part.number for part in right})
        if missing:
            raise PartsMissing(missing=missing)
        storage.join(
            upload.sent_to, multipart_id, [part for part in right if part.number <= upload.part_count]
        )
    except Vanished:
        return
    except PartsUnfit:
        # a part was sent again between the list and the join: its etag is another now
        raise UploadMoved from None


def _fault(upload: Upload, key: str, found: Found) -> str | None:
    """What of it is not as announced: `size`, `sha256` or `content_type`; None: it is what it says.

    A checksum that S3 does not tell was checked when the file was sent: it is part of the signature.
    """
    if found.size_bytes != upload.size_bytes:
        return "size"
    if upload.sha256 is not None and found.sha256 not in (None, upload.sha256):
        return "sha256"
    head = storage.first_bytes(key, found.etag, sniffing.FIRST_BYTES)
    return None if sniffing.is_of_type(head, upload.content_type) else "content_type"


def _refuse(ctx: Context, upload: Upload, reason: str) -> None:
    books = accounting.read(ctx, upload)
    with transaction(reading.acting(ctx, "complete_upload", upload)) as tx:
        upload.reason = reason
        removing.end(tx, books, upload, "refused", limits.in_force(ctx))
    removing.sweep_away(upload)
