"""One of everything that stands in a path, for each of the walk's people."""

from collections.abc import Callable
from typing import Any

from chalicelib.core import ids
from chalicelib.core.context import system
from chalicelib.http import assets
from chalicelib.store import Event, transaction
from tests.kyc.papers import submit
from tests.media.sending import MIB, announce, sent, uploaded
from tests.payments.test_paying import attempt, pay
from tests.platform.shops import opened, suspend, wish
from tests.shop import Person, Shop

GLOBAL = frozenset({"provider", "code", "name", "number", "parameter", "message", "channel", "locale"})
"""What is the same in every shop."""
SHARED = frozenset({"dictionary", "entry", "sku_id", "product_id", "category_id", "brand_id"}) | GLOBAL
"""What a shop shows to everybody; another shop's must still not be there."""


class Things(dict[str, str]):
    """Path parameter → an id. `x@operation_id` stands for it where that operation needs another."""

    def __missing__(self, name: str) -> str:
        raise AssertionError(f"tests/security/belongings.py: say what a {{{name}}} in a path may be")

    def for_operation(self, operation: str) -> "Things":
        own = {key.partition("@")[0]: value for key, value in self.items() if key.endswith(f"@{operation}")}
        return Things({**self, **own})


def of_the_shop(shop: Shop) -> dict[str, str]:
    """What belongs to the shop itself."""
    product = shop.product(stock=20, kind="physical")
    brand = shop.admin.post("/v1/admin/brands", {"name": "Souk"})
    category = shop.admin.post("/v1/admin/categories", {"name": "Cups"})
    sku = product["skus"][0]["id"]
    reservation = shop.admin.post(
        "/v1/admin/inventory/reservations", {"reference": "x", "lines": [{"sku_id": sku, "quantity": 1}]}
    )
    role = shop.admin.post("/v1/admin/roles", {"name": "Tellers", "permissions": ["payments:read"]})
    assert {reservation.status, role.status} == {201}, (reservation.text, role.text)
    counted = shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 1, "reason": "found"})
    assert counted.status == 201, counted.text
    return {
        "sku_id": sku,
        "product_id": product["id"],
        "brand_id": brand.json["id"],
        "category_id": category.json["id"],
        "reservation_id": reservation.json["id"],
        "role_id": role.json["id"],
        **_lists(shop),
        **_worded(shop),
        "provider@payment_channels_reset_payment_channel": _offered(shop, "wallet"),
        "entry_id": shop.admin.get("/v1/admin/audit-log").json["data"][0]["id"],
        "event_id": _dead_event(shop),
        "product_id@catalog_publish_product": _draft(shop),
        "card_sku": shop.sku(kind="card_key", stock=4),
        "slug": opened(shop, "cups")["slug"],
        "slug@platform_reopen_tenant": _suspended(shop),
        "segment_id": shop.admin.post("/v1/admin/segments", {"name": "All"}).json["id"],
        "provider": "sandbox",
        "code": "330106",
        "parameter": _chosen(shop, "cups"),
        "number": _migration_at_rest(shop),
        "name": assets.load("docs.css").name,
        "name@system_run_job": "auto_confirm",
    }


def _migration_at_rest(shop: Shop) -> str:
    """One that was begun: it may be gone on with, and undone."""
    for act in ("start", "stop"):
        assert shop.admin.post(f"/v1/platform/migrations/0001/{act}").status == 200
    return "0001"


def of_person(shop: Shop, person: Person, things: dict[str, str]) -> Things:
    """What belongs to one customer, beside what belongs to the shop."""
    order = shop.order(person, things["sku_id"])
    for marks in ("favorites", "footprints"):
        assert person.put(f"/v1/me/{marks}/{things['product_id']}").status == 204
    points = f"/v1/admin/users/{person.id}/points-adjustments"
    assert shop.admin.post(points, {"delta": 5, "reason": "x"}).status == 201
    paid = person.post("/v1/orders", {"items": [{"sku_id": things["card_sku"], "quantity": 1}]}).json
    pay(person, paid["id"])
    return Things(
        {
            **things,
            "user_id": person.id,
            "address_id": shop.address(person),
            "order_id": order["id"],
            "payment_id": attempt(person, order["id"]),
            "order_id@fulfilment_read_delivery": paid["id"],
            "order_id@orders_ship_order": _paid(shop, person, things["sku_id"]),
            "session_id": str(person.get("/v1/auth/sessions").json["data"][0]["id"]),
            "document_id": _document(shop, person),
            "device_id": person.post("/v1/me/devices", {"platform": "web", "name": "Browser"}).json["id"],
            "twin": shop.customer("Twin").id,
            "upload_id": uploaded(person, "kyc_document")["id"],
            "upload_id@media_complete_upload": sent(person),
            "upload_id@media_list_parts": _in_parts(person),
            "upload_id@media_sign_parts": _in_parts(person),
            "user_id@privacy_erase_member": shop.customer("Leaves").id,
            "user_id@members_enable_member": _disabled(shop),
        }
    )


def _document(shop: Shop, person: Person) -> str:
    submit(person)
    case = shop.admin.get(f"/v1/admin/kyc/{person.id}")
    assert case.status == 200, case.text
    return str(case.json["documents"][0]["id"])


