"""The bounds of a product's SKUs, as pure rules."""

from typing import Any

import pytest

from chalicelib.catalog.entities import Product, Sku
from chalicelib.catalog.filing import MOST_LEVELS, depth
from chalicelib.catalog.limits import MOST_NEW_SKUS, MOST_SKUS
from chalicelib.catalog.schemas import EditedSku, Price
from chalicelib.catalog.service import sellable
from chalicelib.catalog.skus import edited_set
from chalicelib.core import ids
from chalicelib.core.clock import from_text
from chalicelib.core.errors import Invalid
from chalicelib.core.money import Money

AT = from_text("2036-03-02T01:00:00.000Z")
PRODUCT_ID = "prd_01KJ0000000000000000000000"


def a_product(count: int, **more: Any) -> Product:
    price = Money(amount=1, currency="CNY")
    skus = [Sku(id=ids.sku_id(PRODUCT_ID, n + 1), price=price) for n in range(count)]
    known: dict[str, Any] = {"next_ordinal": count + 1, "status": "published"} | more
    return Product(
        tenant="t",
        product_id=PRODUCT_ID,
        title="A cup",
        goods="physical",
        skus=skus,
        created_at=AT,
        updated_at=AT,
        listed_at=AT,
        **known,
    )


def wishes(product: Product, new: int, **more: Any) -> list[EditedSku]:
    price = Price(amount=1, currency="CNY")
    return [EditedSku(id=sku.id, price=price) for sku in product.skus] + [
        EditedSku(price=price, **more)
    ] * new


@pytest.mark.parametrize(
    ("count", "new", "code"),
    [
        (0, MOST_NEW_SKUS, ""),
        (0, MOST_NEW_SKUS + 1, "too_many_new"),
        (MOST_SKUS - 1, 1, ""),
        (MOST_SKUS, 1, "too_long"),
    ],
)
def test_a_product_grows_to_its_bounds_and_not_beyond(count: int, new: int, code: str) -> None:
    product = a_product(count)
    if not code:
        assert len(edited_set(product, wishes(product, new), "CNY").skus) == count + new
        return
    with pytest.raises(Invalid) as refused:
        edited_set(product, wishes(product, new), "CNY")
    assert [error["code"] for error in refused.value.errors] == [code]


@pytest.mark.parametrize(
    ("product", "more", "code"),
    [
        (a_product(0, next_ordinal=ids.MOST_SKUS + 1), {}, "used_up"),
        (
            a_product(0),
            {"image": "/" + "x" * 499, "attributes": {str(n): "x" * 100 for n in range(20)}},
            "too_large",
        ),
    ],
)
def test_what_would_not_fit_is_refused(product: Product, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        edited_set(product, [one for n in range(60) for one in _apart(product, n, more)], "CNY")
    assert refused.value.errors[0]["code"] == code


def _apart(product: Product, number: int, more: dict[str, Any]) -> list[EditedSku]:
    """One new SKU that differs from every other."""
    choices = {**more.get("attributes", {}), "0": str(number)}
    return wishes(product, 1, **{**more, "attributes": choices})


def test_only_a_living_sku_of_a_published_product_can_be_bought() -> None:
    product = a_product(2)
    first, second = product.skus
    product.skus = [first, second.model_copy(update={"is_retired": True})]
    assert sellable(product, first.id) == first
    assert sellable(product, second.id) is None
    assert sellable(product, PRODUCT_ID) is None
    assert sellable(None, first.id) is None
    product.status = "archived"
    assert sellable(product, first.id) is None


def test_a_tree_is_as_deep_as_it_is_and_a_circle_has_no_depth() -> None:
    chain: dict[str, str | None] = {"0": None} | {str(n): str(n - 1) for n in range(1, MOST_LEVELS + 1)}
    assert depth("0", chain) == 1
    assert depth(str(MOST_LEVELS - 1), chain) == MOST_LEVELS
    assert depth(str(MOST_LEVELS), chain) is None
    assert depth("a", {"a": "b", "b": "a"}) is None
    assert depth("a", {"a": "gone"}) is None
