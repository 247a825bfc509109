"""API shapes of the cart."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chalicelib.cart.entities import MOST_LINES, MOST_UNITS
from chalicelib.core import ids
from chalicelib.core.money import Money
from chalicelib.http import Body, View
from chalicelib.inventory.schemas import SkuId
from chalicelib.pricing.service import RuleResult, Totals

Quantity = Annotated[int, Field(ge=1, le=MOST_UNITS)]


class SetLine(Body):
    quantity: Quantity
    selected: bool | None = None
    """Absent: a new line is selected, a known one stays as it is."""


class Select(Body):
    sku_ids: Annotated[list[SkuId], Field(max_length=MOST_LINES)] | None
    """null: every line. Lines that are no longer in the cart are passed over."""
    selected: bool


class MergeItem(Body):
    sku_id: SkuId
    quantity: Quantity


class Merge(Body):
    """Lines to add; the guest cart that X-Guest-Cart names is added as well."""

    items: list[MergeItem] = Field(default_factory=list, max_length=MOST_LINES)


MergeTrouble = Literal["off_shelf", "out_of_stock", "insufficient_stock", "too_many_units", "cart_full"]


class LineProblem(View):
    """`available`: the units there are. `was`: the price when it was put into the cart."""

    code: Literal["out_of_stock", "insufficient_stock", "price_changed", "off_shelf"]
    available: int | None = None
    was: Money | None = None


class MergeProblem(View):
    """`requested` units could not all be added: only `taken` were."""

    sku_id: str
    code: MergeTrouble
    requested: int
    taken: int


class CartLineView(View):
    sku_id: str
    product_id: str
    title: str
    image: str | None
    attributes: dict[str, str]
    quantity: int
    selected: bool
    unit_price: Money
    line_total: Money
    problems: list[LineProblem]

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls.model_validate(_line(thing))


def _line(shown: Any) -> dict[str, Any]:
    """As it is sold now; as it was put there once it is off the shelf."""
    line, offer = shown.line, shown.offer
    price = offer.sku.price if offer else line.price
    return {
        "sku_id": line.sku_id,
        "product_id": ids.product_of(line.sku_id),
        "title": offer.product.title if offer else line.title,
        "image": (offer.sku.image or offer.product.image) if offer else None,
        "attributes": offer.sku.attributes if offer else {},
        "quantity": line.quantity,
        "selected": line.selected,
        "unit_price": price,
        "line_total": price * line.quantity,
        "problems": shown.problems(),
    }


class CartView(View):
    """`totals` count the selected lines that are still on the shelf."""

    guest_id: str | None
    items: list[CartLineView]
    totals: Totals

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls.model_validate(
            {
                "guest_id": thing.guest_id,
                "items": [CartLineView.of(line) for line in thing.lines],
                "totals": thing.quote.totals,
                "problems": thing.problems,
            }
        )


class MergedCartView(CartView):
    problems: list[MergeProblem]


class QuotedLineView(CartLineView):
    discount: Money


class CartQuoteView(View):
    """What the selected lines cost, with every rule that applied or was skipped, and why."""

    guest_id: str | None
    items: list[QuotedLineView]
    totals: Totals
    rules: list[RuleResult]
    rules_version: str

    @classmethod
    def of(cls, thing: Any) -> Self:
        quote = thing.quote
        lines = zip(thing.counted(), quote.line_discounts, strict=True)
        return cls.model_validate(
            {
                "guest_id": thing.guest_id,
                "items": [{**_line(line), "discount": discount} for line, discount in lines],
                "totals": quote.totals,
                "rules": quote.rules,
                "rules_version": quote.rules_version,
            }
        )
