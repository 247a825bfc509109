"""For other domains: a picture that is in use, and addresses of public files."""

from collections.abc import Iterable

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.core.text import Text
from chalicelib.media import accounting, limits, removing, storage
from chalicelib.media.accounting import UsageMoved
from chalicelib.media.entities import SHOP, Upload, upload_ref
from chalicelib.media.removing import UploadMoved
from chalicelib.store import Transaction, get_many, refuse_with

LOST = (UploadMoved, UsageMoved)
"""What `swap` may refuse with: read again and try again."""
PREFIX = "upl_"

_UNFIT = Text("is no complete upload of kind {kind} of yours", "不是您已完成的 {kind} 类型上传")


def swap(
    tx: Transaction, *, owner_id: str, kind: str, old: str | None, new: str | None, field: str
) -> tuple[str | None, Upload | None]:
    """Show one upload of an owner in the place of another, which ends. The address to show, and what ended: hand
    that to `removing.sweep_away` after the transaction.

    One BatchGetItem. Raises Invalid where `new` cannot be shown, UploadsOff; refuses with what `LOST` lists.
    """
    ctx = tx.ctx
    addresses = {one: upload_ref(ctx.tenant, one, owner_id) for one in (old, new) if one is not None}
    found = get_many([*addresses.values(), *accounting.refs(ctx.tenant, kind, owner_id)])
    url = None
    if new is not None and new != old:
        shown = found.one(Upload, addresses[new])
        if shown is None or shown.state != "ready" or shown.use != kind:
            raise Invalid.field(field, "upload_unfit", _UNFIT.say(ctx.locale, kind=kind))
        shown.attached_to = kind
        tx.replace(f"upload:{new}", shown, refuse=refuse_with(UploadMoved))
        url = storage.public_url(shown.final_key, limits.public_base(ctx))
    ended = found.one(Upload, addresses[old]) if old is not None and old != new else None
    if ended is not None and ended.state == "ready":
        books = accounting.within(found, ctx.tenant, kind, owner_id)
        removing.end(tx, books, ended, "gone", limits.in_force(ctx))
    return url, ended


def urls_of_the_shops(ctx: Context, upload_ids: Iterable[str], kind: str) -> dict[str, str]:
    """The public addresses of the shop's uploads, by id; those that cannot be shown are left out.

    One BatchGetItem for a hundred, none for none. Raises UploadsOff.
    """
    wanted = {one: upload_ref(ctx.tenant, one, SHOP) for one in upload_ids}
    if not wanted:
        return {}
    found = get_many(wanted.values())
    uploads = {one: found.one(Upload, ref) for one, ref in wanted.items()}
    return {
        one: storage.public_url(upload.final_key, limits.public_base(ctx))
        for one, upload in uploads.items()
        if upload is not None and upload.state == "ready" and upload.use == kind
    }
