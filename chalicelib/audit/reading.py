"""The audit log as staff read it."""

import json
from datetime import datetime
from typing import Any

from chalicelib.audit.entities import ChainHead, head_ref
from chalicelib.audit.schemas import AuditQuery
from chalicelib.core import clock
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.store import AuditEntry, Page, get, note, rows


def listed(ctx: Context, query: AuditQuery) -> Page[dict[str, Any]]:
    """Newest first. One Query: of one actor's entries where an actor is named; other filters read on, up to five.

    Raises CursorInvalid.
    """
    sieve = query.model_dump(include={"act", "target", "since", "until"}, exclude_none=True, mode="json")
    keep = (lambda card: _passes(card, query)) if sieve else None
    common: dict[str, Any] = {
        "limit": query.limit,
        "cursor": query.cursor,
        "keep": keep,
        "filters": json.dumps(sieve, sort_keys=True),
    }
    if query.actor_id is not None:
        return rows(ctx.tenant, AuditEntry.of_actor, actor_id=query.actor_id, **common)
    return rows(ctx.tenant, AuditEntry.newest, **common)


def _passes(card: dict[str, Any], query: AuditQuery) -> bool:
    at: datetime = clock.from_text(card["at"])
    return (
        (query.act is None or card["act"].startswith(query.act))
        and (query.target is None or query.target in card["targets"].values())
        and (query.since is None or at >= query.since)
        and (query.until is None or at < query.until)
    )


def entry(ctx: Context, entry_id: str) -> AuditEntry:
    """One GetItem. Raises NotFound."""
    found = get(AuditEntry, AuditEntry.key.of(ctx.tenant, entry_id=entry_id))
    if found is None:
        raise NotFound
    return found


def head(ctx: Context) -> ChainHead | None:
    """The chain's last link, to be noted outside the shop. One GetItem."""
    return get(ChainHead, head_ref(ctx.tenant))


def taken_out(ctx: Context, query: AuditQuery) -> Page[dict[str, Any]]:
    """One page for an export; taking it out is itself an entry. Store calls: 2, or as many as `listed` makes and 1."""
    page = listed(ctx, query)
    note(ctx)
    return page
