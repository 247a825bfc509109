"""The divisions of the country, for address forms. The same for every shop, and kept by clients and proxies."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.http import TOKENLESS, RawAnswer, Routes
from chalicelib.regions import service
from chalicelib.regions.schemas import RegionCode, RegionQuery, RegionTree, RegionView

routes = Routes("regions")

_KEPT = "public, max-age=86400"
"""A day: divisions change about once a year, and a new list is in force from a day that is known before."""


@routes.get("/v1/regions", permission=TOKENLESS, tenantless=True, answer=RegionTree)
def list_regions(ctx: Context, query: RegionQuery, if_none_match: str) -> RawAnswer:
    """Provinces, or what stands below one region; several levels at once with `depth`."""
    return service.below(query.parent, query.depth, ctx.locale).unless(if_none_match, _KEPT)


@routes.get("/v1/regions/{code}", permission=TOKENLESS, tenantless=True, answer=RegionView, errors=[NotFound])
def read_region(ctx: Context, code: RegionCode, if_none_match: str) -> RawAnswer:
    """One region, with the way to it from the province down."""
    return service.one(code).unless(if_none_match, _KEPT)
