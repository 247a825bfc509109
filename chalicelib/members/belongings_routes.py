"""What a member has beside orders and addresses, for staff: points, favourites, footprints."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.favorites.schemas import FavoritePage, FavoriteRow, FootprintPage, FootprintRow
from chalicelib.http import Idempotent, ListQuery, Routes, staff
from chalicelib.members import belongings
from chalicelib.members.guards import AccountGone, OwnAccount, StaffProtected
from chalicelib.members.schemas import MemberId
from chalicelib.points.entities import PointsAccount
from chalicelib.points.schemas import AdjustPoints, PointsView, StaffPointsPage, StaffPointsRow
from chalicelib.points.service import PointsWouldBeNegative

routes = Routes("members")


@routes.get(
    "/v1/admin/users/{user_id}/points",
    permission=staff("points:read"),
    answer=PointsView,
    errors=[NotFound],
)
def read_member_points(ctx: Context, user_id: MemberId) -> PointsAccount:
    """How many points a member has, and what ever came and went."""
    return belongings.points_of(ctx, user_id)


@routes.get("/v1/admin/users/{user_id}/points/entries", permission=staff("points:read"), errors=[NotFound])
def list_member_points_entries(ctx: Context, user_id: MemberId, query: ListQuery) -> StaffPointsPage:
    """Every change of a member's points, newest first, with who made it."""
    page = belongings.points_entries_of(ctx, user_id, limit=query.limit, cursor=query.cursor)
    return StaffPointsPage.page([StaffPointsRow.of(row) for row in page.data], page.next_cursor)


@routes.post(
    "/v1/admin/users/{user_id}/points-adjustments",
    permission=staff("points:adjust"),
    status=201,
    answer=StaffPointsRow,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, PointsWouldBeNegative, OwnAccount, StaffProtected, AccountGone],
)
def adjust_member_points(ctx: Context, user_id: MemberId, body: AdjustPoints) -> dict[str, Any]:
    """Give a member points, or take them, and say why. Never below zero; nobody gives any to themselves."""
    return belongings.adjust_points(ctx, user_id, body.delta, body.reason)


@routes.get("/v1/admin/users/{user_id}/favorites", permission=staff("members:read"), errors=[NotFound])
def list_member_favorites(ctx: Context, user_id: MemberId, query: ListQuery) -> FavoritePage:
    """A member's favourites, newest first, each with the product as it is now."""
    page = belongings.favorites_of(ctx, user_id, limit=query.limit, cursor=query.cursor)
    return FavoritePage.page([FavoriteRow.of(one) for one in page.data], page.next_cursor)


@routes.get("/v1/admin/users/{user_id}/footprints", permission=staff("members:read"), errors=[NotFound])
def list_member_footprints(ctx: Context, user_id: MemberId, query: ListQuery) -> FootprintPage:
    """The products a member looked at, of the last 90 days, latest first."""
    page = belongings.footprints_of(ctx, user_id, limit=query.limit, cursor=query.cursor)
    return FootprintPage.page([FootprintRow.of(one) for one in page.data], page.next_cursor)
