"""Where a customer's verification stands: for themselves, for other domains, and when their account is closed."""

from datetime import timedelta

from chalicelib.core.context import Context, system
from chalicelib.core.errors import Conflict
from chalicelib.kyc import keeping
from chalicelib.kyc.entities import Kyc, kyc_ref
from chalicelib.store import Event, Transaction, again, get, once, refuse_with, transaction

_TOMBSTONE = timedelta(days=1)
"""Longer than any access token lives: what a closed account's last token sends finds the door shut."""


class KycMoved(Conflict):
    """Somebody else wrote this verification first: it is read and tried again. Never shown to a client."""

    code = "kyc_moved"


def of(ctx: Context, user_id: str) -> Kyc:
    """Anybody's verification as it is now: past its time it is expired, whether or not the sweep has come by.

    Of state `none` where nothing was ever submitted. One GetItem.
    """
    case = get(Kyc, kyc_ref(ctx.tenant, user_id))
    if case is None:
        return Kyc(tenant=ctx.tenant, user_id=user_id, moved_at=ctx.now)
    if case.is_overdue(ctx.now):
        case.record(system(ctx.tenant), "expire")
    return case


def own(ctx: Context) -> Kyc:
    """The signed-in customer's. One GetItem."""
    return of(ctx, ctx.customer_id)


def is_verified(ctx: Context, user_id: str | None = None) -> bool:
    """Whether a customer (the signed-in one unless named) is who they say, today. One GetItem."""
    return of(ctx, user_id or ctx.customer_id).status == "approved"


def write(tx: Transaction, case: Kyc) -> None:
    """Store a verification that has made a move since `of` answered it. Refuses with KycMoved."""
    if case.is_new:
        tx.put("kyc", case, refuse=refuse_with(KycMoved))
    else:
        rewrite(tx, case)


def rewrite(tx: Transaction, case: Kyc) -> None:
    """Store another version of a verification that is stored. Refuses with KycMoved."""
    tx.replace("kyc", case, refuse=refuse_with(KycMoved))


def erase(tx: Transaction, case: Kyc) -> None:
    """Forget who this is, for good: what remains for a day says only that nothing more may come.

    Refuses with KycMoved. Nothing happens the second time.
    """
    if case.status == "erased":
        return
    keeping.forget(tx, case)
    case.record(tx.ctx, "erase")
    case.reason = None
    case.log = [step.model_copy(update={"note": ""}) for step in case.log]
    case.ttl = tx.ctx.now + _TOMBSTONE
    write(tx, case)


def erase_closed(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`. Store calls: 2. Who opened which image stays on record; the images do not."""

    def attempt() -> None:
        case = of(ctx, event.data["user_id"])
        with transaction(ctx) as tx:
            once(tx, event, "kyc")
            erase(tx, case)

    again(attempt, KycMoved)
