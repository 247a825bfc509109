"""What these tests do again and again: open a shop, be its admin, be its customer, act for the platform."""

from typing import Any

from tests.jobs import of_kind
from tests.payments.test_paying import attempt
from tests.shop import Answer, Person, Shop, send

URL = "/v1/platform/tenants"
PASSWORD = "correct horse battery"


def wish(slug: str = "acme", **more: Any) -> dict[str, Any]:
    admin = {"login": f"boss@{slug}.example.com", "password": PASSWORD}
    return {"slug": slug, "name": "Acme", "admin": admin, **more}


def opened(shop: Shop, slug: str = "acme", **more: Any) -> dict[str, Any]:
    answer = shop.admin.post(URL, wish(slug, **more))
    assert answer.status == 201, answer.text
    tenant: dict[str, Any] = answer.json
    return tenant


def boss_of(slug: str) -> Person:
    """The first admin of a shop, signed in."""
    login = {"login": f"boss@{slug}.example.com", "password": PASSWORD}
    return _person(send("POST", "/v1/auth/login", login, headers={"x-tenant": slug}))


def customer_of(slug: str, name: str = "lin") -> Person:
    body = {"username": name, "password": PASSWORD}
    return _person(send("POST", "/v1/auth/register", body, headers={"x-tenant": slug}))


def _person(answer: Answer) -> Person:
    assert answer.status in (200, 201), answer.text
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


def suspend(shop: Shop, slug: str = "acme", reason: str = "unpaid bills") -> Answer:
    return shop.admin.post(f"{URL}/{slug}/suspend", {"reason": reason})


def reopen(shop: Shop, slug: str = "acme") -> Answer:
    return shop.admin.post(f"{URL}/{slug}/reopen", {"reason": "paid"})


def patch(shop: Shop, body: Any, slug: str = "acme", headers: dict[str, str] | None = None) -> Answer:
    return shop.admin.patch(f"{URL}/{slug}", body, headers=headers)


def config(headers: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = send("GET", "/v1/config", headers=headers).json
    return answer


def slugs(answer: Answer) -> list[str]:
    return [row["slug"] for row in answer.json["data"]]


class Acme:
    """Another shop, with something for sale and a customer about to pay."""

    def __init__(self, shop: Shop) -> None:
        opened(shop, hosts=["acme.example.com"])
        self.boss, self.lin = boss_of("acme"), customer_of("acme")
        self.there = Shop(shop.clock)
        self.there._admin = self.boss
        self.sku = self.there.sku(stock=5)
        self.order = self.there.order(self.lin, self.sku, 2)["id"]
        self.payment = attempt(self.lin, self.order)

    def status(self) -> str:
        (order,) = of_kind("order")
        return str(order["status"]["S"])

    def stock(self) -> tuple[int, int]:
        (stock,) = of_kind("stock")
        return int(stock["available"]["N"]), int(stock["sold"]["N"])
