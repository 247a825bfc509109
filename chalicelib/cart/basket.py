"""From products to a basket that can be priced: the cart and the order use the same one."""

from collections.abc import Sequence

from chalicelib.catalog.entities import Product, Sku
from chalicelib.core.errors import Conflict
from chalicelib.core.money import Money
from chalicelib.core.text import Text
from chalicelib.fulfilment.kinds import KINDS
from chalicelib.pricing.service import Basket, Line
from chalicelib.tenants.entities import Tenant


class ForeignCurrency(Conflict):
    """The shop changed its currency after these SKUs were priced. `skus` lists them."""

    code = "foreign_currency"
    title = Text("Some SKUs are priced in another currency", "部分商品以其他币种标价")
    detail = Text("Remove the SKUs listed in `skus`.", "请移除 skus 中列出的商品。")


def basket_of(tenant: Tenant, lines: Sequence[tuple[Product, Sku, int]]) -> Basket:
    """Lines of (product, its SKU, quantity) under the shop's terms of carriage. Raises ForeignCurrency."""
    foreign = [sku.id for _, sku, _ in lines if sku.price.currency != tenant.currency]
    if foreign:
        raise ForeignCurrency(skus=foreign)
    free_from = tenant.free_shipping_from
    return Basket(
        currency=tenant.currency,
        lines=tuple(
            Line(sku_id=sku.id, quantity=quantity, unit_price=sku.price, ships=_ships(product))
            for product, sku, quantity in lines
        ),
        shipping_fee=Money(amount=tenant.shipping_fee, currency=tenant.currency),
        free_shipping_from=None if free_from is None else Money(amount=free_from, currency=tenant.currency),
    )


def _ships(product: Product) -> bool:
    kind = KINDS.get(product.kind)
    return kind is not None and kind.ships
