"""Stock for everyone, adjustments for staff, reservations for other back ends."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.http import PUBLIC, Idempotent, ListQuery, RateLimit, Routes, staff
from chalicelib.inventory import ledger, reservations, service
from chalicelib.inventory.entities import Held, Reservation, Stock
from chalicelib.inventory.reservations import ReferenceTaken
from chalicelib.inventory.schemas import (
    Adjust,
    ReservationId,
    ReservationView,
    Reserve,
    SkuId,
    StockBatch,
    StockList,
    StockMovePage,
    StockMoveView,
    StockView,
)
from chalicelib.inventory.service import CountedByKeys, OutOfStock, ReservationEnded, StockWouldBeNegative

routes = Routes("inventory")


@routes.get("/v1/skus/{sku_id}/stock", permission=PUBLIC, answer=StockView, errors=[NotFound])
def read_stock(ctx: Context, sku_id: SkuId) -> Stock:
    """How many units of a SKU are for sale, held, and sold."""
    return service.stock_of(ctx, sku_id)


@routes.post("/v1/skus/stock", permission=PUBLIC, rate_limit=RateLimit(300, 60, shared=False))
def read_stock_of_many(ctx: Context, body: StockBatch) -> StockList:
    """The stock of up to 100 SKUs; unknown ones are left out."""
    return StockList(data=[StockView.of(stock) for stock in service.stock_of_many(ctx, body.sku_ids)])


@routes.post(
    "/v1/admin/skus/{sku_id}/stock-adjustments",
    permission=staff("inventory:adjust"),
    status=201,
    answer=StockView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, StockWouldBeNegative, CountedByKeys],
)
def adjust_stock(ctx: Context, sku_id: SkuId, body: Adjust) -> Stock:
    """Add units, or take them off; never below zero, never those that are held."""
    return service.adjust(ctx, sku_id, body.delta, body.reason)


@routes.get("/v1/admin/skus/{sku_id}/stock-ledger", permission=staff("inventory:read"))
def read_stock_ledger(ctx: Context, sku_id: SkuId, query: ListQuery) -> StockMovePage:
    """Every change staff made to a SKU's stock, newest first."""
    page = ledger.listed(ctx, sku_id, limit=query.limit, cursor=query.cursor)
    return StockMovePage.page([StockMoveView.of(move) for move in page.data], page.next_cursor)


@routes.post(
    "/v1/admin/inventory/reservations",
    permission=staff("inventory:reserve"),
    status=201,
    answer=ReservationView,
    idempotent=Idempotent.ACCEPTED,
    errors=[OutOfStock, ReferenceTaken, CountedByKeys],
)
def reserve(ctx: Context, body: Reserve) -> Reservation:
    """Hold stock for another back end: every line or none. It ends by itself after `seconds`."""
    lines = [Held(sku_id=line.sku_id, quantity=line.quantity) for line in body.lines]
    return reservations.take(ctx, body.reference, lines, body.seconds)


@routes.get(
    "/v1/admin/inventory/reservations/{reservation_id}",
    permission=staff("inventory:read"),
    answer=ReservationView,
    errors=[NotFound],
)
def read_reservation(ctx: Context, reservation_id: ReservationId) -> Reservation:
    """One reservation and how it ended."""
    return service.reservation_of(ctx, reservation_id)


@routes.post(
    "/v1/admin/inventory/reservations/{reservation_id}/deduct",
    permission=staff("inventory:reserve"),
    answer=ReservationView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, ReservationEnded],
)
def deduct(ctx: Context, reservation_id: ReservationId) -> Reservation:
    """What was held is sold. Again: the same answer, no second deduction."""
    return reservations.deduct(ctx, reservation_id)


@routes.post(
    "/v1/admin/inventory/reservations/{reservation_id}/release",
    permission=staff("inventory:reserve"),
    answer=ReservationView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, ReservationEnded],
)
def release(ctx: Context, reservation_id: ReservationId) -> Reservation:
    """What was held is for sale again. Again: the same answer, nothing returned twice."""
    return reservations.release(ctx, reservation_id)
