"""Which SKUs a product has once staff said which it shall have: pure, each refusal with its field."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.catalog.entities import Kind, Product, Sku
from chalicelib.catalog.limits import MOST_NEW_SKUS, MOST_SKU_BYTES, MOST_SKUS, MOST_UNITS
from chalicelib.catalog.schemas import EditedSku, NewSku
from chalicelib.core import ids
from chalicelib.core.errors import Invalid
from chalicelib.core.money import Money


@dataclass(frozen=True, slots=True)
class Stocking:
    """How the stock of a kind begins when nobody says, and what is counted: units by hand, or card keys."""

    opens_with: int
    counted: Literal["units", "keys"] = "units"


_COPIED = Stocking(opens_with=MOST_UNITS)
"""What is only copied does not run out, unless staff give a number."""
STOCKING: dict[Kind, Stocking] = {
    "physical": Stocking(opens_with=0),
    "card_key": Stocking(opens_with=0, counted="keys"),
    "file": _COPIED,
    "course": _COPIED,
    "plan": _COPIED,
    "service": _COPIED,
}


@dataclass(slots=True)
class SkuSet:
    """A product's SKUs as they shall be, and the units of those that are new."""

    skus: list[Sku] = field(default_factory=list)
    opening: dict[str, int] = field(default_factory=dict)
    next_ordinal: int = 1


class _Problems:
    """Collects what is wrong, field by field, and raises once."""

    def __init__(self) -> None:
        self._found: list[dict[str, str]] = []

    def add(self, field_name: str, code: str, message: str) -> None:
        self._found.append({"field": field_name, "code": code, "message": message})

    def settle(self) -> None:
        if self._found:
            raise Invalid(self._found)


def first_set(product_id: str, kind: Kind, wishes: Sequence[NewSku], currency: str) -> SkuSet:
    """The SKUs of a new product. Raises Invalid."""
    problems = _Problems()
    _check(problems, kind, wishes, currency)
    problems.settle()
    made = SkuSet()
    for wish in wishes:
        _append_new(made, product_id, kind, wish)
    return _bounded(made)


def edited_set(product: Product, wishes: Sequence[EditedSku], currency: str) -> SkuSet:
    """The product's SKUs after an edit: those named stay, those left out are retired, the rest are new.

    Raises Invalid.
    """
    problems = _Problems()
    _check(problems, product.kind, wishes, currency)
    _check_ids(problems, product, wishes)
    problems.settle()
    made = SkuSet(next_ordinal=product.next_ordinal)
    for wish in wishes:
        known = product.sku(wish.id) if wish.id else None
        if known is None:
            _append_new(made, product.product_id, product.kind, wish)
        else:
            made.skus.append(_as_wished(known.id, wish, import_id=known.import_id))
    named = {sku.id for sku in made.skus}
    made.skus += [sku.model_copy(update={"is_retired": True}) for sku in product.skus if sku.id not in named]
    return _bounded(made)


def _append_new(made: SkuSet, product_id: str, kind: Kind, wish: NewSku) -> None:
    if made.next_ordinal > ids.MOST_SKUS:
        raise Invalid.field("skus", "used_up", f"a product has at most {ids.MOST_SKUS} SKUs over its life")
    sku_id = ids.sku_id(product_id, made.next_ordinal)
    made.next_ordinal += 1
    made.skus.append(_as_wished(sku_id, wish))
    made.opening[sku_id] = STOCKING[kind].opens_with if wish.stock is None else wish.stock


def _as_wished(sku_id: str, wish: NewSku, import_id: str | None = None) -> Sku:
    return Sku(
        id=sku_id,
        code=wish.code,
        barcode=wish.barcode,
        price=Money(amount=wish.price.amount, currency=wish.price.currency),
        attributes=wish.attributes,
        image=wish.image,
        import_id=import_id,
    )


def _check(problems: _Problems, kind: Kind, wishes: Sequence[NewSku], currency: str) -> None:
    """What holds for the SKUs among themselves and in this shop."""
    codes: set[str] = set()
    choices: set[str] = set()
    for place, wish in enumerate(wishes):
        at = f"skus.{place}"
        if wish.price.currency != currency:
            problems.add(
                f"{at}.price.currency", "currency_mismatch", f"must be {currency}, the shop's currency"
            )
        if STOCKING[kind].counted == "keys" and wish.stock:
            said = "the stock of a card-key SKU is the number of keys imported"
            problems.add(f"{at}.stock", "stock_is_counted", said)
        if wish.code is not None and wish.code in codes:
            problems.add(f"{at}.code", "repeated", "another SKU of this product has this code")
        choice = json.dumps(wish.attributes, sort_keys=True)
        if wish.attributes and choice in choices:
            problems.add(f"{at}.attributes", "repeated", "another SKU of this product has these attributes")
        codes.add(wish.code or "")
        choices.add(choice)


def _check_ids(problems: _Problems, product: Product, wishes: Sequence[EditedSku]) -> None:
    seen: set[str] = set()
    for place, wish in enumerate(wishes):
        if wish.id is None:
            continue
        if product.sku(wish.id) is None:
            problems.add(f"skus.{place}.id", "sku_unknown", "is not a SKU of this product")
        elif wish.id in seen:
            problems.add(f"skus.{place}.id", "repeated", "is named twice")
        elif wish.stock is not None:
            said = "cannot be set again: change it with a stock adjustment"
            problems.add(f"skus.{place}.stock", "stock_is_open", said)
        seen.add(wish.id)


def _bounded(made: SkuSet) -> SkuSet:
    """Refuse what would not fit one transaction or one item."""
    if len(made.opening) > MOST_NEW_SKUS:
        raise Invalid.field("skus", "too_many_new", f"at most {MOST_NEW_SKUS} new SKUs in one request")
    if sum(not sku.is_retired for sku in made.skus) > MOST_SKUS:
        raise Invalid.field("skus", "too_long", f"a product has at most {MOST_SKUS} SKUs for sale")
    if sum(len(sku.model_dump_json().encode()) for sku in made.skus) > MOST_SKU_BYTES:
        raise Invalid.field("skus", "too_large", f"all SKUs together take at most {MOST_SKU_BYTES} bytes")
    return made
