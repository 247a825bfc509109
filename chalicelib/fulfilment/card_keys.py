"""Stocking card keys: import in bulk, each key once."""

from collections.abc import Sequence

from chalicelib.core import ids, sealing
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.fulfilment.entities import CardKey, CardKeyPool, CardKeyPrint, card_key_ref, pool_ref
from chalicelib.inventory import service as inventory
from chalicelib.store import Page, Transaction, again, emit, get, get_many, items, transaction

_BATCH = 45
"""Keys a transaction: two items each (the key, its print), beside pool, stock, ledger and event."""


def stock_keys(ctx: Context, sku_id: str, plain_keys: Sequence[str]) -> tuple[int, int]:
    """Seal and stock every key that is new for its SKU; answers (imported, duplicates).

    Store calls: one look-up per 100 keys and 2 per 45 new ones. Safe to run again: what is in stays, the rest
    follows. Raises NotFound for a SKU without stock, Invalid for a SKU whose stock is not card keys.
    """
    stock = inventory.stock_of(ctx, sku_id)
    if stock.counted != "keys":
        raise Invalid.field("sku_id", "not_card_key", "this SKU is not of kind card_key")
    prints = {sealing.fingerprint(plain, f"card-key:{sku_id}"): plain for plain in plain_keys}
    refs = {CardKeyPrint.key.of(ctx.tenant, sku_id=sku_id, fingerprint=print_): print_ for print_ in prints}
    known = get_many(refs)
    fresh = [(print_, prints[print_]) for ref, print_ in refs.items() if known.one(CardKeyPrint, ref) is None]
    for start in range(0, len(fresh), _BATCH):
        batch = fresh[start : start + _BATCH]
        again(lambda batch=batch: _stock_batch(ctx, sku_id, batch), PreconditionFailed)  # type: ignore[misc]
    return len(fresh), len(plain_keys) - len(fresh)


def _stock_batch(ctx: Context, sku_id: str, batch: Sequence[tuple[str, str]]) -> None:
    """Numbers follow on from the pool's last; the pool's version lets one import number at a time."""
    ref = pool_ref(ctx.tenant, sku_id)
    pool = get(CardKeyPool, ref)
    with transaction(ctx) as tx:
        first = 1
        if pool is None:
            tx.put(
                "pool",
                CardKeyPool(
                    tenant=ctx.tenant, product_id=ids.product_of(sku_id), sku_id=sku_id, last_seq=len(batch)
                ),
            )
        else:
            first = pool.last_seq + 1
            pool.last_seq += len(batch)
            tx.replace("pool", pool)
        for seq, (print_, plain) in enumerate(batch, first):
            _put_key(tx, sku_id, seq, print_, plain)
        inventory.add_units(tx, sku_id, len(batch), "card keys imported", counted="keys")
        emit(tx, "card_keys.imported", {"sku_id": sku_id, "count": len(batch)})


def _put_key(tx: Transaction, sku_id: str, seq: int, print_: str, plain: str) -> None:
    tenant, now = tx.ctx.tenant, tx.ctx.now
    sealed = sealing.seal(plain, card_key_ref(tenant, sku_id, seq).pk + str(seq))
    tx.put(f"key:{seq}", CardKey(tenant=tenant, sku_id=sku_id, seq=seq, sealed=sealed, imported_at=now))
    tx.put(f"print:{seq}", CardKeyPrint(tenant=tenant, sku_id=sku_id, fingerprint=print_))


def plain_text(key: CardKey) -> str:
    return sealing.unseal(key.sealed, key.ref.pk + str(key.seq))


def listed(ctx: Context, sku_id: str, *, limit: int, cursor: str | None) -> Page[CardKey]:
    """A SKU's keys by number. One Query; the plain text is not in the answer."""
    return items(CardKey, ctx.tenant, CardKey.key, sku_id=sku_id, limit=limit, cursor=cursor)


def counts(ctx: Context, sku_id: str) -> CardKeyPool:
    """One GetItem. Raises NotFound."""
    pool = get(CardKeyPool, pool_ref(ctx.tenant, sku_id))
    if pool is None:
        raise NotFound
    return pool
