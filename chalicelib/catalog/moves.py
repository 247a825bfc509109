"""The states of a product and the moves between them."""

from typing import Literal

from chalicelib.catalog.entities import Product, Status
from chalicelib.core.errors import Conflict
from chalicelib.core.text import Text

Move = Literal["publish", "unpublish", "archive"]

MOVES: dict[tuple[Status, Move], Status] = {
    ("draft", "publish"): "published",
    ("draft", "archive"): "archived",
    ("published", "unpublish"): "draft",
    ("published", "archive"): "archived",
    ("archived", "unpublish"): "draft",
}
GOALS: dict[Move, Status] = {"publish": "published", "unpublish": "draft", "archive": "archived"}
SAID: dict[Move, str] = {"publish": "published", "unpublish": "unpublished", "archive": "archived"}
"""What the event is called."""


class ProductState(Conflict):
    """An archived product is neither edited nor published; unpublishing makes it a draft again."""

    code = "product_state"
    title = Text("The product's status does not allow this", "商品当前状态不允许此操作")
    detail = Text("The product is {status}. Unpublish it first.", "商品状态为 {status}，请先执行下架操作。")


class NothingToSell(Conflict):
    code = "nothing_to_sell"
    title = Text("The product has no SKU for sale", "商品没有可售的 SKU")
    detail = Text("Give it a SKU first.", "请先添加至少一个 SKU。")


def after(product: Product, move: Move) -> Status:
    """The status `move` leads to. Raises ProductState, NothingToSell."""
    goal = MOVES.get((product.state, move))
    if goal is None:
        raise ProductState(status=product.status)
    if goal == "published" and not product.living():
        raise NothingToSell
    return goal