def _in_parts(person: Person) -> str:
    answer = announce(person, "kyc_document", size_bytes=9 * MIB)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def _disabled(shop: Shop) -> str:
    person = shop.customer("Waits")
    url = f"/v1/admin/users/{person.id}/disable"
    assert shop.admin.post(url, {"reason": "asked for"}).status == 200
    return person.id


def _paid(shop: Shop, person: Person, sku_id: str) -> str:
    order_id = str(shop.order(person, sku_id)["id"])
    pay(person, order_id)
    return order_id


def _draft(shop: Shop) -> str:
    made = shop.admin.post(
        "/v1/admin/products",
        {"title": "A draft", "kind": "physical", "skus": [{"price": CNY, "attributes": {}}]},
    )
    return str(made.json["id"])


def _chosen(shop: Shop, slug: str) -> str:
    """A parameter that this shop, and that one, have chosen for themselves."""
    name = "orders.confirm_days"
    urls = (f"/v1/admin/settings/parameters/{name}", f"/v1/platform/tenants/{slug}/parameters/{name}")
    assert {shop.admin.put(url, {"value": 9}).status for url in urls} == {200}
    return name


def _lists(shop: Shop) -> dict[str, str]:
    """A code list of the shop's own with an entry in it, and one without."""
    url = "/v1/admin/settings/dictionaries"
    title = {"en": "Grades", "zh": "等级"}
    made = {shop.admin.post(url, {"dictionary": name, "title": title}).status for name in ("grades", "empty")}
    assert made == {201}
    assert shop.admin.put(f"{url}/grades/entries/first", {"label": title}).status == 200
    return {
        "dictionary": "grades",
        "entry": "first",
        "dictionary@dictionaries_delete_dictionary": "empty",
    }


def _worded(shop: Shop) -> dict[str, str]:
    """A template in the shop's own words."""
    place = {"message": "order.paid", "channel": "sms", "locale": "en"}
    url = "/v1/admin/settings/templates/order.paid/sms/en"
    for body in ("Paid", "Paid: {number}"):
        assert shop.admin.put(url, {"content": {"body": body}}).status == 200
    return place


def _offered(shop: Shop, provider: str) -> str:
    url = f"/v1/admin/settings/payment-channels/{provider}"
    assert shop.admin.put(url, {"position": 9}).status == 200
    return provider


def _suspended(shop: Shop) -> str:
    slug = str(opened(shop, "bowls")["slug"])
    assert suspend(shop, slug).status == 200
    return slug


def _dead_event(shop: Shop) -> str:
    """An event in the dead letter, as if all its tries had failed."""
    now = shop.clock.now()
    event = Event(
        tenant="default",
        event_id=ids.new_id("evt", now),
        name="order.paid",
        occurred_at=now,
        data={},
        state="dead",
    )
    with transaction(system("default")) as tx:
        tx.put("event", event)
    return event.event_id


CNY = {"amount": 100, "currency": "CNY"}
BODIES: dict[str, Callable[[Things], Any]] = {
    "addresses_rewrite_address": lambda things: {
        "recipient": "Eve",
        "phone": "13900000000",
        "country": "CN",
        "province": "Zhejiang",
        "city": "Hangzhou",
        "district": "Xihu",
        "line1": "2 Lake Road",
    },
    "catalog_edit_product": lambda things: {
        "title": "Mine now",
        "kind": "physical",
        "skus": [{"id": things["sku_id"], "price": CNY, "attributes": {}}],
    },
    "catalog_import_catalogue": lambda things: {
        "products": [
            {
                "id": "1",
                "title": "A cup",
                "on_sale": "1",
                "skus": [{"id": "1-a", "specifications": ["plain"], "price": 100, "stock": 4}],
            }
        ]
    },
    "members_run_batch": lambda things: {
        "action": "disable",
        "user_ids": [things["user_id"]],
        "reason": "x",
    },
    "members_import_members": lambda things: {"rows": [{"email": "new@example.com"}]},
    "members_merge_member": lambda things: {"from_user_id": things["twin"], "reason": "x"},
    "payment_channels_write_payment_channel": lambda things: {"enabled": True},
    "dictionaries_create_dictionary": lambda things: {
        "dictionary": "colours",
        "title": {"en": "Colours", "zh": "颜色"},
    },
    "platform_open_tenant": lambda things: wish("vases"),
    "platform_configure_tenant": lambda things: {"name": "Mine now"},
    "settings_change_parameter": lambda things: {"value": 8},
    "settings_change_shop_parameter": lambda things: {"value": 8},
    "templates_write_template": lambda things: {"content": {"body": "{number} is paid"}},
    "templates_restore_template": lambda things: {"version": 1},
    "templates_preview_template": lambda things: {"content": {"body": "{number} is paid"}},
    "tenants_write_settings": lambda things: {
        "name": "Mine now",
        "locale": "en",
        "time_zone": "UTC",
        "currency": "CNY",
        "shipping": {"fee": CNY},
    },
    "fulfilment_import_card_keys": lambda things: {"sku_id": things["card_sku"], "keys": ["ONE-MORE-KEY"]},
}
"""Where the document's example would be refused before it is asked whose thing it is about."""
