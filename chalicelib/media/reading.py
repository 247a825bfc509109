"""An upload as its owner sees it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import clock
from chalicelib.core.context import Act, Context
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.text import Text
from chalicelib.media import limits, storage
from chalicelib.media.entities import SHOP, Upload, upload_ref
from chalicelib.media.storage import Form, Signed
from chalicelib.store import Page, get_many, note, rows

SENDING = timedelta(minutes=15)
"""How long an address for sending is good."""
OPENING = timedelta(minutes=5)
"""How long an address for reading a private file is good."""

Row = dict[str, Any]


class UploadNotReady(Conflict):
    code = "upload_not_ready"
    title = Text("This file is not there yet", "文件尚未就绪")
    detail = Text("It is {state}: send it and complete it first.", "当前状态为 {state}，请先完成上传。")


@dataclass(frozen=True, slots=True)
class Shown:
    """An upload, and while it is waited for and comes in one piece, where to send it."""

    upload: Upload
    now: datetime
    put: Signed | None = None
    form: Form | None = None
    sending_until: datetime | None = None
    url: str | None = None
    """Of a public file that is ready."""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    expires_at: datetime | None


def owned(ctx: Context, upload_id: str) -> Upload:
    """The caller's own, or the shop's for staff who may send such a file. One BatchGetItem. Raises NotFound."""
    own, the_shops = (upload_ref(ctx.tenant, upload_id, owner) for owner in (ctx.customer_id, SHOP))
    found = get_many([own, the_shops])
    upload = found.one(Upload, own) or found.one(Upload, the_shops)
    if upload is None or upload.state == "gone":
        raise NotFound
    if upload.owner_id == SHOP and not ctx.actor.may(upload.kind.permission or ""):
        raise NotFound
    return upload


def acting(ctx: Context, act: str, upload: Upload) -> Context:
    """What is done to a file of the shop is an act of its staff, on whichever route: it is recorded."""
    if upload.owner_id != SHOP or ctx.act is not None:
        return ctx
    return replace(ctx, act=Act(f"media_{act}", {"upload_id": upload.upload_id}))


def described(ctx: Context, upload: Upload) -> Shown:
    """As it stands, without addresses to send it to. Raises UploadsOff."""
    is_seen = upload.state == "ready" and upload.kind.is_public
    return Shown(
        upload,
        ctx.now,
        url=storage.public_url(upload.final_key, limits.public_base(ctx)) if is_seen else None,
    )


def shown(ctx: Context, upload: Upload) -> Shown:
    """With fresh addresses to send it to, while it is waited for. Raises UploadsOff."""
    if upload.is_in_parts or upload.state_at(ctx.now) != "pending":
        return described(ctx, upload)
    until = sending_until(ctx, upload)
    pinned: dict[str, Any] = {
        "content_type": upload.content_type,
        "size": upload.size_bytes,
        "sha256": upload.sha256,
        "seconds": seconds_until(ctx, until),
    }
    put = storage.sign_put(upload.sent_to, **pinned)
    return Shown(upload, ctx.now, put, storage.sign_form(upload.sent_to, **pinned), until)


def sending_until(ctx: Context, upload: Upload) -> datetime:
    """No address outlives what it is for."""
    return min(ctx.now + SENDING, upload.expires_at)


def seconds_until(ctx: Context, until: datetime) -> int:
    return max(1, int((until - ctx.now).total_seconds()))


def link(ctx: Context, upload: Upload) -> Link:
    """Where it can be read: by everybody and for ever, or by whoever holds the address, for five minutes.

    Raises UploadNotReady, UploadsOff.
    """
    if upload.state != "ready":
        raise UploadNotReady(state=upload.state_at(ctx.now))
    if upload.kind.is_public:
        return Link(storage.public_url(upload.final_key, limits.public_base(ctx)), None)
    url = storage.sign_get(
        upload.final_key,
        content_type=upload.content_type,
        file_name=upload.file_name,
        seconds=int(OPENING.total_seconds()),
    )
    return Link(url, ctx.now + OPENING)


def open_own(ctx: Context, upload_id: str) -> Link:
    """Where the caller reads a file of their own, or of the shop's as its staff: that look is recorded first.

    One BatchGetItem; a transaction for a file of the shop. Raises NotFound, UploadNotReady, UploadsOff.
    """
    upload = owned(ctx, upload_id)
    opened = link(ctx, upload)
    if upload.owner_id == SHOP:
        note(acting(ctx, "open_upload", upload))
    return opened


def listed(ctx: Context, *, kind: str | None, state: str | None, limit: int, cursor: str | None) -> Page[Row]:
    """The caller's own, newest first. One Query; up to five where a filter reads on. Raises CursorInvalid."""
    keep, filters = sieve(ctx, kind, state)
    page = rows(
        ctx.tenant,
        Upload.of_owner,
        owner_id=ctx.customer_id,
        limit=limit,
        cursor=cursor,
        keep=keep,
        filters=filters,
    )
    return as_of(ctx, page)


def sieve(ctx: Context, kind: str | None, state: str | None) -> tuple[Callable[[Row], bool] | None, str]:
    """What a list keeps, and the words its cursor is bound to."""
    if kind is None and state is None:
        return None, ""
    return (
        lambda card: kind in (None, card["kind"]) and state in (None, _state_at(card, ctx.now)),
        f"{kind}|{state}",
    )


def as_of(ctx: Context, page: Page[Row]) -> Page[Row]:
    """A list's rows as they stand now."""
    return Page([{**card, "state": _state_at(card, ctx.now)} for card in page.data], page.next_cursor)


def _state_at(card: Row, now: datetime) -> str:
    is_overdue = card["state"] == "pending" and clock.from_text(card["expires_at"]) <= now
    return "expired" if is_overdue else str(card["state"])
