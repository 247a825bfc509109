"""How points come and go: always by an entry, in the transaction of whatever caused it."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.points.entities import PointsAccount, PointsEntry, points_ref
from chalicelib.store import Event, Found, Page, Transaction, get, items, refuse_with, rows, transaction

_AT_ONCE = 90
"""Entries that are forgotten in one transaction, beside the account itself."""


class PointsWouldBeNegative(Conflict):
    code = "points_negative"
    title = Text("There are fewer points than that", "积分余额不足")
    detail = Text(
        "The balance is {balance}: take that much at most.", "当前余额为 {balance}，最多可扣减 {balance}。"
    )


class CauseKnown(Conflict):
    """This cause has its entry: it was counted before. Never shown to a client."""

    code = "points_cause_known"


def of(ctx: Context, user_id: str) -> PointsAccount:
    """One GetItem."""
    return get(PointsAccount, points_ref(ctx.tenant, user_id)) or _empty(ctx.tenant, user_id)


def within(found: Found, tenant: str, user_id: str) -> PointsAccount:
    """The account, read together with other items by its `points_ref`."""
    return found.one(PointsAccount, points_ref(tenant, user_id)) or _empty(tenant, user_id)


def entries(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Rows of entries, newest first. One Query. Raises CursorInvalid."""
    return rows(ctx.tenant, PointsEntry.newest, user_id=user_id, limit=limit, cursor=cursor)


def post(
    tx: Transaction, account: PointsAccount, delta: int, *, about: str, which: str, reason: str = ""
) -> PointsEntry:
    """Add an entry to an account that was just read. Parts `points:<user>` and `points_entry:<user>`.

    One entry an account in one transaction. Raises PointsWouldBeNegative; refuses with CauseKnown where
    `about:which` has its entry, and with PreconditionFailed when somebody wrote the account since it was read.
    """
    ctx, user_id = tx.ctx, account.user_id
    if account.balance + delta < 0:
        raise PointsWouldBeNegative(balance=account.balance)
    account.balance += delta
    account.earned += max(0, delta)
    account.spent += max(0, -delta)
    entry = PointsEntry(
        tenant=ctx.tenant,
        user_id=user_id,
        cause=f"{about}:{which}",
        entry_id=ctx.new_id("pte"),
        at=ctx.now,
        delta=delta,
        balance=account.balance,
        reason=reason,
        actor_id=ctx.actor.id,
    )
    tx.put(f"points_entry:{user_id}", entry, refuse=refuse_with(CauseKnown))
    if account.as_read is None:
        tx.put(f"points:{user_id}", account, refuse=refuse_with(PreconditionFailed))
    else:
        tx.replace(f"points:{user_id}", account)
    return entry


def merge(tx: Transaction, found: Found, into_id: str, from_id: str) -> None:
    """All points of one account become the other's, by an entry on each side. Refuses as `post` does."""
    into, gone = (within(found, tx.ctx.tenant, user_id) for user_id in (into_id, from_id))
    moved = gone.balance
    if moved:
        post(tx, gone, -moved, about="merged", which=into_id)
        post(tx, into, moved, about="merged", which=from_id)


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: points of who has left go, with their entries and what staff wrote in them.

    Entries first and the account last: a run that was killed is done again. A Query and a transaction for 90 entries.
    """
    user_id, is_left = event.data["user_id"], True
    while is_left:
        page = items(PointsEntry, ctx.tenant, PointsEntry.key, user_id=user_id, limit=_AT_ONCE)
        is_left = page.next_cursor is not None
        with transaction(ctx) as tx:
            for entry in page.data:
                tx.delete(entry.cause, entry.ref)
            if not is_left:
                tx.delete("points", points_ref(ctx.tenant, user_id))


def _empty(tenant: str, user_id: str) -> PointsAccount:
    return PointsAccount(tenant=tenant, user_id=user_id)
