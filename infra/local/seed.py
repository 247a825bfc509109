"""The demo shop: what a first `make run` loads, through the API as a shop's own staff would."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from infra.local.progress import Progress

CATALOGUE = Path(__file__).with_name("demo_catalogue.json")
_CARD_KEYS = 60


class SeedFailed(RuntimeError):
    """The API refused a piece of the demo data. The message names it."""


def call(base_url: str, method: str, path: str, body: Any = None, token: str = "") -> Any:
    """One JSON request to the running shop. Raises SeedFailed with the problem's own words."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback server
        base_url + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise SeedFailed(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from None


def load_once(base_url: str) -> bool:
    """Load the demo catalogue and its card keys once; answers whether it did.

    Every piece may be loaded twice without effect, so a load that was cut off simply runs again at the next start.
    """
    done = Path(os.environ.get("SOUK_DATA") or ".souk-data") / "demo-loaded"
    if done.exists():
        return False
    login = os.environ.get("SOUK_ADMIN_LOGIN", "admin@souk.test")
    password = os.environ.get("SOUK_ADMIN_PASSWORD", "souk-local-admin")
    token = call(base_url, "POST", "/v1/auth/login", {"login": login, "password": password})["access_token"]
    catalogue = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    products = catalogue["products"]
    progress = Progress("Loading demo data", len(products))
    for start in range(0, len(products), 10):
        part = {**catalogue, "products": products[start : start + 10]}
        report = call(base_url, "POST", "/v1/admin/products/import", part, token)
        if report["problems"]:
            raise SeedFailed(f"demo catalogue: {report['problems'][0]}")
        progress.advance(len(part["products"]))
    for product in call(base_url, "GET", "/v1/products?kind=card_key&limit=100")["data"]:
        for sku in product["skus"]:
            keys = [f"{sku['id'][-4:]}-{number:04d}-DEMO" for number in range(1, _CARD_KEYS + 1)]
            call(base_url, "POST", "/v1/admin/card-keys", {"sku_id": sku["id"], "keys": keys}, token)
    progress.done()
    done.write_text("The demo data was loaded. Remove this file to load it again.\n", encoding="utf-8")
    return True
