"""Stocking card keys: import in bulk, each key once."""

from collections.abc import Sequence

from chalicelib.core import ids, sealing
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.fulfilment.entities import CardKey, CardKeyPool, CardKeyPrint, card_key_ref, pool_ref
from chalicelib.inventory import service as inventory
from chalicelib.store import Page, Transaction, again, emit, get, get_many, items, refuse_with, transaction


class ImportMoved(Conflict):
    """Another import of this SKU numbered keys, or stocked one of these, first. Never shown to a client."""

    code = "card_key_import_moved"


_BATCH = 45
"""Keys a transaction: two items each (the key, its print), beside pool, stock, ledger and event."""


def stock_keys(ctx: Context, sku_id: str, plain_keys: Sequence[str]) -> tuple[int, int]:
    """Seal and stock every key that is new for its SKU; answers (imported, duplicates).

    Store calls: 1, and for 45 keys a look-up and a transaction. Safe to run again: what is in stays, the rest
    follows. Raises NotFound for a SKU without stock, Invalid for a SKU whose stock is not card keys.
    """
    stock = inventory.stock_of(ctx, sku_id)
    if stock.counted != "keys":
        raise Invalid.field("sku_id", "not_card_key", "this SKU is not of kind card_key")
    prints = {sealing.fingerprint(plain, f"card-key:{sku_id}"): plain for plain in plain_keys}
    imported, every = 0, list(prints.items())
    for start in range(0, len(every), _BATCH):
        batch = every[start : start + _BATCH]
        imported += again(lambda batch=batch: _stock_batch(ctx, sku_id, batch), ImportMoved)  # type: ignore[misc]
    return imported, len(plain_keys) - imported


def _stock_batch(ctx: Context, sku_id: str, batch: Sequence[tuple[str, str]]) -> int:
    """Those of a batch that are not in yet, numbered on from the pool's last. The pool's version lets one import
    number at a time. Refused with ImportMoved."""
    prints = {
        CardKeyPrint.key.of(ctx.tenant, sku_id=sku_id, fingerprint=print_): print_ for print_, _ in batch
    }
    ref = pool_ref(ctx.tenant, sku_id)
    found = get_many([ref, *prints])
    stocked = {print_ for known, print_ in prints.items() if found.one(CardKeyPrint, known)}
    fresh = [(print_, plain) for print_, plain in batch if print_ not in stocked]
    if not fresh:
        return 0
    pool = found.one(CardKeyPool, ref)
    moved = refuse_with(ImportMoved)
    with transaction(ctx) as tx:
        first = 1
        if pool is None:
            made = CardKeyPool(
                tenant=ctx.tenant, product_id=ids.product_of(sku_id), sku_id=sku_id, last_seq=len(fresh)
            )
            tx.put("pool", made, refuse=moved)
        else:
            first = pool.last_seq + 1
            pool.last_seq += len(fresh)
            tx.replace("pool", pool, refuse=moved)
        for seq, (print_, plain) in enumerate(fresh, first):
            _put_key(tx, sku_id, seq, print_, plain)
        inventory.add_units(tx, sku_id, len(fresh), "card keys imported", counted="keys")
        emit(tx, "card_keys.imported", {"sku_id": sku_id, "count": len(fresh)})
    return len(fresh)


def _put_key(tx: Transaction, sku_id: str, seq: int, print_: str, plain: str) -> None:
    tenant, now = tx.ctx.tenant, tx.ctx.now
    sealed = sealing.seal(plain, card_key_ref(tenant, sku_id, seq).pk + str(seq))
    tx.put(f"key:{seq}", CardKey(tenant=tenant, sku_id=sku_id, seq=seq, sealed=sealed, imported_at=now))
    moved = refuse_with(ImportMoved)
    tx.put(f"print:{seq}", CardKeyPrint(tenant=tenant, sku_id=sku_id, fingerprint=print_), refuse=moved)


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
