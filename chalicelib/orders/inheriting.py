"""Orders of an account that was merged into another: they keep their key, and belong to the other from then on."""

from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
from chalicelib.fulfilment import deliveries
from chalicelib.orders.entities import Order
from chalicelib.orders.reading import for_staff
from chalicelib.store import Event, again, emit, once, rows, transaction

_AT_ONCE = 50
"""Orders of each list handed over for one event; what is left gets an event of its own."""


def hand_over(ctx: Context, event: Event) -> None:
    """Consumer of `member.merged`: every order that still belongs to the one belongs to the other, and is listed for
    them unless it had been removed: late money may bring it back.

    It may be killed anywhere: what is done is not found for the one any more, and the rest is found again.
    Store calls: two Queries, and 3 for each order.
    """
    from_id, into_id = event.data["from_id"], event.data["into_id"]
    pages = (
        rows(ctx.tenant, Order.of_customer, limit=_AT_ONCE, listed_for=from_id),
        rows(ctx.tenant, Order.removed, limit=_AT_ONCE, removed_by=from_id),
    )
    for row in [row for page in pages for row in page.data]:
        _hand_over_one(ctx, row["id"], from_id, into_id)
    if all(page.next_cursor is None for page in pages):
        return
    with transaction(ctx) as tx:
        once(tx, event, "orders.hand_over")
        emit(tx, "member.merged", event.data)


def _hand_over_one(ctx: Context, order_id: str, from_id: str, into_id: str) -> None:
    def attempt() -> None:
        order = for_staff(ctx, order_id)
        if order.belongs_to != from_id:
            return
        order.owner_id = into_id
        if order.listed_for is not None:
            order.listed_for = into_id
        delivery = deliveries.of_order(ctx, from_id, order_id)
        with transaction(ctx) as tx:
            tx.replace("order", order)
            if delivery is not None:
                deliveries.hand_over(tx, delivery, into_id)

    again(attempt, PreconditionFailed)
