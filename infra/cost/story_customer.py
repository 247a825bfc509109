"""What visitors and customers ask for, each route once, as it is usually asked."""

from __future__ import annotations

from typing import Any

from chalicelib.core.clock import current
from chalicelib.core.context import system
from chalicelib.http import assets
from chalicelib.payments.providers.sandbox import Sandbox
from infra.cost.walker import Walker

PASSWORD = "bench correct horse"  # noqa: S105 - of a shop that lives for a minute
ADDRESS = {
    "recipient": "Lin",
    "phone": "13800000000",
    "country": "CN",
    "province": "Zhejiang",
    "city": "Hangzhou",
    "district": "Xihu",
    "line1": "1 Lake Road",
}
_JPEG = "/9j/4GZhY2UgZmFjZSBmYWNlIGZhY2UgZmFjZSBmYWNlIGZhY2UgZmFjZSA="


def browse(walk: Walker) -> None:
    """Without a token."""
    shop = walk.shop
    walk.do("GET", "/v1/health")
    walk.do("GET", "/v1/health/ready")
    walk.do("GET", "/v1/config")
    walk.do("GET", "/v1/categories")
    walk.do("GET", "/v1/brands")
    walk.do("GET", "/v1/products?limit=20")
    walk.do("GET", "/v1/products?limit=20&sort=price_asc", note="by price")
    walk.do("GET", f"/v1/products/{shop.products[0]}")
    walk.do("GET", f"/v1/products/{shop.products[0]}/skus")
    walk.do("GET", f"/v1/skus/{shop.skus[0]}/stock")
    walk.do("POST", "/v1/skus/stock", {"sku_ids": shop.skus})
    walk.do("GET", "/v1/regions")
    walk.do("GET", "/v1/regions/330106")
    walk.do("GET", "/docs")
    walk.do("GET", f"/docs/assets/{assets.load('docs.css').name}")
    walk.do("GET", "/openapi.json")


def come_in(walk: Walker) -> None:
    """Register, sign in each way, and go."""
    person = {"email": "lin@example.com", "password": PASSWORD}
    walk.do("POST", "/v1/auth/register", person)
    signed = walk.do("POST", "/v1/auth/login", {"login": "lin@example.com", "password": PASSWORD})
    walk.do("POST", "/v1/auth/wechat", {"code": "code-lin"}, note="the first time")
    walk.do("POST", "/v1/auth/wechat", {"code": "code-lin"})
    walk.do("POST", "/v1/auth/sms-codes", {"phone": "13800000001", "purpose": "sign_in"})
    walk.do("POST", "/v1/auth/phone", {"phone": "13800000001", "code": _code(walk, "13800000001")})
    fresh = walk.do("POST", "/v1/auth/refresh", {"refresh_token": signed["refresh_token"]})
    token = fresh["access_token"]
    walk.do("GET", "/v1/auth/sessions", token=token)
    walk.do("GET", "/v1/me/sign-ins", token=token)
    walk.get_ready("POST", "/v1/auth/login", {"login": "lin@example.com", "password": PASSWORD})
    sessions = walk.get_ready("GET", "/v1/auth/sessions", token=token)["data"]
    another = next(one["id"] for one in sessions if not one["is_current"])
    walk.do("DELETE", f"/v1/auth/sessions/{another}", token=token)
    walk.do("POST", "/v1/auth/password/confirm", {"password": PASSWORD}, token)
    change = {"current_password": PASSWORD, "new_password": PASSWORD + " two"}
    walk.do("POST", "/v1/auth/password/change", change, token)
    walk.do("POST", "/v1/auth/password/forgot", {"login": "lin@example.com"})
    reset = {"login": "lin@example.com", "code": _code(walk, "lin@example.com"), "new_password": PASSWORD}
    walk.do("POST", "/v1/auth/password/reset", reset)
    signed = walk.get_ready("POST", "/v1/auth/login", {"login": "lin@example.com", "password": PASSWORD})
    walk.do("POST", "/v1/auth/logout", {"refresh_token": signed["refresh_token"]})


def _code(walk: Walker, to: str) -> str:
    return str(walk.get_ready("GET", f"/v1/sandbox/outbox?to={to}")["data"][0]["code"])


