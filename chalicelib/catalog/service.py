"""What others ask of the catalog, and a product's own page."""

from dataclasses import dataclass
from typing import Any

from chalicelib.catalog.entities import Detail, Product, Sku
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.inventory.entities import Stock
from chalicelib.store import Ref, collection


def product_ref(tenant: str, product_id: str) -> Ref:
    return Product.key.of(tenant, product_id=product_id)


def sellable(product: Product | None, sku_id: str) -> Sku | None:
    """The SKU, if it can be bought now: its product is published and it is not retired."""
    if product is None or product.status != "published":
        return None
    sku = product.sku(sku_id)
    return None if sku is None or sku.is_retired else sku


@dataclass(slots=True)
class Shown:
    """A product with all its page shows."""

    product: Product
    detail: Detail
    available: dict[str, int]
    """Units for sale, by SKU id."""

    @property
    def version(self) -> int:
        return self.product.version

    def page(self, *, retired: bool = False) -> dict[str, Any]:
        """The page's fields; `retired` adds the SKUs that are no longer sold."""
        skus = self.product.skus if retired else self.product.living()
        return {
            **self.product.row(),
            "skus": [self._sku(sku) for sku in skus],
            "description": self.detail.description,
            "images": self.detail.images,
            "attributes": self.detail.attributes,
            "created_at": self.product.created_at,
            "updated_at": self.product.updated_at,
        }

    def _sku(self, sku: Sku) -> dict[str, Any]:
        available = max(0, self.available.get(sku.id, 0))
        return {**sku.model_dump(), "available": available, "in_stock": available > 0 and not sku.is_retired}


def read(ctx: Context, product_id: str) -> Shown:
    """A product in any status. One Query. Raises NotFound."""
    found = collection(ctx.tenant, Product.key, product_id=product_id)
    products = found.all(Product)
    if not products:
        raise NotFound
    return Shown(
        product=products[0],
        detail=found.all(Detail)[0],
        available={stock.sku_id: stock.available for stock in found.all(Stock)},
    )


def read_published(ctx: Context, product_id: str) -> Shown:
    """A product as everybody may see it. One Query. Raises NotFound when it is not published."""
    shown = read(ctx, product_id)
    if shown.product.status != "published":
        raise NotFound
    return shown
