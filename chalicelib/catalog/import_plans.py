"""What one imported row changes: nothing, or the parts it adds to a transaction."""

import re
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.catalog.editing import open_stocks, place, put_new, put_next, tell
from chalicelib.catalog.entities import Attribute, Brand, Category, Detail, Product, Sku
from chalicelib.catalog.filing import MOST_LEVELS, depth
from chalicelib.catalog.import_rows import BrandRow, CategoryRow, M, ProductRow, Row, SkuRow, derived
from chalicelib.catalog.moves import NothingToSell
from chalicelib.catalog.schemas import EditedSku, Price
from chalicelib.catalog.service import Shown, product_ref
from chalicelib.catalog.skus import SkuSet, edited_set
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.store import Found, Ref, Transaction, emit


@dataclass(frozen=True, slots=True)
class Change:
    outcome: Literal["created", "updated"]
    actions: int
    """How many of a transaction's 100 it takes."""
    write: Callable[[Transaction], None]


class Plan(Protocol[M]):
    """How the rows of one section become items."""

    def ref(self, row: Row[M]) -> Ref:
        """The item a row stands for."""
        ...

    def change(self, row: Row[M], found: Found) -> Change | None:
        """What to write, given the item as it is; None when it is as the row says. Raises SoukError."""
        ...


class CategoryPlan:
    """`known` and `rows` together are the tree that no row may break."""

    def __init__(self, ctx: Context, known: Iterable[Category], rows: Iterable[Row[CategoryRow]]) -> None:
        self._ctx = ctx
        self._parents = {one.category_id: one.parent_id for one in known}
        self._parents |= {row.id: self._parent(row) for row in rows}

    def _parent(self, row: Row[CategoryRow]) -> str | None:
        return derived(self._ctx, "cat", row.data.parent_id) if row.data.parent_id else None

    def ref(self, row: Row[CategoryRow]) -> Ref:
        return Category.key.of(self._ctx.tenant, category_id=row.id)

    def change(self, row: Row[CategoryRow], found: Found) -> Change | None:
        known = found.one(Category, self.ref(row))
        if known is not None and known.import_hash == row.hash:
            return None
        if depth(row.id, self._parents) is None:
            said = f"is unknown, more than {MOST_LEVELS} levels down, or below itself"
            raise Invalid.field("parent_id", "category_tree", said)
        item = known or Category(tenant=self._ctx.tenant, category_id=row.id, name=row.data.name)
        item.name, item.parent_id, item.sort_order = row.data.name, self._parent(row), row.data.sort_order
        item.import_hash = row.hash
        return _filed("category", row.id, item, is_new=known is None)


