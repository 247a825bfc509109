"""Pictures of a product that are named by their uploads become addresses when the product is written.

What reads a product, a cart or an order then needs no look at uploads.
"""

from typing import TypeVar

from chalicelib.catalog.schemas import CreateProduct, EditProduct
from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.media import attaching

W = TypeVar("W", CreateProduct, EditProduct)
_KIND = "product_image"


def resolved(ctx: Context, wish: W) -> W:
    """The same wish with addresses for uploads. One BatchGetItem for a hundred of them, none for none.

    Raises Invalid for each that is no complete picture of the shop's, UploadsOff.
    """
    named = {field: image for field, image in _pictures(wish).items() if image.startswith(attaching.PREFIX)}
    if not named:
        return wish
    urls = attaching.urls_of_the_shops(ctx, named.values(), _KIND)
    lost = [field for field, image in named.items() if image not in urls]
    if lost:
        message = f"is no complete upload of kind {_KIND} of this shop"
        raise Invalid([{"field": field, "code": "upload_unfit", "message": message} for field in lost])
    return wish.model_copy(
        update={
            "image": urls.get(wish.image or "", wish.image),
            "images": [urls.get(image, image) for image in wish.images],
            "skus": [
                sku.model_copy(update={"image": urls.get(sku.image or "", sku.image)}) for sku in wish.skus
            ],
        }
    )


def _pictures(wish: CreateProduct | EditProduct) -> dict[str, str]:
    """Every picture by the field it stands in."""
    fields = {"image": wish.image}
    fields |= {f"images.{place}": image for place, image in enumerate(wish.images)}
    fields |= {f"skus.{place}.image": sku.image for place, sku in enumerate(wish.skus)}
    return {field: image for field, image in fields.items() if image is not None}
