"""Catalog: what the shop sells, how it is filed, and where it is shown.

Others call `service`: `product_ref`, `sellable`; and read `Product`, `Sku` of `entities`.
"""
