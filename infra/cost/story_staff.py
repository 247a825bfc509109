"""What staff and the platform's owner ask for, each route once."""

from __future__ import annotations

from typing import Any

from chalicelib.core import ids
from chalicelib.core.context import system
from chalicelib.store import Event, transaction
from infra.cost.story_customer import PASSWORD
from infra.cost.walker import Walker

_CNY = {"amount": 100, "currency": "CNY"}
_RESERVATIONS = "/v1/admin/inventory/reservations"
_WHY = {"reason": "measured"}


def keep_shop(walk: Walker) -> str:
    """Products, stock, card keys; answers a SKU of card keys."""
    admin, shop = walk.shop.admin, walk.shop
    product = {
        "title": "Measured",
        "kind": "physical",
        "skus": [{"price": _CNY, "attributes": {}, "stock": 9}],
    }
    made = walk.do("POST", "/v1/admin/products", product, admin)
    at = f"/v1/admin/products/{made['id']}"
    walk.do("POST", f"{at}/publish", token=admin)
    read = walk.do("GET", at, token=admin)
    edit = {
        **product,
        "title": "Again",
        "skus": [{"id": read["skus"][0]["id"], "price": _CNY, "attributes": {}}],
    }
    tag = walk.shop.ask("GET", at, token=admin)["headers"]["ETag"]
    walk.do("PUT", at, edit, admin, more={"if-match": tag})
    walk.do("POST", f"{at}/unpublish", token=admin)
    walk.do("GET", "/v1/admin/products", token=admin)
    draft = walk.get_ready("POST", "/v1/admin/products", product, admin)["id"]
    walk.do("DELETE", f"/v1/admin/products/{draft}", token=admin)
    walk.do("POST", "/v1/admin/products/import", {"products": [_row(number) for number in range(10)]}, admin)
    walk.do("POST", "/v1/admin/brands", {"name": "Souk"}, admin)
    walk.do("POST", "/v1/admin/categories", {"name": "Cups"}, admin)
    sku = shop.skus[0]
    walk.do("POST", f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 5, "reason": "counted"}, admin)
    walk.do("GET", f"/v1/admin/skus/{sku}/stock-ledger", token=admin)
    return _keep_keys(walk)


def _row(number: int) -> dict[str, Any]:
    sku = {"id": f"i{number}", "price": 1000, "stock": 10}
    return {"id": f"import-{number}", "title": f"Imported {number}", "on_sale": 1, "skus": [sku]}


def _keep_keys(walk: Walker) -> str:
    admin = walk.shop.admin
    wish = {"title": "Keys", "kind": "card_key", "skus": [{"price": _CNY, "attributes": {}}]}
    made = walk.get_ready("POST", "/v1/admin/products", wish, admin)
    walk.get_ready("POST", f"/v1/admin/products/{made['id']}/publish", None, admin)
    sku = str(made["skus"][0]["id"])
    keys = [f"KEY-{number:04d}" for number in range(10)]
    walk.do("POST", "/v1/admin/card-keys", {"sku_id": sku, "keys": keys}, admin)
    walk.do("GET", f"/v1/admin/card-keys?sku_id={sku}", token=admin)
    return sku


def hold_stock(walk: Walker) -> None:
    """For another back end."""
    admin = walk.shop.admin
    one = walk.do("POST", _RESERVATIONS, _reservation(walk, "one"), admin)["id"]
    walk.do("GET", f"{_RESERVATIONS}/{one}", token=admin)
    walk.do("POST", f"{_RESERVATIONS}/{one}/deduct", token=admin)
    walk.do("POST", f"{_RESERVATIONS}/{take_stock(walk, 'two')}/release", token=admin)


def take_stock(walk: Walker, name: str) -> str:
    """A reservation nobody measured; answers its id."""
    return str(walk.get_ready("POST", _RESERVATIONS, _reservation(walk, name), walk.shop.admin)["id"])


def _reservation(walk: Walker, name: str) -> dict[str, Any]:
    return {"reference": name, "lines": [{"sku_id": walk.shop.skus[14], "quantity": 1}]}


def keep_orders(walk: Walker, order: str) -> None:
    admin = walk.shop.admin
    walk.do("GET", "/v1/admin/orders", token=admin)
    walk.do("GET", f"/v1/admin/orders/{order}", token=admin)
    walk.do("GET", "/v1/admin/payments?status=succeeded", token=admin)
    walk.do("GET", "/v1/admin/payments/parked", token=admin)
    walk.do("GET", "/v1/admin/events/dead-letters", token=admin)
    walk.do("POST", f"/v1/admin/events/dead-letters/{_dead(walk)}/resend", token=admin)


def _dead(walk: Walker) -> str:
    now = walk.clock.now()
    event = Event(
        tenant="default",
        event_id=ids.new_id("evt", now),
        name="order.measured",
        occurred_at=now,
        data={},
        state="dead",
        is_deferred=True,
    )
    with transaction(system("default")) as tx:
        tx.put("event", event)
    walk.settle()
    return event.event_id


