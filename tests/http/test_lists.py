"""Every list has an access pattern of its own: one Query a page, whichever page, and never a Scan."""

from typing import Any

import pytest

from chalicelib.http.operations import Operation
from chalicelib.store import client
from tests.http.described import OPERATIONS, described
from tests.shop import Answer, Person, Shop, send

pytestmark = pytest.mark.emulator
LISTS = [
    op for op in OPERATIONS if op.query is not None and {"cursor", "limit"} <= set(op.query.model_fields)
]
PARTITIONS = {"catalog_list_products_for_staff": 3}
"""Lists that read on over several partitions: without a status, staff see status after status."""
PLACES = {"parameter": "orders.pay_minutes", "message": "order.paid", "channel": "sms", "locale": "en"}
"""What is declared in the code: there without anybody having made it."""
OVERWRITTEN = {"shelf"}
"""Written whatever stood there: a product's place by price, which nothing is computed from."""


class Calls:
    """What reaches DynamoDB, in order, with its parameters."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []
        client.client().meta.events.register("provide-client-params.dynamodb", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.seen.append((model.name, params))

    def names(self) -> list[str]:
        return [name for name, _ in self.seen]

    def puts(self) -> list[dict[str, Any]]:
        found = [params for name, params in self.seen if name == "PutItem"]
        for name, params in self.seen:
            if name == "TransactWriteItems":
                found += [action["Put"] for action in params["TransactItems"] if "Put" in action]
        return found


@pytest.fixture
def customer(live_shop: Shop) -> Person:
    """Somebody with three orders of three products, in a shop with three of most things."""
    somebody = live_shop.customer()
    for _ in range(3):
        sku = live_shop.sku(stock=5)
        live_shop.order(somebody, sku)
        live_shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 1, "reason": "counted"})
    return somebody


def address_of(op: Operation, somebody: Person) -> str:
    """The list's address, with what it cannot do without."""
    sku = send("GET", "/v1/products").json["data"][0]["skus"][0]["id"]
    required = [
        one["name"] for one in described(op)["parameters"] if one.get("in") == "query" and one["required"]
    ]
    assert set(required) <= {"sku_id"}
    path = op.path
    for name, value in {"sku_id": sku, "user_id": somebody.id, **PLACES}.items():
        path = path.replace(f"{{{name}}}", value)
    return path + "?limit=1" + "".join(f"&{name}={sku}" for name in required)


def next_cursor(answer: Answer) -> str | None:
    if answer.headers["content-type"].startswith("text/csv"):
        return answer.headers.get("x-next-cursor")
    found: str | None = answer.json["next_cursor"]
    return found


def asked(op: Operation, calls: Calls) -> list[str]:
    """What the list itself cost: without the look whether its caller proved their password, and the audit entry."""
    names = calls.names()
    if op.sensitive:
        assert names.pop(0) == "GetItem"
    if op.audited:
        assert names.pop() == "TransactWriteItems"
    return names


NOT_OF_THE_TABLE = {
    # DynamoDB's own list, and its word on point-in-time recovery beside the first page
    "platform_list_backups": [["ListBackups", "DescribeContinuousBackups"], ["ListBackups"]],
}


@pytest.mark.ledger("S0-006")
@pytest.mark.parametrize("op", LISTS, ids=lambda op: op.id)
def test_a_page_of_a_list_is_one_query(op: Operation, live_shop: Shop, customer: Person) -> None:
    who = live_shop.admin if op.permission.kind == "staff" else customer
    url = address_of(op, customer)
    # what is a member's is asked for after the member: they may be nobody, or not the caller's to see
    before = ["GetItem"] if "{user_id}" in op.path else []
    who.get(url)  # now the session and the tenant are remembered
    cursor: str | None = ""
    pages = 0
    while cursor is not None and pages < 3:
        calls = Calls()
        answer = who.get(url + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status == 200, answer.text
        most = PARTITIONS.get(op.id, 1)
        # an address book is one item, and so are favourites
        queries = [[*before, *["Query"] * n] for n in range(1, most + 1)]
        assert asked(op, calls) in [
            ["GetItem"],
            [*before, "GetItem"],
            *queries,
            *NOT_OF_THE_TABLE.get(op.id, []),
        ]
        cursor, pages = next_cursor(answer), pages + 1


@pytest.mark.ledger("S0-006")
def test_what_is_new_is_written_on_condition_that_nothing_stands_there(live_shop: Shop) -> None:
    """So the address keeps unique what must be: a login, an order number, a card key."""
    calls = Calls()
    somebody = live_shop.customer()
    live_shop.order(somebody, live_shop.sku(kind="physical"))
    live_shop.product(kind="card_key", stock=2)
    kinds = {put["Item"]["kind"]["S"] for put in calls.puts() if "ConditionExpression" in put}
    unconditional = {put["Item"]["kind"]["S"] for put in calls.puts() if "ConditionExpression" not in put}
    assert {"user", "order", "order_number", "product", "stock", "card_key", "reservation"} <= kinds
    assert unconditional <= OVERWRITTEN
    assert "Scan" not in calls.names()


@pytest.mark.ledger("S0-006")
def test_a_login_belongs_to_one_account(live_shop: Shop) -> None:
    person = {"email": "twice@example.com", "password": "correct horse battery", "name": "Lin"}
    assert send("POST", "/v1/auth/register", person).status == 201
    again = send("POST", "/v1/auth/register", {**person, "email": "Twice@Example.com"})
    assert (again.status, again.code) == (409, "login_taken")
