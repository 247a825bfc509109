"""A customer's own points."""

from chalicelib.core.context import Context
from chalicelib.http import CUSTOMER, ListQuery, Routes
from chalicelib.points import service
from chalicelib.points.entities import PointsAccount
from chalicelib.points.schemas import PointsPage, PointsRow, PointsView

routes = Routes("points")


@routes.get("/v1/me/points", permission=CUSTOMER, answer=PointsView)
def read_points(ctx: Context) -> PointsAccount:
    """How many points I have, and what ever came and went."""
    return service.of(ctx, ctx.customer_id)


@routes.get("/v1/me/points/entries", permission=CUSTOMER)
def list_points_entries(ctx: Context, query: ListQuery) -> PointsPage:
    """Every change of my points, newest first."""
    page = service.entries(ctx, ctx.customer_id, limit=query.limit, cursor=query.cursor)
    return PointsPage.page([PointsRow.of(row) for row in page.data], page.next_cursor)
