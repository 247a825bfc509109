"""The first half of the walk: from the door to a paid order, and to card keys in hand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from infra.demo.caller import Caller, Walk, check
from infra.demo.screen import in_words, money

CALLBACKS = 3
_ENOUGH = 3
"""Units the walk needs of one SKU: two for the first order, one for the order that is left unpaid."""
_DELIVERY = 20
_ADDRESS = {
    "recipient": "Lin",
    "phone": "13800000000",
    "country": "CN",
    "province": "Zhejiang",
    "city": "Hangzhou",
    "district": "Xihu",
    "line1": "1 Lake Road",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the walk buys: a SKU with units enough, and the one with the fewest, to run out of."""

    sku_id: str
    scarce_sku_id: str


def come_in(walk: Walk, clerk_login: str, clerk_password: str) -> tuple[Caller, Caller]:
    """A new customer, and a clerk of the shop."""
    walk.screen.step("A customer registers, and a clerk signs in")
    customer, clerk = Caller(walk), Caller(walk)
    newcomer = {
        "email": f"demo-{secrets.token_hex(5)}@example.com",
        "password": secrets.token_urlsafe(12),
        "name": "Lin",
    }
    welcome = customer.ask("POST", "/v1/auth/register", newcomer, expect=201, show=["user.id"])
    login = {"login": clerk_login, "password": clerk_password}
    hello = clerk.ask("POST", "/v1/auth/login", login, show=["user.roles"])
    customer.token, clerk.token = welcome.json["access_token"], hello.json["access_token"]
    return customer, clerk


def browse(customer: Caller, clerk: Caller) -> Shelf:
    screen = customer.walk.screen
    screen.step("Browse: what is new, what is cheap, one product, and how many there are")
    screen.say(_titles(customer.ask("GET", "/v1/products?limit=3").json["data"]))
    wanted = "/v1/products?kind=physical&max_price=20000&sort=price_asc&limit=50"
    found = customer.ask("GET", wanted).json["data"]
    screen.say(_titles(found))
    stock = _stock(customer, [sku["id"] for product in found for sku in product["skus"]])
    scarce, plenty = min(stock, key=stock.__getitem__), max(stock, key=stock.__getitem__)
    if stock[plenty] < _ENOUGH:
        screen.say("The shelves are empty: the clerk fills one.")
        more = {"delta": _DELIVERY, "reason": "demo"}
        clerk.ask("POST", f"/v1/admin/skus/{plenty}/stock-adjustments", more, expect=201, show=["available"])
    product_id = next(one["id"] for one in found if any(sku["id"] == plenty for sku in one["skus"]))
    customer.ask("GET", f"/v1/products/{product_id}", show=["title", "skus.0.price", "skus.0.available"])
    return Shelf(plenty, scarce)


def _titles(products: list[dict[str, Any]], most: int = 3) -> str:
    shown = [f"{product['title']} {money(product['price'])}" for product in products[:most]]
    return " | ".join(shown) + (f" | and {len(products) - most} more" if len(products) > most else "")


def _stock(customer: Caller, sku_ids: list[str]) -> dict[str, int]:
    """Units available of each SKU."""
    check(bool(sku_ids), "there is nothing to buy here: the walk needs the demo data of a fresh `make run`")
    listed = customer.ask("POST", "/v1/skus/stock", {"sku_ids": sku_ids[:100]}).json["data"]
    return {stock["sku_id"]: stock["available"] for stock in listed}


def fill_cart(customer: Caller, sku_id: str) -> None:
    customer.walk.screen.step("Put two into the cart")
    customer.ask("PUT", f"/v1/cart/items/{sku_id}", {"quantity": 2}, show=["totals.payable"])
    customer.ask("GET", "/v1/cart", show=["items.0.title", "items.0.line_total", "totals.payable"])


