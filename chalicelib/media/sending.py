"""Announcing a file, and where to send it: in one piece, or in parts that may be sent again one by one."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Forbidden, Invalid, SoukError, Unavailable
from chalicelib.core.text import Text
from chalicelib.media import accounting, limits, reading, sniffing, storage
from chalicelib.media.accounting import StorageFull, UsageMoved
from chalicelib.media.entities import UPLOAD_CLEANUP, Upload, owner_of
from chalicelib.media.kinds import KINDS, MIB, Kind
from chalicelib.media.limits import Limits
from chalicelib.media.reading import Shown
from chalicelib.media.schemas import CreateUpload
from chalicelib.store import again, refuse_repeat, remember, transaction

MOST_IN_ONE_PIECE = 8 * MIB
"""A larger file comes in parts: what broke off is sent again from the last part that arrived."""
_MOST_PARTS = 1000
"""S3 lists as many at once."""
_ONE_PIECE_MAY_TAKE = timedelta(hours=1)
_PARTS_MAY_TAKE = timedelta(hours=24)
"""The bucket's own rule drops parts that nobody joined after that."""

_TYPE = Text("may be one of: {types}", "仅支持：{types}")
_SIZE = Text("is more than {most} bytes", "不能超过 {most} 字节")
_NAME = Text("does not end as a file of this type does", "文件扩展名与类型不符")
_SHA = Text("is for files in one piece: S3 checks parts by themselves", "分片上传的文件不支持整体校验值")


class UploadInOnePiece(Conflict):
    code = "upload_in_one_piece"
    title = Text("This file comes in one piece", "该文件无需分片")
    detail = Text("Send it to the address in `put` or `form`.", "请使用 `put` 或 `form` 中的地址上传。")


class UploadNotPending(Conflict):
    code = "upload_not_pending"
    title = Text("This file is not waited for any more", "该文件已不再等待上传")
    detail = Text("It is {state}: announce it again to send it.", "当前状态为 {state}，如需上传请重新创建。")


@dataclass(frozen=True, slots=True)
class PartAddress:
    number: int
    size_bytes: int
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """Which parts are there, and which are not."""

    numbers: list[int]
    missing: list[int]


def begin(ctx: Context, wish: CreateUpload) -> Shown:
    """Announce a file: its bytes are reserved from here on.

    Store calls: 2; S3 is asked only for a file in parts. Raises Forbidden, Invalid, StorageFull, TooManyFiles,
    UploadsOff, Unavailable, AlreadyDone.
    """
    kind, rules = KINDS[wish.kind], limits.in_force(ctx)
    if kind.permission is not None and not ctx.actor.may(kind.permission):
        raise Forbidden
    _check(ctx, wish, kind, rules)
    upload = _draft(ctx, wish, kind)
    if kind.is_public:
        storage.public_url(
            upload.final_key, limits.public_base(ctx)
        )  # what nobody could look at is not taken in
    if upload.is_in_parts:
        return _begin_in_parts(ctx, upload, rules)
    return _announce(ctx, upload, rules)


def _begin_in_parts(ctx: Context, upload: Upload, rules: Limits) -> Shown:
    """What S3 was asked for in vain is taken back; where that fails too, the bucket's own rule does it in a day.

    So it does where nobody knows whether the announcement was written: it may be waiting for exactly these parts.
    """
    refuse_repeat(ctx)
    accounting.refuse_if_full(accounting.read(ctx, upload), upload, rules)
    upload.multipart_id = storage.begin_multipart(
        upload.sent_to, content_type=upload.content_type, file_name=upload.file_name
    )
    try:
        return _announce(ctx, upload, rules)
    except Unavailable:
        raise  # the answer was lost, the write perhaps not: a retry with the same key sends its parts to this upload
    except SoukError:
        with suppress(Unavailable):
            storage.abort(upload.sent_to, upload.multipart_id)
        raise


def _announce(ctx: Context, upload: Upload, rules: Limits) -> Shown:
    shown = reading.shown(ctx, upload)

    def attempt() -> Shown:
        books = accounting.read(ctx, upload)
        try:
            accounting.refuse_if_full(books, upload, rules)
        except StorageFull:
            accounting.tell_full(ctx, books, upload, rules)
            raise
        with transaction(reading.acting(ctx, "create_upload", upload)) as tx:
            accounting.reserve(tx, books, upload, rules)
            tx.put("upload", upload)
            remember(tx, shown)
        return shown

    return again(attempt, UsageMoved)


