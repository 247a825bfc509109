"""Requests that name things in their body or their query, and where in them an id stands."""

import copy
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.http.operations import Operation
from tests.http.described import OPERATIONS
from tests.media.sending import uploaded
from tests.payments.test_paying import attempt
from tests.platform.shops import PASSWORD, boss_of, customer_of, opened
from tests.security.belongings import CNY
from tests.shop import Person, Shop, send

_KINDS = {
    "parent_id": "category_id",
    "actor_id": "adviser_id",
    "from_user_id": "twin",
    "owner_id": "user_id",
    "skus.id": "sku_id",
}
"""What a field names, where its own name does not say so."""
_OWN_ID = re.compile(r"\b[a-z]{3}_[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9A-HJKMNP-TV-Z]{26}\b")
_keys = itertools.count(1)

ELSEWHERES = {"template_id"}
"""Ids that another company gives: nothing of ours has one."""

Things = dict[str, str]
Naming = tuple[str, str, str]
"""Operation id, `body` or `query`, and the field: `items.sku_id` where it stands in a list of objects."""


def every_naming() -> set[Naming]:
    """Every field of a body or a query, at any depth, that holds an id: told by its name or by its pattern."""
    return {
        (op.id, where, field)
        for op in OPERATIONS
        for where, model in (("body", op.body), ("query", op.query))
        if model is not None
        for field in _fields(model.model_json_schema())
    }


def _fields(whole: dict[str, Any]) -> set[str]:
    def walk(schema: dict[str, Any], path: str) -> Iterator[str]:
        if "$ref" in schema:
            schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
        name = path.rpartition(".")[2]
        if (
            path
            and name not in ELSEWHERES
            and (name == "id" or name.endswith(("_id", "_ids")) or "_[0-7]" in schema.get("pattern", ""))
        ):
            yield path
        for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
            yield from walk(inner, path)
        if "items" in schema:
            yield from walk(schema["items"], path)
        for inner_name, inner in schema.get("properties", {}).items():
            yield from walk(inner, f"{path}.{inner_name}".lstrip("."))

    return set(walk(whole, ""))


def things_of(shop: Shop, person: Person, slug: str) -> Things:
    """One of everything that a request of this shop may name, each with something that comes back for it."""
    boss = shop.admin
    brand = boss.post("/v1/admin/brands", {"name": "Souk"}).json["id"]
    category = boss.post("/v1/admin/categories", {"name": "Cups"}).json["id"]
    product = shop.product(brand_id=brand, category_id=category, stock=20)
    sku = product["skus"][0]["id"]
    twin = boss.post("/v1/admin/users", {"login": f"twin@{slug}.example.com"})
    segment = boss.post("/v1/admin/segments", {"name": "All"})
    advised = boss.patch(f"/v1/admin/users/{person.id}", {"adviser_id": boss.id})
    assert {twin.status, segment.status, advised.status} == {200, 201}, (
        twin.text,
        segment.text,
        advised.text,
    )
    paid = shop.order(person, sku)["id"]
    at_the_counter = f"/v1/sandbox/payments/{attempt(person, paid)}/pay"
    assert send("POST", at_the_counter, {}, headers={"x-tenant": slug}).status == 200
    return {
        "brand_id": brand,
        "category_id": category,
        "product_id": product["id"],
        "sku_id": sku,
        "card_sku": shop.sku(kind="card_key", stock=2),
        "user_id": person.id,
        "twin": twin.json["id"],
        "adviser_id": boss.id,
        "segment_id": segment.json["id"],
        "address_id": shop.address(person),
        "order_id": paid,
        "upload_id": uploaded(person)["id"],
        "slug": slug,
    }


def rival(shop: Shop) -> tuple[Shop, Person]:
    """Another shop in the same table, and a customer of it."""
    opened(shop, "rival")
    there, boss = Shop(shop.clock), boss_of("rival")
    there._admin = boss
    assert boss.post("/v1/auth/password/confirm", {"password": PASSWORD}).status == 200
    return there, customer_of("rival")


