"""The shop's own builders: what a test would do by hand, through the public face."""

import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from chalicelib.core import clock as clocks
from chalicelib.core import remembering
from chalicelib.core.settings import settings
from chalicelib.http.matching import Resources
from tests.permitted import running_as

_keys = itertools.count(1)


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The problem code of a refusal."""
        return str(self.json["code"])


@contextmanager
def configured(**settings_by_name: str) -> Iterator[None]:
    """The shop under other settings, for the length of a block."""
    before = {name: os.environ.get(name) for name in settings_by_name}
    os.environ.update(settings_by_name)
    settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        settings.cache_clear()


@cache
def _resources(app: Any) -> Resources:
    return Resources(app.routes)


def send(
    method: str,
    url: str,
    body: Any = None,
    *,
    token: str = "",
    headers: dict[str, str] | None = None,
    raw: bytes | None = None,
    ip: str = "203.0.113.7",
) -> Answer:
    """One HTTP event through the whole app, as API Gateway would send it."""
    from app import app

    parts = urlsplit(url)
    sent = {"content-type": "application/json", **(headers or {})}
    if token:
        sent["authorization"] = f"Bearer {token}"
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    match = _resources(app).match(parts.path)
    if match is None:
        return Answer(404, {}, json.dumps({"code": "not_found", "status": 404}))
    content = raw if raw is not None else (json.dumps(body).encode() if body is not None else b"")
    event = {
        "httpMethod": method,
        "path": parts.path,
        "resource": match.resource,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": match.parameters or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": match.resource,
            "path": parts.path,
            "requestId": "",
            "stage": "api",
            "identity": {"sourceIp": ip},
        },
        "body": content.decode("utf-8", "surrogateescape") if content else None,
        "isBase64Encoded": False,
    }
    with running_as("api"):
        answer = app(event, None)
    flat = {name.lower(): str(value) for name, value in answer.get("headers", {}).items()}
    return Answer(answer["statusCode"], flat, answer["body"])


@dataclass
class Person:
    """Somebody with a token. `get`, `post`, `put`, `delete` speak as them; POST carries a new idempotency key."""

    user: dict[str, Any]
    access_token: str
    refresh_token: str
    minted_at: datetime = field(default_factory=lambda: clocks.current().now())

    @property
    def token(self) -> str:
        """The access token, refreshed when it has grown old, as a client would."""
        now = clocks.current().now()
        if abs((now - self.minted_at).total_seconds()) > 600:
            fresh = send("POST", "/v1/auth/refresh", {"refresh_token": self.refresh_token})
            assert fresh.status == 200, fresh.text
            self.access_token, self.refresh_token = fresh.json["access_token"], fresh.json["refresh_token"]
            self.minted_at = now
        return self.access_token

    @property
    def id(self) -> str:
        return str(self.user["id"])

    def get(self, url: str, **kw: Any) -> Answer:
        return send("GET", url, token=self.token, **kw)

    def put(self, url: str, body: Any = None, **kw: Any) -> Answer:
        return send("PUT", url, body, token=self.token, **kw)

    def patch(self, url: str, body: Any = None, **kw: Any) -> Answer:
        return send("PATCH", url, body, token=self.token, **kw)

    def delete(self, url: str, **kw: Any) -> Answer:
        return send("DELETE", url, token=self.token, **kw)

    def post(self, url: str, body: Any = None, *, key: str | None = None, **kw: Any) -> Answer:
        headers = {"idempotency-key": key or f"test-key-{next(_keys)}", **kw.pop("headers", {})}
        return send("POST", url, {} if body is None else body, token=self.token, headers=headers, **kw)


class Shop:
    def __init__(self, clock: clocks.SetClock) -> None:
        self.clock = clock
        self._people = itertools.count(1)
        self._admin: Person | None = None

    @classmethod
    def open(cls, clock: clocks.SetClock) -> Self:
        from chalicelib.identity import bootstrap

        shop = cls.opened(clock)
        bootstrap.ensure_first_admin()
        return shop

    @classmethod
    def opened(cls, clock: clocks.SetClock) -> Self:
        """A shop whose table is as the first start left it, to a process that knows nothing of it yet."""
        from chalicelib.identity import service
        from chalicelib.migrations import fit
        from chalicelib.tenants import service as tenants

        service.forget_sessions()
        fit.forget()
        tenants.forget()
        remembering.forget_all()
        return cls(clock)

    @property
    def admin(self) -> Person:
        if self._admin is None:
            self._admin = self.sign_in("admin@souk.test", "souk-local-admin")
        return self._admin

    def sign_in(self, login: str, password: str) -> Person:
        answer = send("POST", "/v1/auth/login", {"login": login, "password": password})
        assert answer.status == 200, answer.text
        return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])

    def customer(self, name: str = "Lin") -> Person:
        """A newly registered customer (no request limit: each comes from an address of their own)."""
        n = next(self._people)
        answer = send(
            "POST",
            "/v1/auth/register",
            {"email": f"customer{n}@example.com", "password": "correct horse battery", "name": name},
            ip=f"198.51.{n // 250}.{n % 250 + 1}",
        )
        assert answer.status == 201, answer.text
        return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])

    def product(
        self, *, stock: int = 10, price: int = 1999, kind: str = "physical", skus: int = 1, **more: Any
    ) -> dict[str, Any]:
        """A published product; `stock` units of each of its SKUs (card keys are imported instead)."""
        body = {
            "title": more.pop("title", "A cup"),
            "kind": kind,
            "skus": [
                {
                    "price": {"amount": price, "currency": "CNY"},
                    "attributes": {"size": str(n)},
                    **({"stock": stock} if kind == "physical" else {}),
                }
                for n in range(skus)
            ],
            **more,
        }
        made = self.admin.post("/v1/admin/products", body)
        assert made.status == 201, made.text
        product_id = made.json["id"]
        published = self.admin.post(f"/v1/admin/products/{product_id}/publish")
        assert published.status == 200, published.text
        product: dict[str, Any] = published.json
        if kind == "card_key" and stock:
            for sku in product["skus"]:
                keys = [f"KEY-{sku['id'][-6:]}-{n:04d}" for n in range(stock)]
                imported = self.admin.post("/v1/admin/card-keys", {"sku_id": sku["id"], "keys": keys})
                assert imported.status == 201, imported.text
        return product

    def sku(self, **kw: Any) -> str:
        return str(self.product(**kw)["skus"][0]["id"])

    def stock(self, sku_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = send("GET", f"/v1/skus/{sku_id}/stock").json
        return answer

    def address(self, person: Person) -> str:
        answer = person.post(
            "/v1/me/addresses",
            {
                "recipient": "Lin",
                "phone": "13800000000",
                "country": "CN",
                "province": "Zhejiang",
                "city": "Hangzhou",
                "district": "Xihu",
                "line1": "1 Lake Road",
            },
        )
        assert answer.status == 201, answer.text
        return str(answer.json["id"])

    def order(self, person: Person, sku_id: str, quantity: int = 1, **kw: Any) -> dict[str, Any]:
        """A placed, unpaid order for one SKU, shipped to a new address."""
        body = {"items": [{"sku_id": sku_id, "quantity": quantity}], "address_id": self.address(person), **kw}
        answer = person.post("/v1/orders", body)
        assert answer.status == 201, answer.text
        order: dict[str, Any] = answer.json
        return order
