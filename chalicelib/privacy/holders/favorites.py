"""Products they marked, and those they looked at."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.favorites import service as favorites
from chalicelib.favorites.schemas import FavoriteRow, FootprintRow
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _favorites(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = favorites.favorites_of(ctx, ctx.customer_id, limit=limit, cursor=cursor)
    return Page([FavoriteRow.of(one).model_dump(mode="json") for one in page.data], page.next_cursor)


def _footprints(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = favorites.footprints_of(ctx, ctx.customer_id, limit=limit, cursor=cursor)
    return Page([FootprintRow.of(one).model_dump(mode="json") for one in page.data], page.next_cursor)


HOLDERS = (Holder("favorites", _favorites), Holder("footprints", _footprints))