def live(walk: Walker, token: str) -> None:
    """One's own pages."""
    shop = walk.shop
    walk.do("GET", "/v1/me", token=token)
    walk.do("PATCH", "/v1/me", {"name": "Lin"}, token)
    walk.do("PUT", "/v1/me/avatar", {"url": "https://example.com/lin.png"}, token)
    walk.do("DELETE", "/v1/me/avatar", token=token)
    made = walk.do("POST", "/v1/me/addresses", ADDRESS, token)["id"]
    walk.do("GET", "/v1/me/addresses", token=token)
    walk.do("GET", f"/v1/me/addresses/{made}", token=token)
    walk.do("PUT", f"/v1/me/addresses/{made}", {**ADDRESS, "line1": "2 Lake Road"}, token)
    walk.do("PUT", f"/v1/me/addresses/{made}/default", token=token)
    walk.do("DELETE", f"/v1/me/addresses/{made}", token=token)
    _bind(walk, token)
    device = walk.do("POST", "/v1/me/devices", {"platform": "wechat", "name": "Phone"}, token)["id"]
    walk.do("GET", "/v1/me/devices", token=token)
    walk.do("DELETE", f"/v1/me/devices/{device}", token=token)
    for marks in ("favorites", "footprints"):
        walk.do("PUT", f"/v1/me/{marks}/{shop.products[0]}", token=token)
        walk.do("GET", f"/v1/me/{marks}", token=token)
    walk.do("DELETE", f"/v1/me/favorites/{shop.products[0]}", token=token)
    walk.do("DELETE", "/v1/me/footprints", token=token)
    walk.do("GET", "/v1/me/notifications/preferences", token=token)
    walk.do("PUT", "/v1/me/notifications/preferences", {"time_zone": "Asia/Shanghai"}, token)
    walk.do("GET", "/v1/me/points", token=token)
    walk.do("GET", "/v1/me/points/entries", token=token)
    walk.do("GET", "/v1/me/summary", token=token)
    walk.do("GET", "/v1/me/export", token=token)


def _bind(walk: Walker, token: str) -> None:
    def code(purpose: str, **to: str) -> str:
        walk.get_ready("POST", "/v1/auth/sms-codes", {**to, "purpose": purpose}, token)
        return _code(walk, *to.values())

    walk.clock.advance(minutes=2)
    bind = code("bind", phone="13800000009")
    walk.do("PUT", "/v1/me/phone", {"phone": "13800000009", "code": bind}, token)
    bind = code("bind", email="new@example.com")
    walk.do("PUT", "/v1/me/email", {"email": "new@example.com", "code": bind}, token)
    walk.get_ready("POST", "/v1/auth/password/confirm", {"password": PASSWORD}, token)
    walk.do("DELETE", "/v1/me/email", token=token)
    bind = code("bind", email="newer@example.com")
    walk.get_ready("PUT", "/v1/me/email", {"email": "newer@example.com", "code": bind}, token)
    walk.do("DELETE", "/v1/me/phone", token=token)


def papers(name: str, number: str) -> dict[str, Any]:
    return {
        "document_type": "passport",
        "real_name": name,
        "document_number": number,
        "birth_date": "1949-12-31",
        "documents": [{"side": "front", "content": _JPEG}],
    }


def show_papers(walk: Walker, token: str) -> None:
    """Submitted, taken back, and submitted again, for staff to look at."""
    shown = papers("Lin", "E12345678")
    walk.do("POST", "/v1/me/kyc", shown, token)
    walk.do("GET", "/v1/me/kyc", token=token)
    walk.do("POST", "/v1/me/kyc/withdraw", token=token)
    walk.get_ready("POST", "/v1/me/kyc", shown, token)


def fill_cart(walk: Walker, token: str) -> None:
    """A cart of five lines, changed and looked at."""
    skus = walk.shop.skus
    for sku in skus[1:5]:
        walk.get_ready("PUT", f"/v1/cart/items/{sku}", {"quantity": 1}, token)
    walk.do("PUT", f"/v1/cart/items/{skus[0]}", {"quantity": 1}, token)
    walk.do("GET", "/v1/cart", token=token)
    walk.do("POST", "/v1/cart/quote", token=token)
    walk.do("POST", "/v1/cart/select", {"sku_ids": None, "selected": True}, token)
    walk.do("POST", "/v1/cart/merge", {"items": [{"sku_id": skus[5], "quantity": 1}]}, token)
    walk.do("DELETE", f"/v1/cart/items/{skus[5]}", token=token)
    order = {"address_id": walk.shop.address}
    walk.do("POST", "/v1/orders", order, token, note="5 lines from the cart")
    walk.do("DELETE", "/v1/cart", token=token)