BODIES: dict[str, Callable[[Things], Any]] = {
    "cart_merge_cart": lambda it: {"items": [{"sku_id": it["sku_id"], "quantity": 1}]},
    "cart_select_cart_items": lambda it: {"sku_ids": [it["sku_id"]], "selected": False},
    "catalog_create_category": lambda it: {"name": "Mugs", "parent_id": it["category_id"]},
    "catalog_create_product": lambda it: {
        "title": "A mug",
        "kind": "physical",
        "brand_id": it["brand_id"],
        "category_id": it["category_id"],
        "skus": [{"price": CNY, "attributes": {}}],
    },
    "catalog_edit_product": lambda it: {
        "title": "A mug",
        "kind": "physical",
        "brand_id": it["brand_id"],
        "category_id": it["category_id"],
        "skus": [{"id": it["sku_id"], "price": CNY, "attributes": {}}],
    },
    "fulfilment_import_card_keys": lambda it: {"sku_id": it["card_sku"], "keys": ["ONE-MORE-KEY"]},
    "identity_set_avatar": lambda it: {},
    "inventory_read_stock_of_many": lambda it: {"sku_ids": [it["sku_id"]]},
    "inventory_reserve": lambda it: {"reference": "x", "lines": [{"sku_id": it["sku_id"], "quantity": 1}]},
    "members_create_member": lambda it: {"login": "new@example.com", "adviser_id": it["adviser_id"]},
    "members_create_segment": lambda it: {"name": "Mine", "adviser_id": it["adviser_id"]},
    "members_edit_member": lambda it: {"adviser_id": it["adviser_id"]},
    "members_merge_member": lambda it: {"from_user_id": it["twin"], "reason": "x"},
    "members_run_batch": lambda it: {"action": "tag", "user_ids": [it["user_id"]], "tag": "x", "reason": "x"},
    "orders_place_order": lambda it: {
        "items": [{"sku_id": it["sku_id"], "quantity": 1}],
        "address_id": it["address_id"],
    },
    "orders_quote_order": lambda it: {
        "items": [{"sku_id": it["sku_id"], "quantity": 1}],
        "address_id": it["address_id"],
    },
    "orders_ship_order": lambda it: {
        "carrier": "SF",
        "tracking_number": "1",
        "items": [{"sku_id": it["sku_id"], "quantity": 1}],
    },
}


def of_op(operation: str) -> Operation:
    return next(op for op in OPERATIONS if op.id == operation)


def thing_named(naming: Naming, things: Things) -> str:
    operation, _, field = naming
    if operation.startswith("fulfilment_"):
        return things["card_sku"]
    name = field.rpartition(".")[2].removesuffix("s")
    return things[_KINDS.get(field, _KINDS.get(name, name))]


def told(naming: Naming, own: Things, person: Person, wanted: str) -> tuple[int, str]:
    """The answer to somebody's request over their own things that names `wanted` in one place; ids made alike."""
    operation, where, field = naming
    op = of_op(operation)
    path = re.sub(r"\{(\w+)\}", lambda found: own[found[1]], op.path)
    body = copy.deepcopy(BODIES[operation](own)) if operation in BODIES else None
    if where == "query":
        path = f"{path}?{field}={wanted}"
    else:
        _put(body, field.split("."), wanted)
    headers = {"idempotency-key": f"naming-{next(_keys)}", "x-tenant": own["slug"]}
    answer = send(op.method, path, body, token=person.token, headers=headers)
    return answer.status, _OWN_ID.sub("(id)", answer.text)


def _put(inside: Any, steps: list[str], wanted: str) -> None:
    name, *rest = steps
    if rest:
        _put(inside[name][0], rest, wanted)
    else:
        inside[name] = [wanted] if name.endswith("_ids") else wanted