def keep_members(walk: Walker, member: str) -> None:
    admin = walk.shop.admin
    at = f"/v1/admin/users/{member}"
    walk.do("GET", "/v1/admin/users", token=admin)
    walk.do("GET", at, token=admin)
    walk.do("PATCH", at, {"tags": ["good"]}, admin)
    for page in ("addresses", "favorites", "footprints", "orders", "points", "points/entries", "sessions"):
        walk.do("GET", f"{at}/{page}", token=admin)
    walk.do("GET", f"{at}/sign-ins", token=admin)
    walk.do("POST", f"{at}/points-adjustments", {"delta": 5, **_WHY}, admin)
    walk.do("POST", f"{at}/disable", _WHY, admin)
    walk.do("POST", f"{at}/enable", _WHY, admin)
    walk.do("POST", f"{at}/logout", _WHY, admin)
    _open_and_close(walk)
    walk.do("GET", "/v1/admin/member-levels", token=admin)
    rules = {"rules": [{"level": "vip", "spent": 100_000, "months": 12}]}
    walk.do("PUT", "/v1/admin/member-levels", rules, admin)
    segment = walk.do("POST", "/v1/admin/segments", {"name": "All"}, admin)["id"]
    walk.do("GET", "/v1/admin/segments", token=admin)
    walk.do("DELETE", f"/v1/admin/segments/{segment}", token=admin)
    walk.do("GET", "/v1/admin/users/export", token=admin)
    rows = {"rows": [{"email": f"row{number}@example.com"} for number in range(10)]}
    walk.do("POST", "/v1/admin/users/import", rows, admin)


def _open_and_close(walk: Walker) -> None:
    admin = walk.shop.admin

    def opened(name: str) -> str:
        wish = {"login": f"{name}@example.com", "password": PASSWORD}
        return str(walk.get_ready("POST", "/v1/admin/users", wish, admin)["id"])

    wish = {"login": "one@example.com", "password": PASSWORD}
    one = walk.do("POST", "/v1/admin/users", wish, admin)["id"]
    two, three = opened("two"), opened("three")
    batch = {"action": "tag", "tag": "new", "user_ids": [one, two, three], **_WHY}
    walk.do("POST", "/v1/admin/users/batch", batch, admin)
    walk.do("POST", f"/v1/admin/users/{one}/merge", {"from_user_id": two, **_WHY}, admin)
    walk.do("PUT", f"/v1/admin/users/{one}/roles", {"roles": ["support"]}, admin)
    walk.do("POST", f"/v1/admin/users/{three}/erase", _WHY, admin)


def check_papers(walk: Walker, member: str) -> None:
    admin = walk.shop.admin
    at = f"/v1/admin/kyc/{member}"
    walk.do("GET", "/v1/admin/kyc", token=admin)
    case = walk.do("GET", at, token=admin)
    walk.do("GET", f"{at}/documents/{case['documents'][0]['id']}", token=admin)
    walk.do("POST", f"{at}/approve", {}, admin)


def refuse_papers(walk: Walker, member: str) -> None:
    walk.do("POST", f"/v1/admin/kyc/{member}/reject", {"reason": "blurred"}, walk.shop.admin)


def rule(walk: Walker) -> None:
    """Roles, settings, the audit log, and the platform's shops."""
    admin = walk.shop.admin
    role = walk.do("POST", "/v1/admin/roles", {"name": "Tellers", "permissions": ["payments:read"]}, admin)[
        "id"
    ]
    walk.do("GET", "/v1/admin/roles", token=admin)
    walk.do("GET", f"/v1/admin/roles/{role}", token=admin)
    body = {"name": "Clerks", "permissions": ["payments:read"]}
    tag = walk.shop.ask("GET", f"/v1/admin/roles/{role}", token=admin)["headers"].get("ETag", "*")
    walk.do("PUT", f"/v1/admin/roles/{role}", body, admin, more={"if-match": tag})
    walk.do("DELETE", f"/v1/admin/roles/{role}", token=admin)
    walk.do("GET", "/v1/admin/permissions", token=admin)
    walk.do("GET", "/v1/admin/menu", token=admin)
    walk.do("GET", "/v1/admin/settings", token=admin)
    chosen = {"name": "Souk", "locale": "en", "time_zone": "Asia/Shanghai", "currency": "CNY"}
    tag = walk.shop.ask("GET", "/v1/admin/settings", token=admin)["headers"].get("ETag", "*")
    walk.do("PUT", "/v1/admin/settings", {**chosen, "shipping": {"fee": _CNY}}, admin, more={"if-match": tag})
    entry = walk.do("GET", "/v1/admin/audit-log", token=admin)["data"][0]["id"]
    walk.do("GET", f"/v1/admin/audit-log/{entry}", token=admin)
    walk.do("GET", "/v1/admin/audit-log/chain", token=admin)
    walk.do("GET", "/v1/admin/audit-log/export", token=admin)
    _rule_shops(walk)


def _rule_shops(walk: Walker) -> None:
    admin, url = walk.shop.admin, "/v1/platform/tenants"
    boss = {"login": "boss@acme.example.com", "password": PASSWORD}
    walk.do("POST", url, {"slug": "acme", "name": "Acme", "admin": boss}, admin)
    walk.do("GET", url, token=admin)
    walk.do("GET", f"{url}/acme", token=admin)
    tag = walk.shop.ask("GET", f"{url}/acme", token=admin)["headers"].get("ETag", "*")
    walk.do("PATCH", f"{url}/acme", {"name": "Acme & Sons"}, admin, more={"if-match": tag})
    walk.do("POST", f"{url}/acme/suspend", _WHY, admin)
    walk.do("POST", f"{url}/acme/reopen", _WHY, admin)
    walk.do("POST", "/v1/platform/backups", _WHY, admin)
    walk.do("GET", "/v1/platform/backups", token=admin)