def order_cart(customer: Caller) -> tuple[str, str]:
    """An order of the cart, quoted before and asked for twice; answers its id and the address it goes to."""
    screen = customer.walk.screen
    screen.step("Say where to, and ask what it costs")
    address_id = customer.ask("POST", "/v1/me/addresses", _ADDRESS, expect=201, show=["id"]).json["id"]
    body = {"address_id": address_id}
    quoted = ["totals.items", "totals.shipping", "totals.payable"]
    quote = customer.ask("POST", "/v1/orders/quote", body, show=quoted).json
    for rule in quote["rules"]:
        screen.say(f"rule {rule['rule']}: {rule['outcome']}, {rule['reason']}, {money(rule['amount'])}")

    screen.step("Place the order; a nervous client sends the same request again")
    key = secrets.token_hex(8)
    shown = ["id", "number", "status"]
    first = customer.ask("POST", "/v1/orders", body, expect=201, show=shown, key=key)
    again = customer.ask("POST", "/v1/orders", body, expect=201, show=shown, key=key)
    check(again.is_replayed, "the repeat was not marked as Idempotent-Replayed")
    check(again.text == first.text, "the repeat was answered with other bytes")
    screen.say(f"One order, the same {len(first.text.encode())} bytes twice.")
    check(first.json["totals"] == quote["totals"], "the order costs another amount than the quote said")
    return str(first.json["id"]), str(address_id)


def pay(customer: Caller, order_id: str, *, callbacks: int = CALLBACKS) -> str:
    """Pay at the sandbox, which tells the shop `callbacks` times; answers the order's status."""
    sandbox = {"provider": "sandbox"}
    path = f"/v1/orders/{order_id}/payments"
    payment = customer.ask("POST", path, sandbox, expect=201, show=["id", "status", "amount"]).json
    told = {"times": callbacks}
    customer.ask("POST", f"/v1/sandbox/payments/{payment['id']}/pay", told, show=["charge", "callbacks"])
    order = customer.ask("GET", f"/v1/orders/{order_id}", show=["status", "paid_at"]).json
    moves = [move["event"] for move in order["timeline"]]
    check(moves.count("pay") == 1, f"{callbacks} callbacks had {moves.count('pay')} effects: {moves}")
    customer.walk.screen.say(f"{callbacks} signed callbacks, one effect: {' → '.join(moves)}")
    return str(order["status"])


def pay_order(customer: Caller, order_id: str, since: int) -> None:
    """Pay the first order; `since` is where its requests began."""
    walk = customer.walk
    walk.screen.step(f"Pay at the sandbox, whose webhook comes {CALLBACKS} times")
    status = pay(customer, order_id)
    check(status == "paid", f"the order is {status}, not paid")
    walk.screen.say(f"From the cart to paid, the answers above: {in_words(walk.spent(since))}.")


def buy_card_keys(customer: Caller, clerk: Caller) -> None:
    screen = customer.walk.screen
    screen.step("Buy two card keys: delivered with the payment, in the same transaction")
    found = customer.ask("GET", "/v1/products?kind=card_key&limit=50").json["data"]
    screen.say(_titles(found))
    stock = _stock(customer, [sku["id"] for product in found for sku in product["skus"]])
    sku_id = max(stock, key=stock.__getitem__)
    if stock[sku_id] < _ENOUGH:
        screen.say("The keys have run out: the clerk imports some.")
        keys = [f"DEMO-{secrets.token_hex(6)}" for _ in range(_DELIVERY)]
        more = {"sku_id": sku_id, "keys": keys}
        clerk.ask("POST", "/v1/admin/card-keys", more, expect=201, show=["imported"])
    wish = {"items": [{"sku_id": sku_id, "quantity": 2}]}
    shown = ["id", "status", "totals.payable"]
    order_id = customer.ask("POST", "/v1/orders", wish, expect=201, show=shown).json["id"]
    status = pay(customer, order_id)
    check(status == "completed", f"the order of card keys is {status}, not completed")
    delivery = customer.ask("GET", f"/v1/me/deliveries/{order_id}", show=["delivered_at"]).json
    keys = [key for line in delivery["items"] for key in line["keys"]]
    check(len(keys) == 2, f"{len(keys)} keys were delivered, 2 were paid")
    for key in keys:
        screen.say(f"card key  {key}")