def order_of(walk: Walker, lines: int = 1, at: int = 0) -> dict[str, Any]:
    skus = walk.shop.skus[at : at + lines]
    items = [{"sku_id": sku, "quantity": 1} for sku in skus]
    return {"items": items, "address_id": walk.shop.address}


def buy(walk: Walker, token: str) -> str:
    """From the quote to the parcel in hand; answers the order."""
    walk.do("POST", "/v1/orders/quote", order_of(walk, 2), token)
    order = walk.do("POST", "/v1/orders", order_of(walk, 2), token)["id"]
    walk.do("GET", f"/v1/orders/{order}", token=token)
    walk.do("GET", "/v1/orders", token=token)
    walk.do("GET", "/v1/orders/counts", token=token)
    payment = walk.do("POST", f"/v1/orders/{order}/payments", {"provider": "sandbox"}, token)["id"]
    walk.do("GET", f"/v1/payments/{payment}", token=token, note="while it is open")
    called_back(walk, payment)
    walk.do("GET", f"/v1/payments/{payment}", token=token)
    walk.do("POST", f"/v1/orders/{order}/remind", token=token)
    parcel = {"carrier": "SF", "tracking_number": "SF1234567890"}
    walk.do("POST", f"/v1/admin/orders/{order}/shipments", parcel, walk.shop.admin)
    walk.do("POST", f"/v1/orders/{order}/confirm-receipt", token=token)
    walk.do("POST", f"/v1/orders/{order}/rebuy", token=token)
    walk.do("GET", "/v1/me/notifications", token=token)
    walk.do("POST", "/v1/me/notifications/read", token=token)
    walk.do("DELETE", f"/v1/orders/{order}", token=token)
    return str(order)


def called_back(walk: Walker, payment: str, note: str = "") -> None:
    """The provider has the money, and says so."""
    walk.get_ready("POST", f"/v1/sandbox/payments/{payment}/pay", {"deliver": False})
    sandbox = Sandbox()
    told = sandbox.query(system("default"), payment)
    assert told is not None  # noqa: S101 - it was just paid
    raw = sandbox.webhook(told, current().now())
    walk.settle()
    walk.do("POST", "/v1/webhooks/sandbox", raw.body.decode(), more=raw.headers, note=note)


def receive(walk: Walker, token: str) -> None:
    """An order paid and shipped, of which nothing is measured."""
    order = walk.get_ready("POST", "/v1/orders", order_of(walk, 2), token)["id"]
    url = f"/v1/orders/{order}/payments"
    payment = walk.get_ready("POST", url, {"provider": "sandbox"}, token)["id"]
    walk.get_ready("POST", f"/v1/sandbox/payments/{payment}/pay", {})
    url = f"/v1/admin/orders/{order}/shipments"
    walk.get_ready("POST", url, {"carrier": "SF", "tracking_number": "SF1234567890"}, walk.shop.admin)


def change_mind(walk: Walker, token: str) -> None:
    """Orders that come to nothing: given up, given up at the provider, and left to the clock."""

    def placed(at: int) -> str:
        return str(walk.get_ready("POST", "/v1/orders", order_of(walk, 2, at), token)["id"])

    def attempted(order: str) -> str:
        url = f"/v1/orders/{order}/payments"
        return str(walk.get_ready("POST", url, {"provider": "sandbox"}, token)["id"])

    walk.do("POST", f"/v1/orders/{placed(6)}/cancel", token=token)
    left = placed(8)
    walk.do("POST", f"/v1/payments/{attempted(left)}/close", token=token)
    left = placed(10)
    walk.do("POST", f"/v1/sandbox/payments/{attempted(left)}/fail", {})
    paid = attempted(placed(12))
    walk.do("POST", f"/v1/sandbox/payments/{paid}/pay", {})
    walk.do("POST", f"/v1/sandbox/payments/{paid}/dispute", {})
    walk.do("GET", "/v1/sandbox/outbox?to=lin@example.com")


def buy_keys(walk: Walker, token: str, sku: str) -> str:
    """Card keys: delivered in the transaction that records the payment. Answers the order."""
    body = {"items": [{"sku_id": sku, "quantity": 1}]}
    order = walk.do("POST", "/v1/orders", body, token, note="a card key")["id"]
    url = f"/v1/orders/{order}/payments"
    payment = walk.get_ready("POST", url, {"provider": "sandbox"}, token)["id"]
    called_back(walk, payment, "a card key")
    walk.do("GET", "/v1/me/deliveries", token=token)
    walk.do("GET", f"/v1/me/deliveries/{order}", token=token)
    return str(order)
