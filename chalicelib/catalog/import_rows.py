"""The rows of an imported file: shapes and ids. docs/import.md is for those who write the files."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from chalicelib.catalog import limits
from chalicelib.catalog.entities import Kind
from chalicelib.catalog.schemas import Fact
from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, SoukError
from chalicelib.core.money import Currency
from chalicelib.http import Body
from chalicelib.http.problem import from_validation

_MAPPING = "1"
"""Part of every hash: raise it when a row comes to mean something else, and all are written again."""


def _flag(value: Any) -> Any:
    """Exports of other shops say `"1"`, `1` or `true`."""
    return {"1": True, "0": False}.get(str(value), value) if isinstance(value, str | int) else value


ExternalId = Annotated[str, Field(min_length=1, max_length=64)]
YesNo = Annotated[bool, BeforeValidator(_flag)]


class CategoryRow(Body):
    id: ExternalId
    name: limits.Name
    parent_id: ExternalId | None = None
    sort_order: limits.Order = 0


class BrandRow(Body):
    id: ExternalId
    name: limits.Name
    description: limits.Description = ""


class SkuRow(Body):
    id: ExternalId
    code: limits.Code | None = None
    specifications: list[limits.Choice] = Field(default_factory=list, max_length=20)
    price: limits.Amount
    stock: limits.Units | None = None


class ProductRow(Body):
    id: ExternalId
    code: limits.Code | None = None
    title: limits.Title
    category_id: ExternalId | None = None
    brand_id: ExternalId | None = None
    keywords: Annotated[str, Field(max_length=500)] = ""
    brief: limits.Brief = ""
    unit: Annotated[str, Field(max_length=20)] = ""
    on_sale: YesNo = False
    is_new: YesNo = False
    is_hot: YesNo = False
    counter_price: limits.Amount | None = None
    retail_price: limits.Amount | None = None
    kind: Kind = "physical"
    currency: Currency | None = None
    skus: list[SkuRow] = Field(default_factory=list, max_length=limits.MOST_SKUS)
    attributes: list[Fact] = Field(default_factory=list, max_length=50)


M = TypeVar("M", CategoryRow, BrandRow, ProductRow)


@dataclass(frozen=True, slots=True)
class Row(Generic[M]):
    place: str
    id: str
    """Ours: derived from the file's, so that the same row is the same thing in every import."""
    hash: str
    data: M


def derived(ctx: Context, prefix: str, external_id: str) -> str:
    made = ids.derived_id(prefix, ctx.tenant, "import", external_id)
    return ids.as_product_id(made) if prefix == "prd" else made


def read_row(ctx: Context, prefix: str, of: type[M], place: str, raw: Any) -> Row[M]:
    """Raises SoukError (the first thing that is wrong with it)."""
    try:
        data = of.model_validate(raw)
    except ValidationError as error:
        raise from_validation(error, "row", ctx.locale) from None
    digest = hashlib.sha256(f"{_MAPPING}\n{data.model_dump_json()}".encode()).hexdigest()[:32]
    return Row(place, derived(ctx, prefix, data.id), digest, data)


def what_is_wrong(error: SoukError, ctx: Context) -> tuple[str, str]:
    """The code and the message of one problem row."""
    if isinstance(error, Invalid) and error.errors:
        first = error.errors[0]
        return first["code"], f"{first['field']}: {first['message']}"
    return error.code, error.say(ctx.locale) or error.title.say(ctx.locale)
