"""What people do in a shop, by chance: buyers who pay, leave, cancel, repeat; staff who ship and fill up."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from infra.bench.shop import BenchShop

PRODUCTS, SCARCE_STOCK = 6, 5
_PASSWORD = "soak correct horse"  # noqa: S105 - of shops that live for a while
_TRIES = 8
_BUSY = (429, 503)
_BUSINESS = frozenset(
    {"out_of_stock", "order_state", "too_many_open_orders", "too_many_reserved", "charge_state"}
)
"""Refusals that a rush brings; any other is a failure."""
_ADDRESS = {
    "recipient": "Soak",
    "phone": "13800000000",
    "country": "CN",
    "province": "Zhejiang",
    "city": "Hangzhou",
    "district": "Xihu",
    "line1": "1 Lake Road",
}


class Refused(Exception):
    """The shop said no for a reason of business: the story ends here."""


@dataclass(slots=True)
class Tally:
    """What came of the requests of one process."""

    outcomes: Counter[str] = field(default_factory=Counter)
    milliseconds: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    replays: int = 0


class Client:
    """Somebody's program: repeats what was not answered, with the same key, and now and then what was."""

    def __init__(self, app: BenchShop, tally: Tally, chance: random.Random, token: str = "") -> None:
        self._app, self._tally, self._chance, self.token = app, tally, chance, token

    def ask(self, method: str, url: str, body: Any = None) -> Any:
        """The answer. Raises Refused."""
        key = uuid.uuid4().hex
        for _ in range(_TRIES):
            began = time.perf_counter()
            status, text = self._send(method, url, body, key)
            self._tally.milliseconds.append(int((time.perf_counter() - began) * 1000))
            if status not in _BUSY:
                break
            self._tally.outcomes["busy, repeated"] += 1
            time.sleep(0.05 * self._chance.random())
        answer = json.loads(text or "null")
        self._count(status, answer, f"{method} {url}")
        if status < 300 and method == "POST" and url.startswith("/v1/orders") and self._chance.random() < 0.2:
            self._again(method, url, body, key, text)
        return answer

    def _send(self, method: str, url: str, body: Any, key: str) -> tuple[int, str]:
        answer = self._app.answer(method, url, body, self.token, {"idempotency-key": key})
        return int(answer["statusCode"]), str(answer["body"] or "")

    def _count(self, status: int, answer: Any, what: str) -> None:
        if status < 300:
            self._tally.outcomes["done"] += 1
            return
        code = (answer or {}).get("code", "")
        if code in _BUSINESS:
            self._tally.outcomes[code] += 1
        else:
            self._tally.outcomes["FAILED"] += 1
            self._tally.failures.append(f"{what}: {status} {json.dumps(answer)[:300]}")
        raise Refused(code)

    def _again(self, method: str, url: str, body: Any, key: str, text: str) -> None:
        """A nervous client: the same request once more is the same answer."""
        status, again = self._send(method, url, body, key)
        self._tally.replays += 1
        if status not in _BUSY and again != text:
            self._tally.outcomes["FAILED"] += 1
            self._tally.failures.append(
                f"{method} {url}: a repetition was answered with {status} {again[:200]}"
            )


class Staff(Client):
    """Signs in again before the token runs out."""

    _signed_in_at = 0.0

    def ask(self, method: str, url: str, body: Any = None) -> Any:
        if time.monotonic() - self._signed_in_at > 300:
            self.token = ""
            self._signed_in_at = time.monotonic()
            admin = {"login": "admin@souk.test", "password": "souk-local-admin"}
            self.token = super().ask("POST", "/v1/auth/login", admin)["access_token"]
        return super().ask(method, url, body)

    def stock_up(self) -> list[str]:
        """Products of goods, one of them scarce, and one of card keys; answers the SKUs."""
        kinds = ["physical"] * PRODUCTS + ["card_key"]
        return [self._product(number, kind) for number, kind in enumerate(kinds)]

    def _product(self, number: int, kind: str) -> str:
        stock = {} if kind == "card_key" else {"stock": SCARCE_STOCK if number == 0 else 100_000}
        sku = {"price": {"amount": 1000 + number, "currency": "CNY"}, "attributes": {}, **stock}
        wish = {"title": f"Soak {number}", "kind": kind, "skus": [sku]}
        made = self.ask("POST", "/v1/admin/products", wish)
        self.ask("POST", f"/v1/admin/products/{made['id']}/publish", {})
        return str(made["skus"][0]["id"])

    def fill_up(self, skus: list[str]) -> None:
        keys = [uuid.uuid4().hex for _ in range(20)]
        self.ask("POST", "/v1/admin/card-keys", {"sku_id": skus[-1], "keys": keys})
        more = {"delta": SCARCE_STOCK, "reason": "the soak fills up"}
        self.ask("POST", f"/v1/admin/skus/{skus[0]}/stock-adjustments", more)


class Round:
    """One customer from the door to the end of one order."""

    def __init__(
        self, app: BenchShop, tally: Tally, chance: random.Random, staff: Staff, skus: list[str]
    ) -> None:
        self._me = Client(app, tally, chance)
        self._staff, self._skus, self._chance = staff, skus, chance

    def walk(self) -> None:
        """Raises Refused where the story ends early."""
        wish = {"username": f"soak{uuid.uuid4().hex[:12]}", "password": _PASSWORD}
        self._me.token = self._me.ask("POST", "/v1/auth/register", wish)["access_token"]
        page = self._me.ask("GET", "/v1/products?limit=5")
        self._me.ask("GET", f"/v1/products/{page['data'][0]['id']}")
        address = self._me.ask("POST", "/v1/me/addresses", _ADDRESS)["id"]
        sku = self._chance.choice(self._skus)
        self._me.ask("PUT", f"/v1/cart/items/{sku}", {"quantity": 1})
        self._me.ask("GET", "/v1/cart")
        order = self._me.ask("POST", "/v1/orders", {"address_id": address})
        end = self._chance.choice((self._leave, self._cancel, self._pay, self._pay, self._receive))
        end(order["id"])
        for url in ("/v1/orders", f"/v1/orders/{order['id']}", "/v1/me/notifications", "/v1/me/summary"):
            self._me.ask("GET", url)

    def _leave(self, order: str) -> None:
        """It will be closed by the clock."""

    def _cancel(self, order: str) -> None:
        self._me.ask("POST", f"/v1/orders/{order}/cancel", {})

    def _pay(self, order: str) -> None:
        payment = self._me.ask("POST", f"/v1/orders/{order}/payments", {"provider": "sandbox"})
        self._me.ask("POST", f"/v1/sandbox/payments/{payment['id']}/pay", {})

    def _receive(self, order: str) -> None:
        self._pay(order)
        if self._me.ask("GET", f"/v1/orders/{order}")["status"] == "paid":
            parcel = {"carrier": "SF", "tracking_number": uuid.uuid4().hex[:10]}
            self._staff.ask("POST", f"/v1/admin/orders/{order}/shipments", parcel)
            self._me.ask("POST", f"/v1/orders/{order}/confirm-receipt", {})
