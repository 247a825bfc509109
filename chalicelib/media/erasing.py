"""Files of who has left."""

from chalicelib.core.context import Context
from chalicelib.media import removing
from chalicelib.media.accounting import UsageMoved
from chalicelib.media.entities import Upload, upload_ref
from chalicelib.media.removing import UploadMoved
from chalicelib.store import Event, again, get, rows

_AT_ONCE = 50


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: a person's files go, complete or not, shown somewhere or not. Harmless when repeated.

    Store calls: a Query for 50 of them, and 3 for each. What the shop owns stays with the shop.
    """
    _forget(ctx, event.data["user_id"])


def forget_merged(ctx: Context, event: Event) -> None:
    """Consumer of `member.merged`: the account that ended shows and opens nothing any more, so its files go likewise.

    Its owner's other account keeps its own. Harmless when repeated. Store calls: as `forget`.
    """
    _forget(ctx, event.data["from_id"])


def _forget(ctx: Context, owner_id: str) -> None:
    cursor = None
    while True:
        page = rows(ctx.tenant, Upload.of_owner, owner_id=owner_id, limit=_AT_ONCE, cursor=cursor)
        for card in page.data:
            _let_go(ctx, owner_id, card["id"])
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _let_go(ctx: Context, owner_id: str, upload_id: str) -> None:
    def attempt() -> Upload | None:
        upload = get(Upload, upload_ref(ctx.tenant, upload_id, owner_id))
        if upload is None or upload.state == "gone":
            return None
        upload.attached_to = None
        removing.let_go(ctx, upload)
        return upload

    gone = again(attempt, UploadMoved, UsageMoved)
    if gone is not None:
        removing.sweep_away(gone)
