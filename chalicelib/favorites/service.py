"""A customer's favourites and footprints, and the products behind them as they are now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.catalog.entities import Product
from chalicelib.catalog.service import product_ref
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.favorites import marks as rules
from chalicelib.favorites.entities import Favorites, Footprints, favorites_ref, footprints_ref
from chalicelib.favorites.marks import Mark, Marks
from chalicelib.store import (
    Event,
    Found,
    Page,
    Ref,
    Transaction,
    again,
    get,
    get_many,
    refuse_with,
    transaction,
)
from chalicelib.store.cursors import seal, unseal

State = Literal["on_sale", "off_sale", "gone"]


@dataclass(frozen=True, slots=True)
class Marked:
    """A product somebody marked or looked at, as it is now."""

    mark: Mark
    product: Product | None

    @property
    def state(self) -> State:
        if self.product is None:
            return "gone"
        return "on_sale" if self.product.status == "published" else "off_sale"


def favor(ctx: Context, product_id: str) -> None:
    """Make a published product a favourite; one that is stays as it is.

    Store calls: 2, or 1 when nothing changes. Raises NotFound, TooManyFavorites.
    """
    ref = favorites_ref(ctx.tenant, ctx.customer_id)

    def attempt() -> None:
        found = get_many([ref, product_ref(ctx.tenant, product_id)])
        favorites = found.one(Favorites, ref) or Favorites(tenant=ctx.tenant, user_id=ctx.customer_id)
        if product_id in favorites.marks:
            return
        _check_published(found, ctx.tenant, product_id)
        favorites.marks = rules.favored(favorites.marks, product_id, ctx.now)
        with transaction(ctx) as tx:
            _write(tx, "favorites", favorites)

    again(attempt, PreconditionFailed)


def unfavor(ctx: Context, product_id: str) -> None:
    """Store calls: 2. Raises NotFound for what is no favourite."""

    def attempt() -> None:
        favorites = get(Favorites, favorites_ref(ctx.tenant, ctx.customer_id))
        if favorites is None or product_id not in favorites.marks:
            raise NotFound
        favorites.marks = {one: at for one, at in favorites.marks.items() if one != product_id}
        with transaction(ctx) as tx:
            _write(tx, "favorites", favorites)

    again(attempt, PreconditionFailed)


def look_at(ctx: Context, product_id: str) -> None:
    """Note that the customer looked at a published product just now. Store calls: 2. Raises NotFound."""
    ref = footprints_ref(ctx.tenant, ctx.customer_id)

    def attempt() -> None:
        found = get_many([ref, product_ref(ctx.tenant, product_id)])
        _check_published(found, ctx.tenant, product_id)
        footprints = found.one(Footprints, ref) or Footprints(tenant=ctx.tenant, user_id=ctx.customer_id)
        _leave(footprints, {**footprints.marks, product_id: ctx.now}, ctx.now)
        with transaction(ctx) as tx:
            _write(tx, "footprints", footprints)

    again(attempt, PreconditionFailed)


def wipe_footprints(ctx: Context) -> None:
    """One transaction; harmless when repeated."""
    with transaction(ctx) as tx:
        tx.delete("footprints", footprints_ref(ctx.tenant, ctx.customer_id))


def favorites_of(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[Marked]:
    """Newest first. Store calls: 2. Raises CursorInvalid."""
    ref = favorites_ref(ctx.tenant, user_id)
    favorites = get(Favorites, ref)
    return _page(ctx, ref, favorites.marks if favorites else {}, limit, cursor)


def footprints_of(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[Marked]:
    """Latest first, those of the last 90 days. Store calls: 2. Raises CursorInvalid."""
    ref = footprints_ref(ctx.tenant, user_id)
    footprints = get(Footprints, ref)
    return _page(ctx, ref, rules.recent(footprints.marks, ctx.now) if footprints else {}, limit, cursor)


def refs(tenant: str, user_id: str) -> tuple[Ref, Ref]:
    """What `merge` needs of one customer."""
    return favorites_ref(tenant, user_id), footprints_ref(tenant, user_id)


def merge(tx: Transaction, found: Found, into_id: str, from_id: str) -> None:
    """Favourites and footprints of one account become the other's; favourites that find no room stay behind.

    Parts `favorites:<user>` and `footprints:<user>`, where there is something to move. Refused with
    PreconditionFailed when somebody wrote one since it was read.
    """
    ctx, tenant = tx.ctx, tx.ctx.tenant
    liked = found.one(Favorites, favorites_ref(tenant, from_id))
    if liked is not None and liked.marks:
        mine = found.one(Favorites, favorites_ref(tenant, into_id)) or Favorites(
            tenant=tenant, user_id=into_id
        )
        mine.marks, liked.marks = rules.moved(mine.marks, liked.marks)
        _write(tx, f"favorites:{into_id}", mine)
        _write(tx, f"favorites:{from_id}", liked)
    seen = found.one(Footprints, footprints_ref(tenant, from_id))
    if seen is not None:
        ours = found.one(Footprints, footprints_ref(tenant, into_id)) or Footprints(
            tenant=tenant, user_id=into_id
        )
        _leave(ours, rules.latest_of_both(ours.marks, seen.marks), ctx.now)
        _write(tx, f"footprints:{into_id}", ours)
        tx.delete(f"footprints:{from_id}", seen.ref)


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: both go with who has left. One transaction; harmless when repeated."""
    with transaction(ctx) as tx:
        for ref in refs(ctx.tenant, event.data["user_id"]):
            tx.delete(ref.sk, ref)


def _check_published(found: Found, tenant: str, product_id: str) -> None:
    product = found.one(Product, product_ref(tenant, product_id))
    if product is None or product.status != "published":
        raise NotFound


def _leave(footprints: Footprints, marks: Marks, now: datetime) -> None:
    """The item lasts as long as the latest of its footprints."""
    footprints.marks, footprints.ttl = rules.recent(marks, now), now + rules.FOOTPRINTS_LAST


def _write(tx: Transaction, name: str, book: Favorites | Footprints) -> None:
    """Refused with PreconditionFailed when somebody wrote it since it was read."""
    if book.as_read is None:
        tx.put(name, book, refuse=refuse_with(PreconditionFailed))
    else:
        tx.replace(name, book)


def _page(ctx: Context, ref: Ref, marks: Marks, limit: int, cursor: str | None) -> Page[Marked]:
    query, every = f"marks|{ref.pk}|{ref.sk}", rules.newest_first(marks)
    if cursor is not None:
        after = unseal(cursor, query)
        last = Mark(datetime.fromisoformat(after["at"]), after["id"])
        every = [mark for mark in every if mark < last]
    page = every[:limit]
    products = get_many(product_ref(ctx.tenant, mark.product_id) for mark in page)
    shown = [Marked(mark, products.one(Product, product_ref(ctx.tenant, mark.product_id))) for mark in page]
    more = len(every) > limit
    return Page(
        shown, seal({"at": page[-1].at.isoformat(), "id": page[-1].product_id}, query) if more else None
    )
