"""How stock moves. Every function adds parts to the caller's transaction; none commits alone but `adjust`.

available --reserve--> reserved --deduct--> sold
    ^---------release-----'
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, NotFound, SoukError
from chalicelib.core.text import Text
from chalicelib.inventory.entities import Held, Reservation, Stock, StockMove, stock_ref
from chalicelib.store import Transaction, Wire, again, emit, get, get_many, refuse_with, remember, transaction

TIMER = "stock_release"
RELEASE_GRACE = timedelta(hours=1)
"""An order ends its own reservation when it closes; the sweep looks this much later, in case it could not."""


class OutOfStock(Conflict):
    """`skus` lists `{sku_id, requested, available}` for every SKU that is short."""

    code = "out_of_stock"
    title = Text("Not enough stock", "库存不足")
    detail = Text(
        "Lower the quantity or remove the SKUs listed in `skus`.", "请减少数量，或移除 skus 中列出的商品。"
    )

    def joined(self, other: SoukError) -> "OutOfStock":
        return OutOfStock(skus=[*self.fields["skus"], *other.fields["skus"]])


class ReservationEnded(Conflict):
    """The reservation was deducted or released before: this is the second time."""

    code = "reservation_ended"
    title = Text("This reservation has already ended", "该预占已结束")
    detail = Text("Read it to see how it ended.", "请查询其结束方式。")


class ReservationMoved(ReservationEnded):
    """A twin wrote it first: read again to see whether it ended, and how. Never shown to a client."""


class StockMoved(Conflict):
    """Somebody bought or brought units meanwhile. Never shown to a client."""

    code = "stock_moved"


class StockWouldBeNegative(Conflict):
    code = "stock_negative"
    title = Text("There are fewer units than that", "可用库存不足以扣减")
    detail = Text("At most {available} units can be taken off.", "最多可减少 {available} 件。")


def demand(pairs: Iterable[tuple[str, int]]) -> list[Held]:
    """Sum what several lines want of one SKU, so that it is checked and held as one (B2)."""
    wanted: Counter[str] = Counter()
    for sku_id, quantity in pairs:
        wanted[sku_id] += quantity
    return [Held(sku_id=sku_id, quantity=quantity) for sku_id, quantity in sorted(wanted.items())]


def open_stock(tx: Transaction, sku_id: str, units: int, *, counted: str = "units") -> None:
    """The stock item of a new SKU; `counted="keys"` when card keys are what is counted."""
    tx.put(
        f"stock:{sku_id}",
        Stock(
            tenant=tx.ctx.tenant,
            product_id=ids.product_of(sku_id),
            sku_id=sku_id,
            available=units,
            opened_with=units,
            counted=counted,
        ),
    )


class CountedByKeys(Conflict):
    code = "stock_counted_by_keys"
    title = Text("This stock is a number of card keys", "该库存由卡密数量决定")
    detail = Text("Import card keys to raise it.", "请通过导入卡密来增加库存。")


class _Short:
    """Turns a failed `stock:<sku>` part into OutOfStock, with what is left as DynamoDB saw it."""

    def __init__(self, held: Held, *, by_hand: bool = False) -> None:
        self._held, self._by_hand = held, by_hand

    def __call__(self, old: Wire | None) -> SoukError:
        if self._by_hand and old and old["counted"]["S"] != "units":
            return CountedByKeys()
        left = int(old["available"]["N"]) if old else 0
        return OutOfStock(
            skus=[{"sku_id": self._held.sku_id, "requested": self._held.quantity, "available": max(0, left)}]
        )


def reserve(
    tx: Transaction,
    reservation_id: str,
    lines: Sequence[Held],
    *,
    holder: str,
    holder_id: str,
    expires_at: datetime,
    customer_id: str | None = None,
) -> None:
    """Hold every line or none. Parts: `reservation` and one `stock:<sku>` each. Refuses with OutOfStock."""
    due_at = expires_at + RELEASE_GRACE if holder == "order" else expires_at
    # an order hands out the keys it holds; another back end could not
    by_hand = Stock.counted == "units" if holder == "external" else None
    record = Reservation(
        tenant=tx.ctx.tenant,
        reservation_id=reservation_id,
        state="held",
        lines=list(lines),
        holder=holder,
        holder_id=holder_id,
        customer_id=customer_id,
        created_at=tx.ctx.now,
        expires_at=expires_at,
        timer=TIMER,
        due_at=due_at,
    )
    tx.put("reservation", record)
    for held in lines:
        tx.update(
            f"stock:{held.sku_id}",
            Stock,
            stock_ref(tx.ctx.tenant, held.sku_id),
            add={"available": -held.quantity, "reserved": held.quantity},
            floor={"available": 0},
            when=by_hand,
            refuse=_Short(held, by_hand=by_hand is not None),
        )


def _end(tx: Transaction, reservation: Reservation, state: str, available: int, sold: int) -> None:
    """held → `state`, with each line's units going to `available` or `sold`, or to neither."""
    if reservation.state != "held":
        raise ReservationEnded
    ended = reservation
    ended.state = state
    ended.set_timer(None)
    tx.replace("reservation", ended, refuse=refuse_with(ReservationMoved))
    for held in reservation.lines:
        moved = {"available": available * held.quantity, "sold": sold * held.quantity}
        tx.update(
            f"stock:{held.sku_id}",
            Stock,
            stock_ref(tx.ctx.tenant, held.sku_id),
            add={"reserved": -held.quantity, **{name: units for name, units in moved.items() if units}},
            floor={"reserved": 0},
        )


