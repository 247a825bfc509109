"""The stock ledger, for reading."""

from chalicelib.core.context import Context
from chalicelib.inventory.entities import StockMove
from chalicelib.store import Page, items


def listed(ctx: Context, sku_id: str, *, limit: int, cursor: str | None) -> Page[StockMove]:
    """A SKU's stock moves, newest first. One Query."""
    return items(
        StockMove, ctx.tenant, StockMove.key, sku_id=sku_id, limit=limit, cursor=cursor, newest_first=True
    )
