"""API shapes of the audit log."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field

from chalicelib.core import clock, ids
from chalicelib.http import ListOf, ListQuery, Timestamp, View
from chalicelib.store import AuditEntry

EntryId = Annotated[str, Field(pattern=ids.pattern("aud"))]


class AuditQuery(ListQuery):
    actor_id: Annotated[str, Field(pattern=ids.pattern("usr"))] | None = None
    act: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    """An operation's id, or how it begins: `catalog_`."""
    target: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    """An id the act's path named."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class AuditRow(View):
    id: str
    at: Timestamp
    actor_id: str
    act: str
    """The operation's id, as in this document."""
    targets: dict[str, str]
    """The things the request's path named."""
    items: list[str]
    """Which kinds of item were written."""
    reason: str
    request_id: str
    ip: str

    @classmethod
    def of(cls, thing: Any) -> Self:
        at: datetime = clock.from_text(thing["at"])
        return cls(**{**thing, "at": at})


class AuditPage(ListOf[AuditRow]):
    pass


class Change(View):
    item: str
    key: str
    before: dict[str, Any]
    after: dict[str, Any]
    """Only what changed. A count says by how much; personal details are masked, secrets hidden."""


class AuditEntryView(AuditRow):
    changes: list[Change]
    more: dict[str, int]
    """Items beyond the first twenty, counted by their kind."""
    session_id: str
    seq: int | None
    """The entry's place in the chain; null until it has one, a moment later."""
    digest: str

    @classmethod
    def of(cls, thing: Any) -> Self:
        entry: AuditEntry = thing
        return cls(
            **{**entry.row(), "at": entry.at},
            changes=[Change(**change) for change in entry.changes],
            more=entry.more,
            session_id=entry.session_id,
            seq=entry.seq,
            digest=entry.digest,
        )


class ChainView(View):
    """What to note outside the shop: a chain that was rebuilt has another hash at this number."""

    seq: int
    hash: str
