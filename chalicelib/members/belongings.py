"""What a member has beside orders and addresses, for staff who may see the member: points, favourites, footprints."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
from chalicelib.favorites import service as favorites
from chalicelib.favorites.service import Marked
from chalicelib.identity.entities import User, user_ref
from chalicelib.members import guards, reading
from chalicelib.points import service as points
from chalicelib.points.entities import PointsAccount, points_ref
from chalicelib.store import Page, again, get_many, refuse_with, remember, transaction


def points_of(ctx: Context, user_id: str) -> PointsAccount:
    """One BatchGetItem. Raises NotFound."""
    refs = user_ref(ctx.tenant, user_id), points_ref(ctx.tenant, user_id)
    found = get_many(refs)
    reading.visible(ctx, found.one(User, refs[0]))
    return points.within(found, ctx.tenant, user_id)


def points_entries_of(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Newest first. Store calls: 2. Raises NotFound."""
    reading.member(ctx, user_id)
    return points.entries(ctx, user_id, limit=limit, cursor=cursor)


def adjust_points(ctx: Context, user_id: str, delta: int, reason: str) -> dict[str, Any]:
    """Give points, or take them; answers the entry's row. Refused by an account that ends meanwhile.

    Store calls: 2. Raises NotFound, PointsWouldBeNegative, OwnAccount, StaffProtected, AccountGone.
    """
    refs = user_ref(ctx.tenant, user_id), points_ref(ctx.tenant, user_id)

    def attempt() -> dict[str, Any]:
        found = get_many(refs)
        user = guards.check(ctx, reading.visible(ctx, found.one(User, refs[0])))
        account = points.within(found, ctx.tenant, user_id)
        with transaction(ctx) as tx:
            tx.check("user", refs[0], User.status == user.status, refuse=refuse_with(PreconditionFailed))
            entry = points.post(
                tx, account, delta, about="adjustment", which=ctx.new_id("adj"), reason=reason
            )
            remember(tx, entry.row())
        return entry.row()

    return again(attempt, PreconditionFailed)


def favorites_of(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[Marked]:
    """Newest first. Store calls: 3. Raises NotFound."""
    reading.member(ctx, user_id)
    return favorites.favorites_of(ctx, user_id, limit=limit, cursor=cursor)


def footprints_of(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[Marked]:
    """Latest first. Store calls: 3. Raises NotFound."""
    reading.member(ctx, user_id)
    return favorites.footprints_of(ctx, user_id, limit=limit, cursor=cursor)
