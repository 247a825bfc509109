"""One intention, one effect: key, request hash and the first answer's bytes, written with the effect itself."""

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pynamodb.expressions.operand import Path

from chalicelib.core.context import Context, Idempotency
from chalicelib.core.errors import Invalid, SoukError
from chalicelib.core.sealing import fingerprint
from chalicelib.core.text import Text as Words
from chalicelib.store.attributes import Bytes, Int, Text, Wire
from chalicelib.store.items import Item
from chalicelib.store.keys import Key
from chalicelib.store.reading import get
from chalicelib.store.transactions import Transaction, transaction

KEPT = timedelta(hours=48)


class KeyReused(Invalid):
    code = "idempotency_key_reused"
    title = Words("This idempotency key was used for another request", "该幂等键已用于另一个请求")
    detail = Words("Use a new key for a new intention.", "新的操作请使用新的幂等键。")


class AlreadyDone(SoukError):
    """The intention was carried out before, or by a twin. The front door answers with the first answer."""

    code = "already_done"


class IdempotencyRecord(Item, discriminator="idempotency"):
    """What one actor's key stands for."""

    audited = False
    key = Key("IDEMPOTENCY#{actor}", "{fingerprint}", "the first answer to an idempotency key")

    actor: Text = Text()
    fingerprint: Text = Text()
    request_hash: Text = Text()
    status: Int = Int()
    answer: Bytes = Bytes()
    """The body's bytes, deflated: an order's answer costs 1 write unit instead of 4."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    body: str


def _address(ctx: Context) -> tuple[str, str]:
    if ctx.idempotency is None:
        raise LookupError("no idempotency key")
    return ctx.actor.id or "visitor", fingerprint(ctx.idempotency.key, "idempotency")


def _hash(idempotency: Idempotency) -> str:
    """Under the stage's key: a body may hold a password, and nobody shall try words against what the table keeps."""
    return fingerprint(idempotency.request_hash, "request")


def remember(tx: Transaction, result: Any) -> None:
    """Store the answer for `result` in the transaction that made it. Nothing happens without a key.

    A record past its time does not count, whether or not TTL has removed it yet.
    """
    ctx = tx.ctx
    if ctx.idempotency is None:
        return
    actor, print_ = _address(ctx)
    status, body = ctx.idempotency.answer(result)
    record = IdempotencyRecord(
        tenant=ctx.tenant,
        actor=actor,
        fingerprint=print_,
        request_hash=_hash(ctx.idempotency),
        status=status,
        answer=zlib.compress(body.encode(), 6),
        ttl=ctx.now + KEPT,
    )
    expired = Path("ttl") <= {"N": str(int(ctx.now.timestamp()))}
    tx.put_unless("idempotency", record, or_when=expired, refuse=_done)


def _done(old: Wire | None) -> SoukError:
    return AlreadyDone()


def keep(ctx: Context, result: Any) -> StoredAnswer | None:
    """Store the answer of a request whose handler had nothing to write; the first answer, when there is one already.

    One transaction, and one GetItem when the key was used. Raises KeyReused.
    """
    try:
        with transaction(ctx) as tx:
            remember(tx, result)
    except AlreadyDone:
        return recall(ctx)
    return None


def refuse_repeat(ctx: Context) -> None:
    """Call before the first of several effects: raises AlreadyDone for a key that has its answer, or KeyReused.

    One GetItem with a key, nothing without.
    """
    if recall(ctx) is not None:
        raise AlreadyDone


def recall(ctx: Context) -> StoredAnswer | None:
    """The first answer to this key, if there is one. One GetItem. Raises KeyReused when it answered another request."""
    if ctx.idempotency is None:
        return None
    actor, print_ = _address(ctx)
    record = get(IdempotencyRecord, IdempotencyRecord.key.of(ctx.tenant, actor=actor, fingerprint=print_))
    if record is None or record.is_expired(ctx.now):
        return None
    if record.request_hash != _hash(ctx.idempotency):
        raise KeyReused
    return StoredAnswer(record.status, zlib.decompress(record.answer).decode())
