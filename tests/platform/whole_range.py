"""A shop's key range, seen from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.store import client
from tests.jobs import every_item
from tests.platform.shops import suspend
from tests.shop import Shop


def suspended_for_good(shop: Shop) -> None:
    assert suspend(shop).status == 200
    shop.clock.advance(minutes=2)


def of_tenant(slug: str) -> list[dict[str, Any]]:
    return [item for item in every_item() if item["pk"]["S"].startswith(f"{slug}#")]


@contextmanager
def pages_of(count: int) -> Iterator[None]:
    """As if a MB held that few items."""

    def limited(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**params, "Limit": count}

    events = client.client().meta.events
    events.register("provide-client-params.dynamodb.Scan", limited)
    try:
        yield
    finally:
        events.unregister("provide-client-params.dynamodb.Scan", limited)
