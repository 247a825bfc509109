"""How staff make products, change them, and move them on and off the shelf."""

from chalicelib.catalog import moves, pictures
from chalicelib.catalog.entities import Attribute, Brand, Category, Detail, Product, Shelf, Status, shelf_ref
from chalicelib.catalog.moves import NothingToSell, ProductState
from chalicelib.catalog.schemas import CreateProduct, EditProduct
from chalicelib.catalog.service import Shown, read
from chalicelib.catalog.skus import STOCKING, SkuSet, edited_set, first_set
from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, PreconditionFailed
from chalicelib.inventory import service as inventory
from chalicelib.store import Transaction, again, emit, get_many, remember, transaction
from chalicelib.tenants import service as tenants


def create(ctx: Context, wish: CreateProduct) -> Shown:
    """A new draft, with the stock of its SKUs.

    Store calls: 1, and 1 more to look up category and brand when they are given, 1 more where pictures are named by
    their uploads; 1 more for the first product of a shop. Raises Invalid, UploadsOff.
    """
    _check_filing(ctx, wish)
    wish = pictures.resolved(ctx, wish)
    product_id = ids.as_product_id(ctx.new_id("prd"))
    currency = tenants.of(ctx).currency
    skus = first_set(product_id, wish.kind, wish.skus, currency)
    tenants.fix_currency(ctx, currency)
    product = Product(
        tenant=ctx.tenant,
        product_id=product_id,
        title=wish.title,
        goods=wish.kind,
        created_at=ctx.now,
        updated_at=ctx.now,
        listed_at=ctx.now,
    )
    _describe(product, wish, skus)
    shown = Shown(product, _detail(product, wish), dict(skus.opening))
    with transaction(ctx) as tx:
        put_new(tx, shown)
        tell(tx, "product.created", product)
        remember(tx, shown)
    return shown


def edit(ctx: Context, product_id: str, wish: EditProduct, if_match: int | None) -> Shown:
    """The product becomes what `wish` says. SKUs left out are retired; stock that is there is not touched.

    Store calls: 2, and 1 more when category or brand is given, or where pictures are named by their uploads. Raises
    NotFound, Invalid, PreconditionFailed, ProductState, NothingToSell, UploadsOff.
    """
    shown = _read_to_change(ctx, product_id, if_match)
    product = shown.product
    if product.status == "archived":
        raise ProductState(status=product.status)
    if wish.kind is not None and wish.kind != product.kind:
        raise Invalid.field("kind", "kind_fixed", f"the kind of this product stays {product.kind}")
    _check_filing(ctx, wish)
    wish = pictures.resolved(ctx, wish)
    skus = edited_set(product, wish.skus, tenants.of(ctx).currency)
    _describe(product, wish, skus)
    if product.status == "published" and not product.living():
        raise NothingToSell
    product.updated_at = ctx.now
    changed = Shown(product, _detail(product, wish), shown.available | skus.opening)
    with transaction(ctx) as tx:
        put_next(tx, product, was=product.state)
        tx.overwrite("detail", changed.detail)
        open_stocks(tx, product, skus.opening)
        tell(tx, "product.updated", product)
    return changed


def move(ctx: Context, product_id: str, step: moves.Move, if_match: int | None) -> Shown:
    """Publish, unpublish or archive. A product that is there already stays as it is.

    Store calls: 2, more only after a lost race. Raises NotFound, PreconditionFailed, ProductState,
    NothingToSell.
    """
    if if_match is not None:
        return _move_once(ctx, product_id, step, if_match)
    return again(lambda: _move_once(ctx, product_id, step, None), PreconditionFailed)


def _move_once(ctx: Context, product_id: str, step: moves.Move, if_match: int | None) -> Shown:
    shown = _read_to_change(ctx, product_id, if_match)
    product, was = shown.product, shown.product.state
    if was == moves.GOALS[step]:
        return shown
    place(product, moves.after(product, step), ctx)
    product.updated_at = ctx.now
    with transaction(ctx) as tx:
        put_next(tx, product, was=was)
        tell(tx, f"product.{moves.SAID[step]}", product)
        remember(tx, shown)
    return shown


def place(product: Product, status: Status, ctx: Context) -> None:
    """Give the product a status, from now on."""
    product.status, product.listed_at = status, ctx.now
    if status == "published":
        product.published_at = ctx.now


def put_new(tx: Transaction, shown: Shown) -> None:
    """Parts of a product that is not there yet: product, detail, stock, and the shelf if it is published."""
    product = shown.product
    tx.put(f"product:{product.product_id}", product)
    tx.put(f"detail:{product.product_id}", shown.detail)
    if product.status == "published":
        tx.put(f"shelf:{product.product_id}", Shelf.of(product))
    open_stocks(tx, product, shown.available)


def put_next(tx: Transaction, product: Product, *, was: Status) -> None:
    """The next version of a product, and its shelf put, renewed or taken away. Refused (412) when outrun."""
    tx.replace(f"product:{product.product_id}", product)
    name = f"shelf:{product.product_id}"
    if product.status == "published":
        tx.overwrite(name, Shelf.of(product))
    elif was == "published":
        tx.delete(name, shelf_ref(product))


def open_stocks(tx: Transaction, product: Product, opening: dict[str, int]) -> None:
    for sku_id, units in opening.items():
        inventory.open_stock(tx, sku_id, units, counted=STOCKING[product.kind].counted)


def tell(tx: Transaction, name: str, product: Product) -> None:
    data = {"product_id": product.product_id, "title": product.title, "status": product.status}
    emit(tx, name, {**data, "version": product.version, "actor_id": tx.ctx.actor.id})


def _read_to_change(ctx: Context, product_id: str, if_match: int | None) -> Shown:
    shown = read(ctx, product_id)
    if if_match is not None and if_match != shown.product.version:
        raise PreconditionFailed
    return shown


def _describe(product: Product, wish: CreateProduct | EditProduct, skus: SkuSet) -> None:
    product.title, product.brief, product.image = wish.title, wish.brief, wish.image
    product.category_id, product.brand_id = wish.category_id, wish.brand_id
    product.tags = list(dict.fromkeys(wish.tags))
    product.skus, product.next_ordinal = skus.skus, skus.next_ordinal


def _detail(product: Product, wish: CreateProduct | EditProduct) -> Detail:
    return Detail(
        tenant=product.tenant,
        product_id=product.product_id,
        description=wish.description,
        images=wish.images,
        attributes=[Attribute(name=fact.name, value=fact.value) for fact in wish.attributes],
    )


def _check_filing(ctx: Context, wish: CreateProduct | EditProduct) -> None:
    """Category and brand are known. One BatchGet when either is given. Raises Invalid."""
    refs = {}
    if wish.category_id:
        refs["category_id"] = Category.key.of(ctx.tenant, category_id=wish.category_id)
    if wish.brand_id:
        refs["brand_id"] = Brand.key.of(ctx.tenant, brand_id=wish.brand_id)
    if not refs:
        return
    found = get_many(refs.values())
    unknown = [name for name, ref in refs.items() if ref not in found]
    if unknown:
        raise Invalid(
            [{"field": name, "code": "unknown", "message": "is not known here"} for name in unknown]
        )
