"""A customer's own favourites and footprints."""

from chalicelib.catalog.limits import ProductId
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.favorites import service
from chalicelib.favorites.marks import TooManyFavorites
from chalicelib.favorites.schemas import FavoritePage, FavoriteRow, FootprintPage, FootprintRow
from chalicelib.http import CUSTOMER, ListQuery, Routes

routes = Routes("favorites")


@routes.get("/v1/me/favorites", permission=CUSTOMER)
def list_favorites(ctx: Context, query: ListQuery) -> FavoritePage:
    """My favourites, newest first, each with the product as it is now."""
    page = service.favorites_of(ctx, ctx.customer_id, limit=query.limit, cursor=query.cursor)
    return FavoritePage.page([FavoriteRow.of(one) for one in page.data], page.next_cursor)


@routes.put(
    "/v1/me/favorites/{product_id}", permission=CUSTOMER, status=204, errors=[NotFound, TooManyFavorites]
)
def add_favorite(ctx: Context, product_id: ProductId) -> None:
    """Make a product a favourite of mine. One that is stays where it is in the list. There may be 500."""
    service.favor(ctx, product_id)


@routes.delete("/v1/me/favorites/{product_id}", permission=CUSTOMER, status=204, errors=[NotFound])
def remove_favorite(ctx: Context, product_id: ProductId) -> None:
    """Take a product off my favourites, also one that is sold no longer."""
    service.unfavor(ctx, product_id)


@routes.get("/v1/me/footprints", permission=CUSTOMER)
def list_footprints(ctx: Context, query: ListQuery) -> FootprintPage:
    """The hundred products I looked at last, of the last 90 days, latest first."""
    page = service.footprints_of(ctx, ctx.customer_id, limit=query.limit, cursor=query.cursor)
    return FootprintPage.page([FootprintRow.of(one) for one in page.data], page.next_cursor)


@routes.put("/v1/me/footprints/{product_id}", permission=CUSTOMER, status=204, errors=[NotFound])
def add_footprint(ctx: Context, product_id: ProductId) -> None:
    """Note that I look at a product now. For clients to send when they show its page."""
    service.look_at(ctx, product_id)


@routes.delete("/v1/me/footprints", permission=CUSTOMER, status=204)
def remove_footprints(ctx: Context) -> None:
    """Forget what I looked at."""
    service.wipe_footprints(ctx)
