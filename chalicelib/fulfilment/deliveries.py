"""A customer's deliveries: shown again whenever asked for; the first look is recorded."""

from chalicelib.core import log
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, NotFound, PreconditionFailed
from chalicelib.fulfilment.card_keys import plain_text
from chalicelib.fulfilment.entities import CardKey, Delivery, card_key_ref
from chalicelib.store import Page, Transaction, get, get_many, items, refuse_with, transaction


class _SeenBefore(Conflict):
    """Somebody recorded the first look already."""


def listed(ctx: Context, *, limit: int, cursor: str | None) -> Page[Delivery]:
    """The customer's deliveries, newest first, without the secrets. One Query."""
    return items(
        Delivery,
        ctx.tenant,
        Delivery.key,
        customer_id=ctx.customer_id,
        limit=limit,
        cursor=cursor,
        newest_first=True,
    )


def revealed(ctx: Context, order_id: str) -> tuple[Delivery, dict[str, list[str]]]:
    """A delivery and its keys in plain text by SKU. Store calls: 2, and 1 more at the first look. Raises NotFound."""
    delivery = of_order(ctx, ctx.customer_id, order_id)
    if delivery is None:
        raise NotFound
    refs = {
        (line.sku_id, seq): card_key_ref(ctx.tenant, line.sku_id, seq)
        for line in delivery.keys
        for seq in line.key_seqs
    }
    found = get_many(refs.values())
    plain: dict[str, list[str]] = {}
    for (sku_id, _), ref in refs.items():
        key = found.one(CardKey, ref)
        if key is None or key.order_id != order_id:
            raise RuntimeError(f"delivery of {order_id} names a key that is not its own")
        plain.setdefault(sku_id, []).append(plain_text(key))
    if delivery.first_viewed_at is None:
        _record_first_look(ctx, delivery)
    return delivery, plain


def of_order(ctx: Context, customer_id: str, order_id: str) -> Delivery | None:
    """One GetItem."""
    return get(Delivery, Delivery.key.of(ctx.tenant, customer_id=customer_id, order_id=order_id))


def hand_over(tx: Transaction, delivery: Delivery, customer_id: str) -> None:
    """Parts `delivery` and `delivery:gone`: it is another customer's from now on. Refused (412) when it moved."""
    seen = Delivery.first_viewed_at
    unmoved = (
        seen.exists() if delivery.first_viewed_at else Delivery.delivered_at.exists() & seen.does_not_exist()
    )
    tx.delete("delivery:gone", delivery.ref, when=unmoved, refuse=refuse_with(PreconditionFailed))
    delivery.customer_id = customer_id
    tx.put("delivery", delivery)


def _record_first_look(ctx: Context, delivery: Delivery) -> None:
    try:
        with transaction(ctx) as tx:
            tx.update(
                "delivery",
                Delivery,
                delivery.ref,
                set={"first_viewed_at": ctx.now, "first_viewed_from": ctx.client_ip or "unknown"},
                when=Delivery.first_viewed_at.does_not_exist(),
                refuse=lambda old: _SeenBefore(),
            )
    except _SeenBefore:
        return
    delivery.first_viewed_at, delivery.first_viewed_from = ctx.now, ctx.client_ip or "unknown"
    log.info("delivery_first_view", order_id=delivery.order_id, customer_id=delivery.customer_id)