def deduct(tx: Transaction, reservation: Reservation) -> None:
    """The held units are sold. At most once per reservation. Refuses with ReservationEnded."""
    _end(tx, reservation, "deducted", available=0, sold=1)
    emit(tx, "stock.deducted", _told(reservation))


def release(tx: Transaction, reservation: Reservation) -> None:
    """The held units are for sale again. At most once per reservation. Refuses with ReservationEnded."""
    _end(tx, reservation, "released", available=1, sold=0)


def _told(reservation: Reservation) -> dict[str, object]:
    return {
        "reservation_id": reservation.reservation_id,
        "lines": [{"sku_id": held.sku_id, "quantity": held.quantity} for held in reservation.lines],
    }


def retake(tx: Transaction, reservation: Reservation) -> None:
    """Money came after the release: take the same units again and sell them at once. Refuses with OutOfStock (B5)."""
    taken = reservation
    taken.state = "deducted"
    taken.set_timer(None)
    tx.replace("reservation", taken, refuse=refuse_with(ReservationMoved))
    for held in reservation.lines:
        tx.update(
            f"stock:{held.sku_id}",
            Stock,
            stock_ref(tx.ctx.tenant, held.sku_id),
            add={"available": -held.quantity, "sold": held.quantity},
            floor={"available": 0},
            refuse=_Short(held),
        )
    emit(tx, "stock.deducted", _told(reservation))


def reservation_of_order(order_id: str) -> str:
    return ids.same_ulid("rsv", order_id)


def add_units(
    tx: Transaction, sku_id: str, delta: int, reason: str, *, counted: str = "units", seen: int | None = None
) -> None:
    """Change what is available, and write why. With `seen`, only while that many are available: else StockMoved.

    Refuses with StockWouldBeNegative, NotFound for an unknown SKU, CountedByKeys where hands may not count.
    """

    def refuse(old: Wire | None) -> SoukError:
        if old is None:
            return NotFound()
        if old["counted"]["S"] != counted:
            return CountedByKeys()
        if seen is not None and int(old["available"]["N"]) != seen:
            return StockMoved()
        return StockWouldBeNegative(available=int(old["available"]["N"]))

    ctx = tx.ctx
    tx.update(
        f"stock:{sku_id}",
        Stock,
        stock_ref(ctx.tenant, sku_id),
        add={"available": delta},
        floor={"available": 0},
        when=Stock.counted == counted
        if seen is None
        else (Stock.counted == counted) & (Stock.available == seen),
        refuse=refuse,
    )
    tx.put(
        f"stock_move:{sku_id}",
        StockMove(
            tenant=ctx.tenant,
            sku_id=sku_id,
            move_id=ctx.new_id("mov"),
            created_at=ctx.now,
            delta=delta,
            reason=reason,
            actor_id=ctx.actor.id,
        ),
    )


def adjust(ctx: Context, sku_id: str, delta: int, reason: str) -> Stock:
    """Staff add or take units; the answer is the stock right after it. Store calls: 2.

    Raises NotFound, StockWouldBeNegative, CountedByKeys.
    """
    return again(lambda: _adjust_once(ctx, sku_id, delta, reason), StockMoved)


def _adjust_once(ctx: Context, sku_id: str, delta: int, reason: str) -> Stock:
    stock = stock_of(ctx, sku_id)
    with transaction(ctx) as tx:
        add_units(tx, sku_id, delta, reason, seen=stock.available)
        emit(tx, "stock.adjusted", {"sku_id": sku_id, "delta": delta, "reason": reason})
        stock.available += delta
        remember(tx, stock)
    return stock


def stock_of(ctx: Context, sku_id: str) -> Stock:
    """One GetItem. Raises NotFound."""
    stock = get(Stock, stock_ref(ctx.tenant, sku_id))
    if stock is None:
        raise NotFound
    return stock


def stock_of_many(ctx: Context, sku_ids: Sequence[str]) -> list[Stock]:
    """One BatchGetItem; unknown SKUs are left out."""
    found = get_many(stock_ref(ctx.tenant, sku_id) for sku_id in sku_ids)
    stocks = (found.one(Stock, stock_ref(ctx.tenant, sku_id)) for sku_id in dict.fromkeys(sku_ids))
    return [stock for stock in stocks if stock is not None]


def reservation_of(ctx: Context, reservation_id: str) -> Reservation:
    """One GetItem. Raises NotFound."""
    reservation = get(Reservation, Reservation.key.of(ctx.tenant, reservation_id=reservation_id))
    if reservation is None:
        raise NotFound
    return reservation
