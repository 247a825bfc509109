"""Segments: filters over members that staff keep under a name."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.members.entities import Segment
from chalicelib.members.filters import Filter
from chalicelib.store import Page, Ref, get, items, remember, transaction


def create(ctx: Context, name: str, wanted: Filter) -> Segment:
    """Store calls: 1."""
    segment = Segment(
        tenant=ctx.tenant, segment_id=ctx.new_id("seg"), name=name, filter=wanted, created_at=ctx.now
    )
    with transaction(ctx) as tx:
        tx.put("segment", segment)
        remember(tx, segment)
    return segment


def listed(ctx: Context, *, limit: int, cursor: str | None) -> Page[Segment]:
    """Newest first. One Query."""
    return items(Segment, ctx.tenant, Segment.key, limit=limit, cursor=cursor, newest_first=True)


def remove(ctx: Context, segment_id: str) -> None:
    """The members stay as they are. Store calls: 2. Raises NotFound."""
    segment = read(ctx, segment_id)
    with transaction(ctx) as tx:
        tx.delete("segment", segment.ref, was=segment)


def narrowed(ctx: Context, wanted: Filter, segment_id: str | None) -> Filter:
    """What a query wants; what it leaves open is as its segment has it. One GetItem with a segment. Raises NotFound."""
    if segment_id is None:
        return wanted
    kept = read(ctx, segment_id).filter
    return Filter(**{**kept.model_dump(), **wanted.model_dump(exclude_none=True)})


def read(ctx: Context, segment_id: str) -> Segment:
    """One GetItem. Raises NotFound."""
    segment = get(Segment, _ref(ctx, segment_id))
    if segment is None:
        raise NotFound
    return segment


def _ref(ctx: Context, segment_id: str) -> Ref:
    return Segment.key.of(ctx.tenant, segment_id=segment_id)
