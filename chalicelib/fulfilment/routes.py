"""Card keys for staff, deliveries for customers."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.fulfilment import card_keys, deliveries
from chalicelib.fulfilment.schemas import (
    CardKeyPage,
    CardKeyQuery,
    CardKeyRow,
    CardKeysImport,
    CardKeysImported,
    DeliveryPage,
    DeliveryView,
    OrderId,
)
from chalicelib.http import CUSTOMER, ListQuery, RateLimit, Routes, staff

routes = Routes("fulfilment")


@routes.post(
    "/v1/admin/card-keys",
    permission=staff("card_keys:import"),
    status=201,
    body_bytes=3 * 1024 * 1024,
    rate_limit=RateLimit(120, 60, per="user", shared=False),
    errors=[NotFound],
)
def import_card_keys(ctx: Context, body: CardKeysImport) -> CardKeysImported:
    """Stock card keys of a SKU. A key that was imported before is counted as a duplicate and changes nothing."""
    imported, duplicates = card_keys.stock_keys(ctx, body.sku_id, body.keys)
    return CardKeysImported(sku_id=body.sku_id, imported=imported, duplicates=duplicates)


@routes.get("/v1/admin/card-keys", permission=staff("card_keys:read"))
def list_card_keys(ctx: Context, query: CardKeyQuery) -> CardKeyPage:
    """A SKU's keys by number, with state and order; never the key itself."""
    page = card_keys.listed(ctx, query.sku_id, limit=query.limit, cursor=query.cursor)
    return CardKeyPage.page([CardKeyRow.of(key) for key in page.data], page.next_cursor)


@routes.get("/v1/me/deliveries", permission=CUSTOMER)
def list_deliveries(ctx: Context, query: ListQuery) -> DeliveryPage:
    """What was delivered to me without a parcel, newest first."""
    page = deliveries.listed(ctx, limit=query.limit, cursor=query.cursor)
    return DeliveryPage.page([DeliveryView.of(delivery) for delivery in page.data], page.next_cursor)


@routes.get("/v1/me/deliveries/{order_id}", permission=CUSTOMER)
def read_delivery(ctx: Context, order_id: OrderId) -> DeliveryView:
    """One delivery with its card keys in plain text. The first look is recorded."""
    return DeliveryView.of(deliveries.revealed(ctx, order_id))
