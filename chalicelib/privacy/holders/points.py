"""Points, and every entry they are the sum of."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.points import service as points
from chalicelib.points.schemas import PointsRow, PointsView
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _points(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    return Page([PointsView.of(points.of(ctx, ctx.customer_id)).model_dump(mode="json")])


def _entries(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = points.entries(ctx, ctx.customer_id, limit=limit, cursor=cursor)
    return Page([PointsRow.of(row).model_dump(mode="json") for row in page.data], page.next_cursor)


HOLDERS = (Holder("points", _points), Holder("points_entries", _entries))
