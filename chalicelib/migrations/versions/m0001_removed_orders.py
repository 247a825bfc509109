"""Orders that customers removed from their list get their entry in the index of removed orders.

Such an order used to leave the index altogether, and with it the sight of whatever has to find all orders of a person:
when the account was closed its address stayed. Orders removed since then have the entry; this gives it to those that
were removed before.
"""

from chalicelib.core.text import Text
from chalicelib.migrations.model import Migration
from chalicelib.store import Wire

_ENTRY = ("owner_pk", "owner_sk")


def forward(item: Wire) -> Wire:
    if not _was_removed(item) or "owner_pk" in item:
        return item
    whose = (item["owner_id"] if "owner_id" in item else item["customer_id"])["S"]
    return {
        **item,
        "owner_pk": {"S": f"{item['tenant']['S']}#CUSTOMER#{whose}#REMOVED_ORDERS"},
        "owner_sk": item["order_id"],
    }


def backward(item: Wire) -> Wire:
    """Off the index again, also what newer code has put there: older code never did."""
    if not _was_removed(item):
        return item
    return {name: value for name, value in item.items() if name not in _ENTRY}


def _was_removed(item: Wire) -> bool:
    return "listed_for" not in item


MIGRATION = Migration(
    number="0001",
    title=Text(
        "List removed orders, so that closing an account finds them",
        "为已移除的订单补建索引,以便注销账号时找到它们",
    ),
    kinds=frozenset({"order"}),
    attributes=frozenset({"order_id", "customer_id", "owner_id", "listed_for", *_ENTRY}),
    shown=frozenset({"order_id", "customer_id", "owner_id", "listed_for"}),
    forward=forward,
    backward=backward,
)
