"""Orders as an older release left them: removed from their customer's list, and in no index since."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.orders.entities import Order
from chalicelib.store import client
from chalicelib.store.client import table_name
from tests.jobs import every_item, of_kind
from tests.shop import Answer, Person, Shop

URL = "/v1/platform/migrations"
ENTRY = ("owner_pk", "owner_sk")


def removed_order(shop: Shop, person: Person) -> str:
    """An order that was cancelled and removed, by today's code."""
    order = str(shop.order(person, shop.sku())["id"])
    assert person.post(f"/v1/orders/{order}/cancel").status == 200
    assert person.delete(f"/v1/orders/{order}").status == 204
    return order


def put(item: dict[str, Any]) -> None:
    client.client().put_item(TableName=table_name(), Item=item)


def without_entry(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ENTRY}


def as_it_was(order_id: str) -> dict[str, Any]:
    """The order loses its entry, as if the older release had removed it from the list."""
    (item,) = [one for one in of_kind("order") if one["order_id"]["S"] == order_id]
    put(without_entry(item))
    return item


def copies(item: dict[str, Any], count: int) -> None:
    """As many orders again, in the older shape."""
    like = item["order_id"]["S"][:-3]
    other = "0" if item["order_id"]["S"][-3] != "0" else "1"
    for at in range(count):
        twin = Order.from_wire(item)
        twin.order_id = f"{like}{other}{at:02d}"
        put(without_entry(twin.wire()))


def without_its_request(item: dict[str, Any]) -> dict[str, Any]:
    """The store stamps what it writes with the request it was written in."""
    return {name: value for name, value in item.items() if name not in ("rid", "xray")}


def bookless() -> list[dict[str, Any]]:
    """Everything but where the migrations are, and who did what."""
    ours = (
        "migration_run",
        "migration_segment",
        "migration_turn",
        "audit_entry",
        "rate",
        "idempotency",
        "job_run",
    )
    found = [item for item in every_item() if item["kind"]["S"] not in ours]
    return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def versionless() -> list[dict[str, Any]]:
    """The same, as it would be if a rewrite did not count as one."""
    return [{name: value for name, value in item.items() if name != "version"} for item in bookless()]


@contextmanager
def no_item_changes() -> Iterator[None]:
    before = bookless()
    yield
    assert bookless() == before


def unlisted() -> int:
    return sum("owner_pk" not in one for one in of_kind("order"))


def start(shop: Shop, number: str = "0001", **wish: Any) -> Answer:
    return shop.admin.post(f"{URL}/{number}/start", wish)


def undo(shop: Shop, number: str = "0001", **wish: Any) -> Answer:
    return shop.admin.post(f"{URL}/{number}/undo", wish)


def stop(shop: Shop, number: str = "0001") -> Answer:
    return shop.admin.post(f"{URL}/{number}/stop")


def status(shop: Shop, number: str = "0001") -> dict[str, Any]:
    answer = shop.admin.get(URL)
    assert answer.status == 200, answer.text
    (row,) = [row for row in answer.json["data"] if row["number"] == number]
    found: dict[str, Any] = row
    return found
