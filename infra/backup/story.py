"""What the drill fills a table with: shops that sold something, through the app itself."""

from __future__ import annotations

from typing import Any

from infra.bench.shop import BenchShop

_PASSWORD = "drill correct horse"  # noqa: S105 - of shops that live for a minute
_ADDRESS = {
    "recipient": "Drill",
    "phone": "13800000000",
    "country": "CN",
    "province": "Zhejiang",
    "city": "Hangzhou",
    "district": "Xihu",
    "line1": "1 Lake Road",
}


class Story:
    """One shop, its admin, its customers: `open` it, then `trade`."""

    def __init__(self, app: BenchShop, slug: str, platform: str) -> None:
        self._app = app
        self.slug = slug
        wish = {
            "slug": slug,
            "name": slug.title(),
            "admin": {"login": f"boss@{slug}.example.com", "password": _PASSWORD},
        }
        app.send("POST", "/v1/platform/tenants", wish, platform)
        self._boss = self._entered(
            "/v1/auth/login", {"login": f"boss@{slug}.example.com", "password": _PASSWORD}
        )
        self._people = 0

    def _entered(self, url: str, body: dict[str, Any]) -> str:
        return str(self._app.send("POST", url, body, tenant=self.slug)["access_token"])

    def _ask(self, method: str, url: str, body: Any = None, *, boss: bool = False) -> Any:
        return self._app.send(method, url, body, self._boss if boss else self._customer)

    def stock_up(self, products: int) -> None:
        self._skus = []
        for number in range(products):
            body = {
                "title": f"Cup {number}",
                "kind": "physical",
                "skus": [
                    {"price": {"amount": 1000 + number, "currency": "CNY"}, "attributes": {}, "stock": 10_000}
                ],
            }
            made = self._ask("POST", "/v1/admin/products", body, boss=True)
            self._ask("POST", f"/v1/admin/products/{made['id']}/publish", {}, boss=True)
            self._skus.append(made["skus"][0]["id"])

    def trade(self, orders: int) -> None:
        """Each customer places five orders: one stays unpaid, one is cancelled, three are paid, one of them shipped."""
        for number in range(orders):
            if number % 5 == 0:
                self._new_customer()
            line = {"sku_id": self._skus[number % len(self._skus)], "quantity": 1 + number % 3}
            order = self._ask("POST", "/v1/orders", {"items": [line], "address_id": self._address})
            self._go_on(order["id"], number % 5)

    def _go_on(self, order: str, how: int) -> None:
        if how == 0:
            return
        if how == 1:
            self._ask("POST", f"/v1/orders/{order}/cancel", {})
            return
        payment = self._ask("POST", f"/v1/orders/{order}/payments", {"provider": "sandbox"})
        self._ask("POST", f"/v1/sandbox/payments/{payment['id']}/pay", {})
        if how == 2:
            parcel = {"carrier": "SF", "tracking_number": "1"}
            self._ask("POST", f"/v1/admin/orders/{order}/shipments", parcel, boss=True)

    def _new_customer(self) -> None:
        self._people += 1
        login = {"username": f"drill{self._people}", "password": _PASSWORD}
        self._customer = self._entered("/v1/auth/register", login)
        self._address = self._ask("POST", "/v1/me/addresses", _ADDRESS)["id"]