class BrandPlan:
    """Brands stand by themselves."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def ref(self, row: Row[BrandRow]) -> Ref:
        return Brand.key.of(self._ctx.tenant, brand_id=row.id)

    def change(self, row: Row[BrandRow], found: Found) -> Change | None:
        known = found.one(Brand, self.ref(row))
        if known is not None and known.import_hash == row.hash:
            return None
        item = known or Brand(tenant=self._ctx.tenant, brand_id=row.id, name=row.data.name)
        item.name, item.description, item.import_hash = row.data.name, row.data.description, row.hash
        return _filed("brand", row.id, item, is_new=known is None)


def _filed(noun: str, item_id: str, item: Category | Brand, *, is_new: bool) -> Change:
    outcome: Literal["created", "updated"] = "created" if is_new else "updated"

    def write(tx: Transaction) -> None:
        (tx.put if is_new else tx.replace)(f"{noun}:{item_id}", item)
        emit(tx, f"{noun}.{outcome}", {f"{noun}_id": item_id, "actor_id": tx.ctx.actor.id})

    return Change(outcome, 2, write)


class ProductPlan:
    """`filing`: the ids of the categories and brands that products may be filed under."""

    def __init__(self, ctx: Context, currency: str, filing: Set[str]) -> None:
        self._ctx, self._currency, self._filing = ctx, currency, filing

    def ref(self, row: Row[ProductRow]) -> Ref:
        return product_ref(self._ctx.tenant, row.id)

    def change(self, row: Row[ProductRow], found: Found) -> Change | None:
        known = found.one(Product, self.ref(row))
        if known is not None and known.import_hash == row.hash:
            return None
        return self._create(row) if known is None else self._update(row, known)

    def _create(self, row: Row[ProductRow]) -> Change:
        ctx = self._ctx
        product = Product(
            tenant=ctx.tenant,
            product_id=row.id,
            title=row.data.title,
            goods=row.data.kind,
            created_at=ctx.now,
            updated_at=ctx.now,
            listed_at=ctx.now,
        )
        skus = self._describe(product, row)
        if row.data.on_sale and product.living():
            place(product, "published", ctx)
        detail = Detail(tenant=ctx.tenant, product_id=row.id, attributes=_facts(row.data))
        published = product.status == "published"

        def write(tx: Transaction) -> None:
            put_new(tx, Shown(product, detail, skus.opening))
            tell(tx, "product.created", product)
            if published:
                tell(tx, "product.published", product)

        return Change("created", 3 + 2 * published + len(skus.opening), write)

    def _update(self, row: Row[ProductRow], product: Product) -> Change:
        """Status, pictures, description and the stock of known SKUs stay as they are in the shop."""
        if row.data.kind != product.kind:
            raise Invalid.field("kind", "kind_fixed", f"the kind of this product stays {product.kind}")
        skus = self._describe(product, row)
        if product.status == "published" and not product.living():
            raise NothingToSell
        product.updated_at = self._ctx.now
        detail_ref = Detail.key.of(product.tenant, product_id=row.id)

        def write(tx: Transaction) -> None:
            put_next(tx, product, was=product.state)
            tx.update(f"detail:{row.id}", Detail, detail_ref, set={"attributes": _facts(row.data)})
            open_stocks(tx, product, skus.opening)
            tell(tx, "product.updated", product)

        return Change("updated", 4 + len(skus.opening), write)

    def _describe(self, product: Product, row: Row[ProductRow]) -> SkuSet:
        data = row.data
        product.title, product.brief, product.tags = data.title, data.brief, _tags(data)
        product.category_id = self._filed_under("category_id", "cat", data.category_id)
        product.brand_id = self._filed_under("brand_id", "brd", data.brand_id)
        skus = _sku_set(product, data, data.currency or self._currency, self._currency)
        product.skus, product.next_ordinal, product.import_hash = skus.skus, skus.next_ordinal, row.hash
        return skus

    def _filed_under(self, field: str, prefix: str, external_id: str | None) -> str | None:
        if external_id is None:
            return None
        ours = derived(self._ctx, prefix, external_id)
        if ours not in self._filing:
            raise Invalid.field(
                field, "unknown", "is neither in the shop nor among the good rows of this file"
            )
        return ours


def _sku_set(product: Product, data: ProductRow, currency: str, shop_currency: str) -> SkuSet:
    """The row's SKUs and those staff added by hand; what only an earlier file had is retired."""
    if len({sku.id for sku in data.skus}) < len(data.skus):
        raise Invalid.field("skus", "duplicate_id", "two SKUs of this row have one id")
    known = {sku.import_id: sku for sku in product.skus if sku.import_id}
    spare_code = data.code if len(data.skus) == 1 else None
    wishes = [_wish(sku, known.get(sku.id), currency, spare_code) for sku in data.skus]
    by_hand = [sku for sku in product.living() if not sku.import_id]
    made = edited_set(product, [*wishes, *(_as_it_is(sku) for sku in by_hand)], shop_currency)
    for place_, sku in enumerate(data.skus):
        made.skus[place_] = made.skus[place_].model_copy(update={"import_id": sku.id})
    return made


def _wish(row: SkuRow, known: Sku | None, currency: str, spare_code: str | None) -> EditedSku:
    several = len(row.specifications) > 1
    names = [f"spec_{n}" if several else "spec" for n in range(1, len(row.specifications) + 1)]
    return EditedSku(
        id=known.id if known else None,
        code=row.code or spare_code,
        barcode=known.barcode if known else None,
        price=Price(amount=row.price, currency=currency),
        attributes=dict(zip(names, row.specifications, strict=True)),
        image=known.image if known else None,
        stock=None if known else row.stock,
    )


def _as_it_is(sku: Sku) -> EditedSku:
    return EditedSku.model_validate(sku.model_dump(exclude={"is_retired", "import_id"}))


def _tags(data: ProductRow) -> list[str]:
    words = [word[:30] for word in re.split(r"[\s,，、;；]+", data.keywords) if word]
    marks = [name for name, is_set in (("new", data.is_new), ("hot", data.is_hot)) if is_set]
    return list(dict.fromkeys(marks + words))[:20]


def _facts(data: ProductRow) -> list[Attribute]:
    unit = [Attribute(name="unit", value=data.unit)] if data.unit else []
    return [Attribute(name=fact.name, value=fact.value) for fact in data.attributes] + unit
