"""Sending files, and what the shop's staff see of them."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, Invalid, NotFound
from chalicelib.http import CUSTOMER, Idempotent, RateLimit, Routes, staff
from chalicelib.media import completing, managing, reading, removing, sending
from chalicelib.media.accounting import StorageFull, TooManyFiles
from chalicelib.media.completing import NothingSent, PartsMissing, UploadRefused
from chalicelib.media.managing import Space
from chalicelib.media.reading import Link, Shown, UploadNotReady
from chalicelib.media.removing import UploadInUse
from chalicelib.media.schemas import (
    ArrivedView,
    AskForParts,
    CreateUpload,
    LinkView,
    PartAddresses,
    PartAddressView,
    SpaceView,
    StaffUploadPage,
    StaffUploadQuery,
    StaffUploadRow,
    StaffUploadView,
    UploadId,
    UploadPage,
    UploadQuery,
    UploadRow,
    UploadView,
)
from chalicelib.media.sending import Arrived, UploadInOnePiece, UploadNotPending
from chalicelib.media.storage import UploadsOff

routes = Routes("media")

_READ, _WRITE = staff("uploads:read"), staff("uploads:write")


@routes.post(
    "/v1/uploads",
    permission=CUSTOMER,
    status=201,
    answer=UploadView,
    idempotent=Idempotent.ACCEPTED,
    rate_limit=RateLimit(600, 3600, per="user"),
    errors=[Forbidden, Invalid, StorageFull, TooManyFiles, UploadsOff],
)
def create_upload(ctx: Context, body: CreateUpload) -> Shown:
    """Announce a file and learn where to send it: its room is reserved from here on.

    Up to 8 MiB comes in one piece, by `put` or `form`; more comes in parts. Size, type and checksum are part of the
    signature. Avatars and identity papers are one's own; the other kinds belong to the shop, and its staff send them.
    """
    return sending.begin(ctx, body)


@routes.get("/v1/uploads", permission=CUSTOMER)
def list_uploads(ctx: Context, query: UploadQuery) -> UploadPage:
    """My own uploads, newest first."""
    page = reading.listed(ctx, kind=query.kind, state=query.state, limit=query.limit, cursor=query.cursor)
    return UploadPage.page([UploadRow.of(row) for row in page.data], page.next_cursor)


@routes.get("/v1/uploads/{upload_id}", permission=CUSTOMER, answer=UploadView, errors=[NotFound, UploadsOff])
def read_upload(ctx: Context, upload_id: UploadId) -> Shown:
    """How far an upload is; while it is waited for, with fresh addresses to send it to."""
    return reading.shown(ctx, reading.owned(ctx, upload_id))


@routes.delete(
    "/v1/uploads/{upload_id}", permission=CUSTOMER, status=204, errors=[NotFound, UploadInUse, UploadsOff]
)
def delete_upload(ctx: Context, upload_id: UploadId) -> None:
    """Delete a file, complete or not; its room is free at once."""
    removing.delete(ctx, upload_id)


@routes.post(
    "/v1/uploads/{upload_id}/complete",
    permission=CUSTOMER,
    answer=UploadView,
    idempotent=Idempotent.ACCEPTED,
    rate_limit=RateLimit(600, 3600, per="user"),
    errors=[NotFound, NothingSent, PartsMissing, UploadRefused, UploadNotPending, UploadsOff],
)
def complete_upload(ctx: Context, upload_id: UploadId) -> Shown:
    """Everything is sent: it is looked at (size, first bytes, checksum), moved to its place, and ready.

    Asked again, it answers the same. What is not as announced is refused for good.
    """
    return completing.complete(ctx, upload_id)


@routes.get(
    "/v1/uploads/{upload_id}/parts",
    permission=CUSTOMER,
    answer=ArrivedView,
    errors=[NotFound, UploadInOnePiece, UploadNotPending, UploadsOff],
)
def list_parts(ctx: Context, upload_id: UploadId) -> Arrived:
    """Which parts have arrived and which are missing: an interrupted upload goes on with those."""
    return sending.arrived(ctx, upload_id)


@routes.post(
    "/v1/uploads/{upload_id}/parts",
    permission=CUSTOMER,
    errors=[NotFound, Invalid, UploadInOnePiece, UploadNotPending, UploadsOff],
)
def sign_parts(ctx: Context, upload_id: UploadId, body: AskForParts) -> PartAddresses:
    """Where to `PUT` parts, each of its exact size; again for those that broke off."""
    found = sending.part_addresses(ctx, upload_id, body.numbers)
    return PartAddresses(data=[PartAddressView.of(one) for one in found])


@routes.get(
    "/v1/uploads/{upload_id}/link",
    permission=CUSTOMER,
    answer=LinkView,
    errors=[NotFound, UploadNotReady, UploadsOff],
)
def link_upload(ctx: Context, upload_id: UploadId) -> Link:
    """Where to read a file: a private one by an address that lasts five minutes and saves it under its name.

    That staff looked at a file of the shop is on record.
    """
    return reading.open_own(ctx, upload_id)


@routes.get("/v1/admin/uploads", permission=_READ)
def list_all_uploads(ctx: Context, query: StaffUploadQuery) -> StaffUploadPage:
    """The media library: every file of the shop, newest first; by kind, state, owner."""
    page = managing.listed(
        ctx,
        kind=query.kind,
        state=query.state,
        owner_id=query.owner_id,
        limit=query.limit,
        cursor=query.cursor,
    )
    return StaffUploadPage.page([StaffUploadRow.of(row) for row in page.data], page.next_cursor)


@routes.get("/v1/admin/uploads/space", permission=_READ, answer=SpaceView)
def read_space(ctx: Context) -> Space:
    """How many bytes the shop's files take, of how many, by kind."""
    return managing.space(ctx)


@routes.get(
    "/v1/admin/uploads/{upload_id}", permission=_READ, answer=StaffUploadView, errors=[NotFound, UploadsOff]
)
def read_any_upload(ctx: Context, upload_id: UploadId) -> Shown:
    """One file, whoever sent it."""
    return reading.described(ctx, managing.find(ctx, upload_id))


@routes.get(
    "/v1/admin/uploads/{upload_id}/link",
    permission=_READ,
    answer=LinkView,
    audited=True,
    errors=[NotFound, Forbidden, UploadNotReady, UploadsOff],
)
def open_upload(ctx: Context, upload_id: UploadId) -> Link:
    """Open a file. Identity papers ask for `kyc:review`, files for sale for `products:write`. The look is on record."""
    return managing.open_one(ctx, upload_id)


@routes.delete(
    "/v1/admin/uploads/{upload_id}",
    permission=_WRITE,
    status=204,
    errors=[NotFound, Forbidden, UploadsOff],
)
def delete_any_upload(ctx: Context, upload_id: UploadId) -> None:
    """Delete a file of the shop or of a customer. What still shows it shows nothing in its place."""
    managing.delete(ctx, upload_id)
