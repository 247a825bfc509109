"""Reservations that other back ends take through the API, and the sweep that ends forgotten ones."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.text import Text
from chalicelib.inventory import service
from chalicelib.inventory.entities import Held, Reservation
from chalicelib.inventory.service import ReservationEnded, ReservationMoved
from chalicelib.store import Ref, Transaction, again, emit, get, refuse_with, remember, transaction


class ReferenceTaken(Conflict):
    """The caller reserved under this reference before, for something else."""

    code = "reservation_reference_taken"
    title = Text("This reference has another reservation", "该业务号已有预占")
    detail = Text("Use one reference for one reservation.", "一个业务号只能对应一个预占。")


def take(ctx: Context, reference: str, lines: Sequence[Held], seconds: int) -> Reservation:
    """Hold stock for an outside caller. The same reference again with the same lines is the same reservation (S1-038).

    Store calls: 1, and 1 more when the reference was used. Raises OutOfStock, ReferenceTaken.
    """
    reservation_id = ids.derived_id("rsv", ctx.tenant, "external", reference)
    summed = service.demand((line.sku_id, line.quantity) for line in lines)
    made = Reservation(
        tenant=ctx.tenant,
        reservation_id=reservation_id,
        state="held",
        lines=summed,
        holder="external",
        holder_id=reference,
        created_at=ctx.now,
        expires_at=ctx.now + timedelta(seconds=seconds),
    )
    try:
        with transaction(ctx) as tx:
            service.reserve(
                tx, reservation_id, summed, holder="external", holder_id=reference, expires_at=made.expires_at
            )
            remember(tx, made)
    except Conflict:
        known = get(Reservation, made.ref)
        if known is None:
            raise
        if known.lines != summed:
            raise ReferenceTaken from None
        return known
    return made


def deduct(ctx: Context, reservation_id: str) -> Reservation:
    """The caller sold what it held. Store calls: 2. Again: the same. Raises NotFound, ReservationEnded."""
    return again(lambda: _end_once(ctx, reservation_id, "deducted", service.deduct), ReservationMoved)


def release(ctx: Context, reservation_id: str) -> Reservation:
    """The caller gives it back. Store calls: 2. Again: the same, and nothing given back twice."""
    return again(lambda: _end_once(ctx, reservation_id, "released", service.release), ReservationMoved)


def _end_once(
    ctx: Context, reservation_id: str, state: str, end: Callable[[Transaction, Reservation], None]
) -> Reservation:
    reservation = _external(ctx, reservation_id)
    if reservation.state == state:
        return reservation
    if state == "deducted" and reservation.expires_at <= ctx.now:
        raise ReservationEnded
    with transaction(ctx) as tx:
        end(tx, reservation)
        remember(tx, reservation)
    return reservation


def _external(ctx: Context, reservation_id: str) -> Reservation:
    """An order's own reservation ends with its order, never through this door."""
    reservation = service.reservation_of(ctx, reservation_id)
    if reservation.holder != "external":
        raise NotFound
    return reservation


def overdue(ref: Ref, now: datetime) -> Reservation | None:
    """The reservation at `ref` if it is still held past its time. One GetItem."""
    reservation = get(Reservation, ref)
    if (
        reservation is None
        or reservation.state != "held"
        or reservation.due_at is None
        or reservation.due_at > now
    ):
        return None
    return reservation


def expire(tx: Transaction, reservation: Reservation) -> None:
    """Its time is over: the units are for sale again, and whoever held them can know."""
    service.release(tx, reservation)
    emit(
        tx,
        "reservation.expired",
        {
            "reservation_id": reservation.reservation_id,
            "holder": reservation.holder,
            "holder_id": reservation.holder_id,
        },
    )


def look_later(tx: Transaction, reservation: Reservation) -> None:
    """Its order still waits for money: look again after another grace."""
    reservation.set_timer(service.TIMER, tx.ctx.now + service.RELEASE_GRACE)
    tx.replace("reservation", reservation, refuse=refuse_with(ReservationEnded))
