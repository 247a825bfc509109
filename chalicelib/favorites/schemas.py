"""API shapes of favourites and footprints."""

from typing import Any, Self

from chalicelib.core.money import Money
from chalicelib.favorites.service import Marked, State
from chalicelib.http import ListOf, Timestamp, View


class _MarkedRow(View):
    product_id: str
    state: State
    """`off_sale`: not published now. `gone`: there is no such product any more."""
    title: str | None
    """Null when it is gone, as is the image."""
    image: str | None
    price: Money | None
    """The lowest of its SKUs; null unless it is on sale."""


def _fields(thing: Any) -> dict[str, Any]:
    marked: Marked = thing
    row = marked.product.row() if marked.product else {}
    return {
        "product_id": marked.mark.product_id,
        "state": marked.state,
        "title": row.get("title"),
        "image": row.get("image"),
        "price": row.get("price") if marked.state == "on_sale" else None,
    }


class FavoriteRow(_MarkedRow):
    """A favourite, with the product as it is now."""

    since: Timestamp

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls(**_fields(thing), since=thing.mark.at)


class FavoritePage(ListOf[FavoriteRow]):
    pass


class FootprintRow(_MarkedRow):
    """A product that was looked at, as it is now."""

    seen_at: Timestamp

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls(**_fields(thing), seen_at=thing.mark.at)


class FootprintPage(ListOf[FootprintRow]):
    pass
