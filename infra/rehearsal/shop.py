"""Somebody who uses the deployed shop through its gateway."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.deploy import smoke

_PAUSE_SECONDS = 0.5


class Surprise(RuntimeError):
    """The shop did not answer as it should. The message says what was asked and what came."""


@dataclass(slots=True)
class Caller:
    base: str
    token: str = ""
    request_id: str = ""
    """Of the last answer."""

    def ask(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        """Raises Surprise. Every POST is a new intention."""
        headers = {"Content-Type": "application/json", "X-Tenant": "default"}
        if method == "POST":
            headers["Idempotency-Key"] = secrets.token_hex(8)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body).encode()
        answer = smoke.ask(f"{self.base}{path}", method, headers, sent)
        self.request_id = answer.headers.get("x-request-id", "")
        if answer.status != expect:
            text = answer.body[:400].decode(errors="replace")
            raise Surprise(f"{method} {path} answered {answer.status}, not {expect}: {text}")
        return json.loads(answer.body or b"null")

    def wait_for(self, path: str, holds: Callable[[Any], bool], what: str, seconds: float) -> Any:
        """Ask until it `holds`. Raises Surprise after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.ask("GET", path)
            if holds(found):
                return found
            if time.monotonic() > deadline:
                raise Surprise(
                    f"waited {seconds:.0f} s for {what}; GET {path} says {json.dumps(found)[:400]}"
                )
            time.sleep(_PAUSE_SECONDS)


def customer(base: str) -> Caller:
    newcomer = Caller(base)
    account = {
        "email": f"rehearsal-{secrets.token_hex(5)}@example.com",
        "password": secrets.token_urlsafe(12),
        "name": "Lin",
    }
    newcomer.token = newcomer.ask("POST", "/v1/auth/register", account, 201)["access_token"]
    return newcomer


def clerk(base: str, login: str, password: str) -> Caller:
    found = Caller(base)
    found.token = found.ask("POST", "/v1/auth/login", {"login": login, "password": password})["access_token"]
    return found


def product(staff: Caller, kind: str, stock: int) -> str:
    """A published product with one SKU; its SKU's id."""
    body = {
        "title": f"Rehearsal {kind}",
        "kind": kind,
        "skus": [{"price": {"amount": 1990, "currency": "CNY"}, "attributes": {}, "stock": stock}],
    }
    made = staff.ask("POST", "/v1/admin/products", body, 201)
    staff.ask("POST", f"/v1/admin/products/{made['id']}/publish")
    sku_id: str = made["skus"][0]["id"]
    return sku_id


def address(buyer: Caller) -> str:
    body = {
        "recipient": "Lin",
        "phone": "13800000000",
        "country": "CN",
        "province": "Zhejiang",
        "city": "Hangzhou",
        "district": "Xihu",
        "line1": "1 Lake Road",
    }
    return str(buyer.ask("POST", "/v1/me/addresses", body, 201)["id"])


def order(buyer: Caller, sku_id: str, address_id: str = "", quantity: int = 1) -> str:
    body: dict[str, Any] = {"items": [{"sku_id": sku_id, "quantity": quantity}]}
    if address_id:
        body["address_id"] = address_id
    return str(buyer.ask("POST", "/v1/orders", body, 201)["id"])
