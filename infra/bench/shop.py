"""A shop on the emulator to measure: a few hundred products, one customer with many orders."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chalicelib.http.matching import Resources
from infra.local.emulator import Emulator

PRODUCTS = 300
_PASSWORD = "bench correct horse"  # noqa: S105 - of a shop that lives for a minute


class BenchShop:
    """Requests go through the whole app in this process, so that no socket is measured."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._resources = Resources(app.routes)
        self._count = 0

    def send(self, method: str, url: str, body: Any = None, token: str = "", *, tenant: str = "") -> Any:
        """What the shop answers, read from its JSON."""
        more = {"x-tenant": tenant} if tenant else None
        return json.loads(self.ask(method, url, body, token, more)["body"] or "null")

    def ask(
        self, method: str, url: str, body: Any = None, token: str = "", more: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The whole answer, as Lambda would hand it to the gateway, of a request that must succeed."""
        answer = self.answer(method, url, body, token, more)
        assert answer["statusCode"] < 300, f"{method} {url}: {answer['body']}"  # noqa: S101
        return answer

    def answer(
        self, method: str, url: str, body: Any = None, token: str = "", more: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Whatever a request is answered. `more` are headers; text is sent as it is."""
        self._count += 1
        parts = urlsplit(url)
        match = self._resources.match(parts.path)
        assert match is not None, url  # noqa: S101 - the bench asks for what there is
        headers = {
            "content-type": "application/json",
            "idempotency-key": f"bench-{self._count}",
            **(more or {}),
        }
        if token:
            headers["authorization"] = f"Bearer {token}"
        query = {name: [value] for name, value in parse_qsl(parts.query)}
        sent = body if body is None or isinstance(body, str) else json.dumps(body)
        answer: dict[str, Any] = self._app(
            {
                "path": parts.path,
                "headers": headers,
                "multiValueQueryStringParameters": query or None,
                "pathParameters": match.parameters or None,
                "stageVariables": None,
                "requestContext": {
                    "httpMethod": method,
                    "resourcePath": match.resource,
                    "identity": {"sourceIp": "127.0.0.1"},
                },
                "body": sent,
                "isBase64Encoded": False,
            },
            None,
        )
        return answer

    def resource(self, url: str) -> str:
        """The path of the route that serves this address."""
        match = self._resources.match(urlsplit(url).path)
        return "" if match is None else match.resource

    def sign_in(self) -> str:
        """As the first admin, who is the platform's owner too."""
        admin = {"login": "admin@souk.test", "password": "souk-local-admin"}
        self.admin = str(self.send("POST", "/v1/auth/login", admin)["access_token"])
        return self.admin

    def stock_up(self, products: int = PRODUCTS) -> None:
        """Sign in, register, import so many products."""
        self.sign_in()
        customer = {"email": "bench@example.com", "password": _PASSWORD}
        self.customer = self.send("POST", "/v1/auth/register", customer)["access_token"]
        rows = [
            {
                "id": str(number),
                "title": f"Product {number}",
                "brief": "Something to measure",
                "on_sale": 1,
                "skus": [{"id": f"s{number}", "price": 1000 + number, "stock": 100_000}],
            }
            for number in range(products)
        ]
        for start in range(0, products, 100):
            self.send(
                "POST", "/v1/admin/products/import", {"products": rows[start : start + 100]}, self.admin
            )
        page = self.send("GET", "/v1/products?limit=20")
        self.products = [row["id"] for row in page["data"]]
        self.skus = [row["skus"][0]["id"] for row in page["data"]]
        self.address = self.send(
            "POST",
            "/v1/me/addresses",
            {
                "recipient": "Bench",
                "phone": "13800000000",
                "country": "CN",
                "province": "Zhejiang",
                "city": "Hangzhou",
                "district": "Xihu",
                "line1": "1 Lake Road",
            },
            self.customer,
        )["id"]


@contextmanager
def open_shop() -> Iterator[BenchShop]:
    """The emulator, an empty table, the app, and the shop stocked up."""
    with emulated("souk-bench") as shop:
        shop.stock_up()
        yield shop


@contextmanager
def emulated(table: str) -> Iterator[BenchShop]:
    """The emulator, an empty table, the app in this process, and its first admin. Sets this process's environment."""
    with Emulator() as emulator:
        os.environ.update(
            AWS_ENDPOINT_URL_DYNAMODB=emulator.endpoint,
            AWS_ACCESS_KEY_ID="bench",
            AWS_SECRET_ACCESS_KEY="bench",  # noqa: S106
            AWS_DEFAULT_REGION="us-east-1",
            SOUK_STAGE="local",
            SOUK_TABLE=table,
            SOUK_SANDBOX="on",
            SOUK_JWT_KEYS="b:" + "k" * 40,
            SOUK_SECRET_KEYS="b:" + base64.urlsafe_b64encode(b"0" * 32).decode(),
            SOUK_IP_LIMIT_FACTOR="1000",
            SOUK_MOST_OPEN_ORDERS="100000",
            SOUK_MOST_RESERVED_UNITS="100000",
            SOUK_LOG_LEVEL="ERROR",
        )
        from app import app
        from chalicelib.identity import bootstrap
        from chalicelib.store import client
        from infra.local.template import create_table

        create_table(client.client(), table)
        bootstrap.ensure_first_admin()
        yield BenchShop(app)
