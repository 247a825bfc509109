"""Files they sent, by name; each is read at its own address."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.media import reading
from chalicelib.media.schemas import UploadRow
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _files(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = reading.listed(ctx, kind=None, state=None, limit=limit, cursor=cursor)
    return Page([UploadRow.of(card).model_dump(mode="json") for card in page.data], page.next_cursor)


HOLDERS = (Holder("files", _files),)
