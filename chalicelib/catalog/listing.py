"""Lists of products: one Query of an index whose rows are all a list shows."""

import json
from collections.abc import Callable
from typing import Any

from chalicelib.catalog.entities import Product, Shelf
from chalicelib.catalog.schemas import ProductQuery, StaffProductQuery
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.store import Page, rows
from chalicelib.store.cursors import CursorInvalid

Card = dict[str, Any]
Test = Callable[[Card], bool]
STATUSES = ("draft", "published", "archived")


def browse(ctx: Context, query: ProductQuery) -> Page[Card]:
    """Published products. One Query by category and order; other filters read on, up to five Queries a page.

    Raises Invalid when the price range is empty, CursorInvalid.
    """
    if query.min_price is not None and query.max_price is not None and query.min_price > query.max_price:
        raise Invalid.field("min_price", "greater_than_max", "may not be above max_price")
    tests = _tests(query)
    sieve = query.model_dump(exclude={"limit", "cursor", "category_id", "sort"}, exclude_none=True)
    common: dict[str, Any] = {
        "limit": query.limit,
        "cursor": query.cursor,
        "newest_first": query.sort != "price_asc",
        "keep": (lambda card: all(test(card) for test in tests)) if tests else None,
        "filters": json.dumps(sieve, sort_keys=True),
    }
    tenant, category = ctx.tenant, query.category_id
    if query.sort == "newest":
        if category is None:
            return rows(tenant, Product.newest, status="published", **common)
        return rows(tenant, Product.newest_in_category, shelf_category=category, **common)
    if category is None:
        return rows(tenant, Shelf.by_price, **common)
    return rows(tenant, Shelf.by_price_in_category, category_id=category, **common)


def for_staff(ctx: Context, query: StaffProductQuery) -> Page[Card]:
    """The products in one status, latest first: one Query. Without a status all of them, status after status:
    one Query, and one more where a page reaches from one status into the next. Raises CursorInvalid.
    """
    if query.status is not None:
        return _in_status(ctx, query.status, query.limit, query.cursor)
    start, _, inner = (query.cursor or f"{STATUSES[0]}.").partition(".")
    if start not in STATUSES:
        raise CursorInvalid
    found: list[Card] = []
    for status in STATUSES[STATUSES.index(start) :]:
        page = _in_status(ctx, status, query.limit - len(found), inner or None)
        found += page.data
        if page.next_cursor is not None:
            return Page(found, f"{status}.{page.next_cursor}")
        if len(found) == query.limit and status != STATUSES[-1]:
            return Page(found, f"{STATUSES[STATUSES.index(status) + 1]}.")
        inner = ""
    return Page(found)


def _in_status(ctx: Context, status: str, limit: int, cursor: str | None) -> Page[Card]:
    return rows(ctx.tenant, Product.newest, status=status, limit=limit, cursor=cursor)


def _tests(query: ProductQuery) -> list[Test]:
    tests: list[Test] = []
    if query.q is not None:
        words = query.q.casefold()
        tests.append(lambda card: words in _searched(card))
    if query.brand_id is not None:
        tests.append(lambda card: bool(card["brand_id"] == query.brand_id))
    if query.kind is not None:
        tests.append(lambda card: bool(card["kind"] == query.kind))
    if query.tag is not None:
        tests.append(lambda card: query.tag in card["tags"])
    if query.min_price is not None or query.max_price is not None:
        least, most = query.min_price or 0, query.max_price
        tests.append(lambda card: any(_within(sku["price"]["amount"], least, most) for sku in card["skus"]))
    return tests


def _within(amount: int, least: int, most: int | None) -> bool:
    return amount >= least and (most is None or amount <= most)


def _searched(card: Card) -> str:
    """Every text a search looks into, on lines of their own: nothing is found across two."""
    codes = [sku["code"] for sku in card["skus"] if sku["code"]]
    return "\n".join([card["title"], card["brief"], *card["tags"], *codes]).casefold()
