"""Lists of products: one Query of an index whose rows are all a list shows."""

import json
from collections.abc import Callable
from typing import Any

from chalicelib.catalog.entities import Product, Shelf
from chalicelib.catalog.schemas import ProductQuery, StaffProductQuery
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.store import Page, rows

Card = dict[str, Any]
Test = Callable[[Card], bool]


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


def in_status(ctx: Context, query: StaffProductQuery) -> Page[Card]:
    """For staff: the products in one status, latest first. One Query. Raises CursorInvalid."""
    return rows(ctx.tenant, Product.newest, status=query.status, limit=query.limit, cursor=query.cursor)


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
