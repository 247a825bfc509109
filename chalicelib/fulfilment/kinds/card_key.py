"""Card keys: numbers are set aside when the order is placed, the keys themselves change hands when it is paid."""

from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text
from chalicelib.fulfilment.entities import (
    CardKey,
    CardKeyPool,
    DeliveredKeys,
    Delivery,
    card_key_ref,
    pool_ref,
)
from chalicelib.fulfilment.kinds.base import Parcel
from chalicelib.inventory.service import OutOfStock
from chalicelib.store import Found, Ref, Transaction, refuse_with


class PoolMoved(Conflict):
    """Another order took keys of this SKU first: read the pool again. Never shown to a client."""

    code = "card_keys_moved"
    title = Text("The card keys were taken meanwhile", "卡密刚被领取")


class KeyNotStocked(Conflict):
    """A key that was set aside is not there to sell. The order stays unpaid-for and an alarm is raised."""

    code = "card_key_not_stocked"
    title = Text("A card key is not available", "卡密不可用")


class CardKeyKind:
    name = "card_key"
    ships = False
    most_units = 40

    def refs(self, tenant: str, sku_id: str) -> list[Ref]:
        return [pool_ref(tenant, sku_id)]

    def hold(self, tx: Transaction, parcel: Parcel, found: Found) -> None:
        """Part `card_keys:<sku>`: returned numbers first, then the next new ones, under the pool's version."""
        ref = pool_ref(tx.ctx.tenant, parcel.sku_id)
        pool = found.one(CardKeyPool, ref)
        if pool is None or pool.free < parcel.quantity:
            left = pool.free if pool else 0
            raise OutOfStock(
                skus=[{"sku_id": parcel.sku_id, "requested": parcel.quantity, "available": left}]
            )
        returned = sorted(pool.returned)[: parcel.quantity]
        fresh = range(pool.next_seq, pool.next_seq + parcel.quantity - len(returned))
        parcel.held = [*(int(seq) for seq in returned), *fresh]
        tx.update(
            f"card_keys:{parcel.sku_id}",
            CardKeyPool,
            ref,
            add={"version": 1, **({"next_seq": len(fresh)} if fresh else {})},
            exclude={"returned": returned} if returned else None,
            when=CardKeyPool.version == pool.version,
            refuse=refuse_with(PoolMoved),
        )

    def deliver(self, tx: Transaction, parcels: list[Parcel]) -> None:
        """Every key of every line, or nothing: each is sold once, by its own condition (B10)."""
        first = parcels[0]
        for parcel in parcels:
            for seq in parcel.held:
                tx.update(
                    f"card_key:{parcel.sku_id}:{seq}",
                    CardKey,
                    card_key_ref(tx.ctx.tenant, parcel.sku_id, seq),
                    set={"state": "sold", "order_id": parcel.order_id, "sold_at": tx.ctx.now},
                    when=(CardKey.state == "stocked") & CardKey.order_id.does_not_exist(),
                    refuse=refuse_with(KeyNotStocked, sku_id=parcel.sku_id, seq=seq),
                )
        tx.put(
            "delivery",
            Delivery(
                tenant=tx.ctx.tenant,
                customer_id=first.customer_id,
                order_id=first.order_id,
                delivered_at=tx.ctx.now,
                keys=[
                    DeliveredKeys(sku_id=parcel.sku_id, title=parcel.title, key_seqs=parcel.held)
                    for parcel in parcels
                ],
            ),
        )

    def release(self, tx: Transaction, parcel: Parcel) -> None:
        tx.update(
            f"card_keys:{parcel.sku_id}",
            CardKeyPool,
            pool_ref(tx.ctx.tenant, parcel.sku_id),
            add={"version": 1},
            include={"returned": [str(seq).zfill(12) for seq in parcel.held]},
        )
