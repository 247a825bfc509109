"""Ownership is in the key: every address that takes an id answers 404 to another customer and to another tenant."""

import re
from typing import Any

import pytest

from app import app
from chalicelib.core import ids
from chalicelib.core.context import OF_THE_INSTALLATION, Actor
from chalicelib.http.operations import Operation
from chalicelib.identity import service as who
from chalicelib.tenants import service as tenants
from tests.jobs import every_item
from tests.payments.test_paying import attempt, pay
from tests.shop import Person, Shop, send

SHARED = {"sku_id", "product_id", "category_id", "brand_id", "provider", "dictionary", "entry"}
"""What a tenant shows to everyone; another tenant must still not see it."""
DECLARED = {"parameter", "provider", "message", "channel", "locale"}
"""What every shop has, under the same name: there is none of another's to reach."""
OWN_ONLY = {"cart_remove_cart_item"}
"""Removes a SKU from the caller's own cart, whoever sells it; there is nothing of another's to reach."""
WITH_IDS = [
    op
    for op in app.operations
    # what is of the installation answers 403 to everybody else, whatever it names: tests/platform, tests/system
    if set(op.path_params) - DECLARED
    and op.id not in OWN_ONLY
    and op.permission.name.partition(":")[0] not in OF_THE_INSTALLATION
]


def belongings(shop: Shop, lin: Person) -> dict[str, str]:
    """One of everything that has an id in a path, all of it Lin's or the default tenant's."""
    product = shop.product(stock=9)
    sku = product["skus"][0]["id"]
    card, other = shop.sku(kind="card_key", stock=2), shop.order(lin, sku)
    paid = lin.post("/v1/orders", {"items": [{"sku_id": card, "quantity": 1}]}).json
    pay(lin, paid["id"])
    reservation = shop.admin.post(
        "/v1/admin/inventory/reservations", {"reference": "x", "lines": [{"sku_id": sku, "quantity": 1}]}
    )
    return {
        "sku_id": sku,
        "product_id": product["id"],
        "address_id": shop.address(lin),
        "order_id": other["id"],
        "payment_id": attempt(lin, other["id"]),
        "reservation_id": reservation.json["id"],
        "session_id": lin.get("/v1/auth/sessions").json["data"][0]["id"],
        "event_id": ids.derived_id("evt", "none"),
        "user_id": lin.id,
        "device_id": lin.post("/v1/me/devices", {"platform": "web", "name": "Browser"}).json["id"],
        "segment_id": shop.admin.post("/v1/admin/segments", {"name": "All"}).json["id"],
        "dictionary": shop.admin.post(LISTS, {"dictionary": "grades", "title": GRADES}).json["dictionary"],
        "entry": shop.admin.put(f"{LISTS}/grades/entries/first", {"label": GRADES}).json["code"],
    }


LISTS, GRADES = "/v1/admin/settings/dictionaries", {"en": "Grades", "zh": "等级"}
BODIES: dict[str, Any] = {
    "dictionaries_rename_dictionary": {"title": GRADES},
    "dictionaries_write_entry": {"label": GRADES},
    "payments_create_payment": {"provider": "sandbox"},
    "orders_ship_order": {"carrier": "SF", "tracking_number": "1"},
    "inventory_adjust_stock": {"delta": 1, "reason": "x"},
    "cart_set_cart_item": {"quantity": 1},
    "catalog_edit_product": {
        "title": "Mine now",
        "kind": "physical",
        "skus": [{"price": {"amount": 1, "currency": "CNY"}, "attributes": {}}],
    },
    "kyc_reject_kyc": {"reason": "x"},
    "members_adjust_member_points": {"delta": 1, "reason": "x"},
    "staff_set_roles": {"roles": [], "reason": "x"},
    "members_edit_member": {"name": "Mine now"},
    "members_disable_member": {"reason": "x"},
    "members_enable_member": {"reason": "x"},
    "members_log_member_out": {"reason": "x"},
    "privacy_erase_member": {"reason": "x"},
    "members_merge_member": {"from_user_id": ids.derived_id("usr", "none"), "reason": "x"},
    "addresses_rewrite_address": {
        "recipient": "Eve",
        "phone": "13900000000",
        "country": "CN",
        "province": "Zhejiang",
        "city": "Hangzhou",
        "district": "Xihu",
        "line1": "2 Lake Road",
    },
}


def ask(op: Operation, things: dict[str, str], token: str) -> int:
    path = re.sub(r"\{(\w+)\}", lambda match: things.get(match.group(1), "sandbox"), op.path)
    answer = send(op.method, path, BODIES.get(op.id, {}), token=token, headers={"idempotency-key": "k"})
    nothing_in_it = answer.status == 200 and answer.json.get("data") == []
    return 404 if nothing_in_it else answer.status


@pytest.mark.rule("B17")
@pytest.mark.ledger("S2-030")
def test_every_route_with_an_id_is_404_for_another_customer_and_another_tenant(shop: Shop) -> None:
    lin, eve = shop.customer(), shop.customer()
    things = belongings(shop, lin)
    stranger, outsider, boss = in_another_tenant(shop)
    before = sorted(str(item) for item in every_item() if item["kind"]["S"] in ("order", "payment", "stock"))
    leaks: list[tuple[str, str, int]] = []
    for op in WITH_IDS:
        named = set(op.path_params)
        if op.permission.kind != "staff" and not named <= SHARED and "sandbox" not in op.path:
            leaks.append((op.id, "another customer", ask(op, things, eve.token)))
        if op.permission.kind != "tokenless":
            token = boss if op.permission.kind == "staff" else outsider
            leaks.append((op.id, "another tenant", ask(op, things, token)))
    assert stranger
    assert [leak for leak in leaks if leak[2] != 404] == []
    after = sorted(str(item) for item in every_item() if item["kind"]["S"] in ("order", "payment", "stock"))
    assert after == before


def in_another_tenant(shop: Shop) -> tuple[str, str, str]:
    """A customer of another tenant, and a staff member there who may do everything."""
    tenants.ensure("other", "Another shop")
    answer = send(
        "POST",
        "/v1/auth/register",
        {"email": "eve@example.com", "password": "correct horse battery"},
        headers={"x-tenant": "other"},
        ip="192.0.2.9",
    )
    assert answer.status == 201, answer.text
    tenant, actor = who.authenticate(answer.json["access_token"], True)
    assert tenant == "other"
    assert isinstance(actor, Actor)
    boss = promoted(answer.json["user"]["id"])
    return answer.json["user"]["id"], answer.json["access_token"], boss


def promoted(user_id: str) -> str:
    """Make the other tenant's customer its super admin, and sign in again."""
    from chalicelib.identity.entities import User
    from chalicelib.store import client
    from chalicelib.store.client import table_name

    for item in every_item():
        if item["kind"]["S"] == "user" and item.get("user_id", {}).get("S") == user_id:
            assert User.from_wire(item)
            item["roles"] = {"SS": ["super_admin"]}
            client.client().put_item(TableName=table_name(), Item=item)
    answer = send(
        "POST",
        "/v1/auth/login",
        {"login": "eve@example.com", "password": "correct horse battery"},
        headers={"x-tenant": "other"},
        ip="192.0.2.10",
    )
    assert answer.json["user"]["roles"] == ["super_admin"], answer.text
    return str(answer.json["access_token"])
