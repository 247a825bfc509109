"""A product's item collection (product, detail, shelf; inventory adds the stock), categories and brands."""

from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict

from chalicelib.core.clock import to_text
from chalicelib.core.money import Money
from chalicelib.store import (
    Flag,
    Instant,
    Int,
    Item,
    Key,
    OptionalInstant,
    OptionalText,
    Ref,
    Text,
    Value,
)

Status = Literal["draft", "published", "archived"]
Kind = Literal["physical", "card_key", "file", "course", "plan", "service"]


class _Inside(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)


class Sku(_Inside):
    """One thing that can be bought. A retired one is sold no longer, but orders and its stock know it."""

    id: str
    code: str | None = None
    barcode: str | None = None
    price: Money
    attributes: dict[str, str] = {}
    image: str | None = None
    is_retired: bool = False
    import_id: str | None = None
    """What an imported file calls it."""


class Attribute(_Inside):
    """A fact about a product for people to read; no rule looks at it."""

    name: str
    value: str


class Product(Item, discriminator="product"):
    """What listing, cart and orders need of a product, its SKUs inside."""

    key = Key("PRODUCT#{product_id}", "PRODUCT", "a product (with its detail, shelf and stock: one Query)")
    newest = Key(
        "PRODUCT#{status}", "{listed_at}#{product_id}", "products in a status, newest first", index="by_state"
    )
    newest_in_category = Key(
        "CATEGORY#{shelf_category}",
        "{listed_at}#{product_id}",
        "published products of a category, newest first",
        index="by_owner",
    )
    indexes = (newest, newest_in_category)

    product_id: Text = Text()
    title: Text = Text()
    goods: Text = Text()
    """The kind of what is sold. (`kind` in the table is the item's own.)"""
    status: Text = Text(default="draft")
    category_id: OptionalText = OptionalText(default=None)
    brand_id: OptionalText = OptionalText(default=None)
    tags: Value[list[str]] = Value(list[str], default=list)
    brief: Text = Text(default="")
    image: OptionalText = OptionalText(default=None)
    skus: Value[list[Sku]] = Value(list[Sku], default=list)
    next_ordinal: Int = Int(default=1)
    """Ordinals are never given twice, so a SKU id names one thing for ever."""
    created_at: Instant = Instant()
    updated_at: Instant = Instant()
    published_at: OptionalInstant = OptionalInstant(default=None)
    listed_at: Instant = Instant()
    """Since when it has had its status: what the lists sort by."""
    import_hash: OptionalText = OptionalText(default=None)
    """The imported row this product was last written from."""

    @property
    def shelf_category(self) -> str | None:
        """The category whose list shows it: none unless it is published."""
        return self.category_id if self.status == "published" else None

    @property
    def kind(self) -> Kind:
        return cast(Kind, self.goods)

    @property
    def state(self) -> Status:
        return cast(Status, self.status)

    def living(self) -> list[Sku]:
        """The SKUs that are for sale while the product is published."""
        return [sku for sku in self.skus if not sku.is_retired]

    def sku(self, sku_id: str) -> Sku | None:
        return next((sku for sku in self.skus if sku.id == sku_id), None)

    def row(self) -> dict[str, Any]:
        """The card of every list of products; the price is the lowest of its SKUs."""
        living = self.living()
        by_price = sorted((sku.price for sku in living), key=lambda price: price.amount)
        return {
            "id": self.product_id,
            "title": self.title,
            "kind": self.kind,
            "status": self.status,
            "brief": self.brief,
            "image": self.image,
            "category_id": self.category_id,
            "brand_id": self.brand_id,
            "tags": self.tags,
            "price": by_price[0] if by_price else None,
            "max_price": by_price[-1] if by_price else None,
            "skus": [
                {"id": sku.id, "code": sku.code, "price": sku.price, "attributes": sku.attributes}
                for sku in living
            ],
            "published_at": to_text(self.published_at) if self.published_at else None,
            "version": self.version,
        }


class Detail(Item, discriminator="product_detail"):
    """What only the product's own page shows: kept apart, so that an order reads little."""

    key = Key("PRODUCT#{product_id}", "DETAIL", "the description of a product")

    product_id: Text = Text()
    description: Text = Text(default="")
    images: Value[list[str]] = Value(list[str], default=list)
    attributes: Value[list[Attribute]] = Value(list[Attribute], default=list)


class Shelf(Item, discriminator="shelf"):
    """A published product's place in the lists by price. It is there while the product is published."""

    audited = False
    key = Key("PRODUCT#{product_id}", "SHELF#price", "a published product's place by price")
    by_price = Key(
        "SHELF#price", "{lowest_price}#{product_id}", "published products by price", index="by_state"
    )
    by_price_in_category = Key(
        "CATEGORY_BY_PRICE#{category_id}",
        "{lowest_price}#{product_id}",
        "published products of a category, by price",
        index="by_owner",
    )
    indexes = (by_price, by_price_in_category)

    product_id: Text = Text()
    category_id: OptionalText = OptionalText(default=None)
    lowest_price: Int = Int()
    card: Value[dict[str, Any]] = Value(dict[str, Any])
    """The product's own row."""

    @classmethod
    def of(cls, product: Product) -> "Shelf":
        """The place of a product that has a SKU for sale."""
        return cls(
            tenant=product.tenant,
            product_id=product.product_id,
            category_id=product.category_id,
            lowest_price=min(sku.price.amount for sku in product.living()),
            card=product.row(),
        )


def shelf_ref(product: Product) -> Ref:
    return Shelf.key.of(product.tenant, product_id=product.product_id)


class Category(Item, discriminator="category"):
    """A place in the tree that products are filed under."""

    key = Key("CATEGORY", "{category_id}", "all categories (one Query)")

    category_id: Text = Text()
    name: Text = Text()
    parent_id: OptionalText = OptionalText(default=None)
    sort_order: Int = Int(default=0)
    is_visible: Flag = Flag(default=True)
    import_hash: OptionalText = OptionalText(default=None)


class Brand(Item, discriminator="brand"):
    """Whose goods they are."""

    key = Key("BRAND", "{brand_id}", "all brands (one Query)")

    brand_id: Text = Text()
    name: Text = Text()
    description: Text = Text(default="")
    import_hash: OptionalText = OptionalText(default=None)
