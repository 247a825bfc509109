"""The catalog for everyone, and for staff."""

from chalicelib.catalog import editing, filing, importing, listing, service
from chalicelib.catalog.importing import MOST_BYTES
from chalicelib.catalog.limits import ProductId
from chalicelib.catalog.moves import NothingToSell, ProductState
from chalicelib.catalog.schemas import (
    BrandList,
    BrandView,
    CategoryTree,
    CategoryView,
    CreateBrand,
    CreateCategory,
    CreateProduct,
    EditProduct,
    ImportFile,
    ImportReport,
    ProductPage,
    ProductQuery,
    ProductRow,
    ProductView,
    SkuList,
    StaffProductQuery,
    StaffProductView,
)
from chalicelib.catalog.service import Shown
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.http import PUBLIC, Idempotent, RateLimit, Routes, staff
from chalicelib.media.storage import UploadsOff

routes = Routes("catalog")


@routes.get("/v1/products", permission=PUBLIC)
def list_products(ctx: Context, query: ProductQuery) -> ProductPage:
    """What is on the shelf, newest first or by price; by category, brand, kind, tag, words, price range."""
    page = listing.browse(ctx, query)
    return ProductPage.page([ProductRow.of(card) for card in page.data], page.next_cursor)


@routes.get("/v1/products/{product_id}", permission=PUBLIC, answer=ProductView, errors=[NotFound])
def read_product(ctx: Context, product_id: ProductId) -> Shown:
    """A product's page: its description, its SKUs, and how many there are of each."""
    return service.read_published(ctx, product_id)


@routes.get("/v1/products/{product_id}/skus", permission=PUBLIC, errors=[NotFound])
def list_skus(ctx: Context, product_id: ProductId) -> SkuList:
    """The SKUs of a product: price, attributes, units available."""
    return SkuList(data=ProductView.of(service.read_published(ctx, product_id)).skus)


@routes.get("/v1/categories", permission=PUBLIC)
def list_categories(ctx: Context) -> CategoryTree:
    """The tree of categories, in their order; hidden ones are left out with all below them."""
    return CategoryTree(data=filing.tree(ctx))


@routes.get("/v1/brands", permission=PUBLIC)
def list_brands(ctx: Context) -> BrandList:
    """All brands, by name."""
    return BrandList(data=[BrandView.of(brand) for brand in filing.brands(ctx)])


@routes.post(
    "/v1/admin/products",
    permission=staff("products:write"),
    status=201,
    answer=StaffProductView,
    idempotent=Idempotent.ACCEPTED,
    errors=[Invalid, UploadsOff],
)
def create_product(ctx: Context, body: CreateProduct) -> Shown:
    """A new product, as a draft, with its SKUs and their stock."""
    return editing.create(ctx, body)


@routes.get("/v1/admin/products", permission=staff("products:read"))
def list_products_for_staff(ctx: Context, query: StaffProductQuery) -> ProductPage:
    """All products, or those in one status; those that came into it last first."""
    page = listing.for_staff(ctx, query)
    return ProductPage.page([ProductRow.of(card) for card in page.data], page.next_cursor)


@routes.get(
    "/v1/admin/products/{product_id}",
    permission=staff("products:read"),
    answer=StaffProductView,
    errors=[NotFound],
)
def read_product_of_any_status(ctx: Context, product_id: ProductId) -> Shown:
    """A product in any status, retired SKUs included. Its ETag is what If-Match takes."""
    return service.read(ctx, product_id)


@routes.put(
    "/v1/admin/products/{product_id}",
    permission=staff("products:write"),
    answer=StaffProductView,
    errors=[NotFound, PreconditionFailed, ProductState, NothingToSell, Invalid, UploadsOff],
)
def edit_product(ctx: Context, product_id: ProductId, body: EditProduct, if_match: int | None) -> Shown:
    """The whole product as it shall be: SKUs with `id` are kept, without are new, left out are retired."""
    return editing.edit(ctx, product_id, body, if_match)


@routes.delete(
    "/v1/admin/products/{product_id}",
    permission=staff("products:write"),
    status=204,
    errors=[NotFound, PreconditionFailed],
)
def archive_product(ctx: Context, product_id: ProductId, if_match: int | None) -> None:
    """Take a product off the shelf for good. It stays readable to staff; orders keep their own copy."""
    editing.move(ctx, product_id, "archive", if_match)


@routes.post(
    "/v1/admin/products/{product_id}/publish",
    permission=staff("products:publish"),
    answer=StaffProductView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, PreconditionFailed, ProductState, NothingToSell],
)
def publish_product(ctx: Context, product_id: ProductId, if_match: int | None) -> Shown:
    """Put a draft on the shelf. It needs at least one SKU for sale."""
    return editing.move(ctx, product_id, "publish", if_match)


@routes.post(
    "/v1/admin/products/{product_id}/unpublish",
    permission=staff("products:publish"),
    answer=StaffProductView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, PreconditionFailed],
)
def unpublish_product(ctx: Context, product_id: ProductId, if_match: int | None) -> Shown:
    """Make a published or archived product a draft again."""
    return editing.move(ctx, product_id, "unpublish", if_match)


@routes.post(
    "/v1/admin/products/import",
    permission=staff("products:import"),
    body_bytes=MOST_BYTES,
    rate_limit=RateLimit(60, 60, per="user", shared=False),
)
def import_catalogue(ctx: Context, body: ImportFile) -> ImportReport:
    """Categories, brands and products from one file, row by row: good rows are kept, bad ones named.

    The same file again changes nothing, and stock that is there is never touched.
    """
    return importing.run(ctx, body)


@routes.post(
    "/v1/admin/categories",
    permission=staff("products:write"),
    status=201,
    answer=CategoryView,
    idempotent=Idempotent.ACCEPTED,
)
def create_category(ctx: Context, body: CreateCategory) -> CategoryView:
    """A new category, at the top or below another."""
    return CategoryView.of(filing.add_category(ctx, body))


@routes.post(
    "/v1/admin/brands",
    permission=staff("products:write"),
    status=201,
    answer=BrandView,
    idempotent=Idempotent.ACCEPTED,
)
def create_brand(ctx: Context, body: CreateBrand) -> BrandView:
    """A new brand."""
    return BrandView.of(filing.add_brand(ctx, body))