def _draft(ctx: Context, wish: CreateUpload, kind: Kind) -> Upload:
    is_in_parts = wish.size_bytes > MOST_IN_ONE_PIECE
    expires_at = ctx.now + (_PARTS_MAY_TAKE if is_in_parts else _ONE_PIECE_MAY_TAKE)
    return Upload(
        tenant=ctx.tenant,
        upload_id=ctx.new_id("upl"),
        owner_id=owner_of(ctx, kind),
        sent_by=ctx.customer_id,
        use=kind.name,
        file_name=wish.file_name,
        content_type=wish.content_type,
        size_bytes=wish.size_bytes,
        sha256=wish.sha256,
        part_bytes=part_size(wish.size_bytes) if is_in_parts else None,
        created_at=ctx.now,
        expires_at=expires_at,
        timer=UPLOAD_CLEANUP,
        due_at=expires_at,
    )


def part_size(size_bytes: int) -> int:
    """Whole MiB, eight at least, and so many that a thousand parts are enough."""
    needed = -(-size_bytes // _MOST_PARTS)
    return max(MOST_IN_ONE_PIECE, -(-needed // MIB) * MIB)


def _check(ctx: Context, wish: CreateUpload, kind: Kind, rules: Limits) -> None:
    """Raises Invalid with every fault there is."""
    types, most = rules.types_of(kind), rules.most_of(kind)
    faults: list[tuple[str, str, str]] = []
    if wish.content_type not in types:
        faults.append(
            ("content_type", "type_not_allowed", _TYPE.say(ctx.locale, types=", ".join(sorted(types))))
        )
    elif not sniffing.name_fits(wish.file_name, wish.content_type):
        faults.append(("file_name", "extension_unfit", _NAME.say(ctx.locale)))
    if wish.size_bytes > most:
        faults.append(("size_bytes", "file_too_large", _SIZE.say(ctx.locale, most=most)))
    if wish.sha256 is not None and wish.size_bytes > MOST_IN_ONE_PIECE:
        faults.append(("sha256", "not_for_parts", _SHA.say(ctx.locale)))
    if faults:
        raise Invalid([{"field": field, "code": code, "message": message} for field, code, message in faults])


def part_addresses(ctx: Context, upload_id: str, numbers: list[int]) -> list[PartAddress]:
    """Where to send parts, each of its exact size; again for a part that broke off.

    One BatchGetItem. Raises NotFound, Invalid, UploadInOnePiece, UploadNotPending, UploadsOff.
    """
    upload = in_parts(ctx, upload_id)
    if max(numbers) > upload.part_count:
        raise Invalid.field("numbers", "no_such_part", f"there are {upload.part_count} parts")
    until = reading.sending_until(ctx, upload)
    seconds = reading.seconds_until(ctx, until)
    return [
        PartAddress(
            number,
            upload.size_of_part(number),
            storage.sign_part(
                upload.sent_to,
                upload.multipart_id or "",
                number,
                size=upload.size_of_part(number),
                seconds=seconds,
            ).url,
            until,
        )
        for number in sorted(set(numbers))
    ]


def in_parts(ctx: Context, upload_id: str) -> Upload:
    """A file that comes in parts and is still waited for. One BatchGetItem.

    Raises NotFound, UploadInOnePiece, UploadNotPending.
    """
    upload = reading.owned(ctx, upload_id)
    if not upload.is_in_parts:
        raise UploadInOnePiece
    state = upload.state_at(ctx.now)
    if state != "pending":
        raise UploadNotPending(state=state)
    return upload


def arrived(ctx: Context, upload_id: str) -> Arrived:
    """Which parts have arrived: whoever was interrupted goes on with the others. Store calls: 1, and one of S3.

    Raises NotFound, UploadInOnePiece, UploadNotPending, UploadsOff, Unavailable.
    """
    upload = in_parts(ctx, upload_id)
    try:
        parts = storage.parts(upload.sent_to, upload.multipart_id or "")
    except storage.Vanished:
        raise UploadNotPending(state="gone") from None
    there = {part.number for part in parts if part.size_bytes == upload.size_of_part(part.number)}
    every = range(1, upload.part_count + 1)
    return Arrived(sorted(there), [number for number in every if number not in there])
