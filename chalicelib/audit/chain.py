"""Linking entries into the chain, and finding what does not fit it.

An act waits for nobody: its entry is written with it, unlinked. The stream takes entries up one after another;
the job takes up what the stream left. Each link holds the digest of its entry and the hash of the link before, so
an entry that is edited, taken away, put in or moved no longer fits.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from chalicelib.audit.entities import GENESIS, ChainHead, ChainLink, head_ref
from chalicelib.core import log
from chalicelib.core.context import system
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.store import AuditEntry, Item, Ref, again, get_many, refuse_with, transaction

LINKED_WITHIN = timedelta(minutes=10)
"""An entry older than this and in no chain has been kept from it."""


class _HeadMoved(Conflict):
    """Another consumer put its link there."""


def link(ref: Ref, now: datetime) -> None:
    """Take one entry into the chain; nothing happens to one that is in it.

    Store calls: 2 (entry and head, transaction), and 2 for each time another consumer was first.
    """
    again(lambda: _link(ref, now), _HeadMoved, PreconditionFailed)


def _link(ref: Ref, now: datetime) -> None:
    tenant = ref.tenant
    found = get_many([ref, head_ref(tenant)])
    entry, head = found.one(AuditEntry, ref), found.one(ChainHead, head_ref(tenant))
    if entry is None or entry.seq is not None:
        return
    added = ChainLink(
        tenant=tenant,
        seq=1 if head is None else head.seq + 1,
        entry_id=entry.entry_id,
        entry_digest=entry.digest,
        previous=GENESIS if head is None else head.hash,
        linked_at=now,
    )
    entry.seq = added.seq
    entry.set_timer(None)
    with transaction(system(tenant)) as tx:
        tx.put("link", added, refuse=refuse_with(_HeadMoved))
        if head is None:
            first = ChainHead(tenant=tenant, seq=added.seq, hash=added.hash)
            tx.put("head", first, refuse=refuse_with(_HeadMoved))
        else:
            head.seq, head.hash = added.seq, added.hash
            tx.replace("head", head, refuse=refuse_with(_HeadMoved))
        tx.replace("entry", entry)
    # outside the table too: who can write there cannot make the log forget the head it had
    log.info("audit_linked", tenant=tenant, seq=added.seq, hash=added.hash)


def faults(
    entries: Iterable[AuditEntry], links: Iterable[ChainLink], heads: Iterable[ChainHead], now: datetime
) -> Iterator[tuple[str, Item]]:
    """What does not fit: each with the item it shows on. Pure."""
    by_id = {(one.tenant, one.entry_id): one for one in entries}
    linked: set[tuple[str, str]] = set()
    last: dict[str, ChainLink] = {}
    for one in sorted(links, key=lambda link: (link.tenant, link.seq)):
        before = last.get(one.tenant)
        yield from _misplaced(one, before)
        yield from _changed(one, by_id.get((one.tenant, one.entry_id)), linked)
        linked.add((one.tenant, one.entry_id))
        last[one.tenant] = one
    by_tenant = {head.tenant: head for head in heads}
    for head in by_tenant.values():
        end = last.get(head.tenant)
        if end is None or (end.seq, end.hash) != (head.seq, head.hash):
            yield f"the chain ends at {end.seq if end else 0}, its head says {head.seq}", head
    for tenant in last.keys() - by_tenant.keys():
        yield "the chain has lost its head", last[tenant]
    for whose, entry in by_id.items():
        if whose not in linked and (entry.seq is not None or now - entry.at > LINKED_WITHIN):
            yield f"entry {entry.entry_id} was never linked", entry


def _misplaced(one: ChainLink, before: ChainLink | None) -> Iterator[tuple[str, Item]]:
    seq, previous = (before.seq, before.hash) if before else (0, GENESIS)
    if one.seq != seq + 1:
        yield f"links {seq + 1} to {one.seq - 1} are missing", one
    elif one.previous != previous:
        yield f"link {one.seq} does not follow link {seq} as it stands", one


def _changed(
    one: ChainLink, entry: AuditEntry | None, linked: set[tuple[str, str]]
) -> Iterator[tuple[str, Item]]:
    if (one.tenant, one.entry_id) in linked:
        yield f"entry {one.entry_id} is linked twice", one
    elif entry is None:
        yield f"entry {one.entry_id} of link {one.seq} is missing", one
    elif entry.digest != one.entry_digest:
        yield f"entry {one.entry_id} is not as it was when it was linked", entry
    elif entry.seq != one.seq:
        yield f"entry {one.entry_id} says it is number {entry.seq}, the chain says {one.seq}", entry
