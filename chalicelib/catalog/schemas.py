"""API shapes of products, categories and brands."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chalicelib.catalog import limits
from chalicelib.catalog.entities import Attribute, Kind, Status
from chalicelib.catalog.limits import BrandId, CategoryId
from chalicelib.core.money import Currency, Money
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View
from chalicelib.inventory.schemas import SkuId


class Price(Body):
    amount: limits.Amount
    currency: Currency


class NewSku(Body):
    code: limits.Code | None = None
    barcode: limits.Code | None = None
    price: Price
    attributes: limits.Choices = Field(default_factory=dict)
    image: limits.Image | None = None
    stock: limits.Units | None = None
    """Units on hand. Absent: none for goods that are counted, as many as you like for those that are not."""


class EditedSku(NewSku):
    """With an `id`, a SKU the product has (its stock is left alone); without, a new one."""

    id: SkuId | None = None


class Fact(Body):
    name: limits.Name
    value: limits.Fact


class _Described(Body):
    title: limits.Title
    category_id: CategoryId | None = None
    brand_id: BrandId | None = None
    tags: list[limits.Tag] = Field(default_factory=list, max_length=20)
    brief: limits.Brief = ""
    image: limits.Image | None = None
    images: list[limits.Image] = Field(default_factory=list, max_length=20)
    description: limits.Description = ""
    attributes: list[Fact] = Field(default_factory=list, max_length=50)


class CreateProduct(_Described):
    kind: Kind
    skus: list[NewSku] = Field(default_factory=list, max_length=limits.MOST_SKUS)


class EditProduct(_Described):
    """The product as it shall be. A SKU that is left out is retired; named again, it comes back."""

    kind: Kind | None = None
    """Said again at most: the kind of a product is for life."""
    skus: Annotated[list[EditedSku], Field(max_length=limits.MOST_SKUS)]


class ProductQuery(ListQuery):
    q: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    """Looked for in title, brief, tags and SKU codes, in whatever case."""
    category_id: CategoryId | None = None
    """What is filed in this very category; those below it are asked for by themselves."""
    brand_id: BrandId | None = None
    kind: Kind | None = None
    tag: Annotated[str | None, Field(min_length=1, max_length=30)] = None
    min_price: Annotated[int | None, Field(ge=0, le=10**12)] = None
    """In minor units; a product is in the range when one of its SKUs is."""
    max_price: Annotated[int | None, Field(ge=0, le=10**12)] = None
    sort: Literal["newest", "price_asc", "price_desc"] = "newest"


class StaffProductQuery(ListQuery):
    status: Status | None = None
    """Absent: every product, drafts first, then published, then archived."""


class RowSku(View):
    id: str
    code: str | None
    price: Money
    attributes: dict[str, str]


class _Product(View):
    """`price` is the lowest of its SKUs, `max_price` the highest."""

    id: str
    title: str
    kind: Kind
    status: Status
    brief: str
    image: str | None
    category_id: str | None
    brand_id: str | None
    tags: list[str]
    price: Money | None
    max_price: Money | None
    published_at: Timestamp | None
    version: int


class ProductRow(_Product):
    """A product as a list shows it."""

    skus: list[RowSku]


class ProductPage(ListOf[ProductRow]):
    pass


class SkuView(RowSku):
    image: str | None
    available: int
    in_stock: bool


class SkuList(View):
    data: list[SkuView]


class _ProductPage(_Product):
    description: str
    images: list[str]
    attributes: list[Attribute]


class ProductView(_ProductPage):
    """A product's own page."""

    skus: list[SkuView]

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls.model_validate(thing.page())


class StaffSkuView(SkuView):
    barcode: str | None
    is_retired: bool


class StaffProductView(_ProductPage):
    """A product as staff edit it: retired SKUs too."""

    skus: list[StaffSkuView]
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls.model_validate(thing.page(retired=True))


class CreateCategory(Body):
    name: limits.Name
    parent_id: CategoryId | None = None
    sort_order: limits.Order = 0
    is_visible: bool = True


class CategoryView(View):
    id: Annotated[str, Field(validation_alias="category_id")]
    name: str
    parent_id: str | None
    sort_order: int
    is_visible: bool


class CategoryNode(View):
    id: str
    name: str
    sort_order: int
    children: list["CategoryNode"]


class CategoryTree(View):
    data: list[CategoryNode]


class CreateBrand(Body):
    name: limits.Name
    description: limits.Description = ""


class BrandView(View):
    id: Annotated[str, Field(validation_alias="brand_id")]
    name: str
    description: str


class BrandList(View):
    data: list[BrandView]


class ImportFile(Body):
    """Its rows are checked one by one: see docs/import.md."""

    source: Annotated[str | None, Field(max_length=500)] = None
    categories: list[Any] = Field(default_factory=list)
    brands: list[Any] = Field(default_factory=list)
    products: list[Any] = Field(default_factory=list)


class ImportCounts(View):
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0


class ImportProblem(View):
    row: str
    """Section and place, counted from 0: `products/17`."""
    id: str | None
    code: str
    message: str


class ImportReport(View):
    categories: ImportCounts
    brands: ImportCounts
    products: ImportCounts
    problems: list[ImportProblem]
    """The first 200; `failed` counts all."""
    left: int
    """Rows not looked at before time ran out: send the same file again."""
