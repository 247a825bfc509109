"""Products with a time each: how many may be marked, and in which order they stand. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text

MOST_FAVORITES = 500
MOST_FOOTPRINTS = 100
FOOTPRINTS_LAST = timedelta(days=90)

Marks = dict[str, datetime]
"""Product → when."""


class TooManyFavorites(Conflict):
    code = "too_many_favorites"
    title = Text("There are too many favourites", "收藏数量已达上限")
    detail = Text("Take one off first: there may be {most}.", "最多收藏 {most} 个商品，请先取消一个。")


class Mark(NamedTuple):
    """They compare by time; of one instant, by product."""

    at: datetime
    product_id: str


def newest_first(marks: Marks) -> list[Mark]:
    return sorted((Mark(at, product_id) for product_id, at in marks.items()), reverse=True)


def favored(marks: Marks, product_id: str, at: datetime) -> Marks:
    """With one more favourite. Raises TooManyFavorites."""
    if len(marks) >= MOST_FAVORITES:
        raise TooManyFavorites(most=MOST_FAVORITES)
    return {**marks, product_id: at}


def recent(marks: Marks, now: datetime) -> Marks:
    """The latest footprints, as many as are kept and none that is too old."""
    latest = newest_first(marks)[:MOST_FOOTPRINTS]
    return _as_marks(mark for mark in latest if mark.at > now - FOOTPRINTS_LAST)


def latest_of_both(one: Marks, other: Marks) -> Marks:
    """Every product of either, at the later of its times."""
    return _as_marks(sorted([*newest_first(one), *newest_first(other)]))


def moved(into: Marks, gone: Marks) -> tuple[Marks, Marks]:
    """Another's favourites beside one's own, the newest first as far as there is room; and what found none."""
    new = [mark for mark in newest_first(gone) if mark.product_id not in into]
    room = max(0, MOST_FAVORITES - len(into))
    return {**into, **_as_marks(new[:room])}, _as_marks(new[room:])


def _as_marks(marks: Iterable[Mark]) -> Marks:
    return {mark.product_id: mark.at for mark in marks}
