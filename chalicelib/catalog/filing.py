"""Categories and brands: what products are filed under."""

from collections import defaultdict
from collections.abc import Iterable

from chalicelib.catalog.entities import Brand, Category
from chalicelib.catalog.schemas import CategoryNode, CreateBrand, CreateCategory
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.store import collection, emit, remember, transaction

MOST_LEVELS = 5


def depth(category_id: str | None, parents: dict[str, str | None]) -> int | None:
    """How many levels down a category is; None for an unknown parent, or too many, as in a circle."""
    level = 0
    while category_id is not None:
        if category_id not in parents or level == MOST_LEVELS:
            return None
        category_id, level = parents[category_id], level + 1
    return level


def categories(ctx: Context) -> list[Category]:
    """All of them, in the order of their ids. One Query."""
    return collection(ctx.tenant, Category.key).all(Category)


def tree(ctx: Context) -> list[CategoryNode]:
    """The visible categories as a tree; a hidden one hides all below it. One Query."""
    below: dict[str | None, list[Category]] = defaultdict(list)
    for category in sorted(categories(ctx), key=lambda one: (one.sort_order, one.name)):
        if category.is_visible:
            below[category.parent_id].append(category)
    return _nodes(None, below)


def _nodes(parent_id: str | None, below: dict[str | None, list[Category]]) -> list[CategoryNode]:
    return [
        CategoryNode(
            id=one.category_id,
            name=one.name,
            sort_order=one.sort_order,
            children=_nodes(one.category_id, below),
        )
        for one in below.get(parent_id, ())
    ]


def add_category(ctx: Context, wish: CreateCategory) -> Category:
    """Store calls: 1, and 1 more to see the tree above it. Raises Invalid."""
    if wish.parent_id is not None:
        _check_parent(wish.parent_id, categories(ctx))
    category = Category(
        tenant=ctx.tenant,
        category_id=ctx.new_id("cat"),
        name=wish.name,
        parent_id=wish.parent_id,
        sort_order=wish.sort_order,
        is_visible=wish.is_visible,
    )
    with transaction(ctx) as tx:
        tx.put("category", category)
        emit(tx, "category.created", {"category_id": category.category_id, "actor_id": ctx.actor.id})
        remember(tx, category)
    return category


def _check_parent(parent_id: str, known: Iterable[Category]) -> None:
    parents = {one.category_id: one.parent_id for one in known}
    if parent_id not in parents:
        raise Invalid.field("parent_id", "unknown", "is not known here")
    level = depth(parent_id, parents)
    if level is None or level >= MOST_LEVELS:
        raise Invalid.field("parent_id", "too_deep", f"the tree has at most {MOST_LEVELS} levels")


def brands(ctx: Context) -> list[Brand]:
    """All of them, by name. One Query."""
    return sorted(collection(ctx.tenant, Brand.key).all(Brand), key=lambda one: one.name)


def add_brand(ctx: Context, wish: CreateBrand) -> Brand:
    """Store calls: 1."""
    brand = Brand(tenant=ctx.tenant, brand_id=ctx.new_id("brd"), name=wish.name, description=wish.description)
    with transaction(ctx) as tx:
        tx.put("brand", brand)
        emit(tx, "brand.created", {"brand_id": brand.brand_id, "actor_id": ctx.actor.id})
        remember(tx, brand)
    return brand
