"""What the tests of exports and deletions stand on."""

import copy
from typing import Any

import pytest

from chalicelib.identity import service as who
from chalicelib.store import client
from chalicelib.store.client import table_name
from chalicelib.tenants import service as tenants
from infra.tools import tenant as tool
from tests.jobs import every_item, stream
from tests.payments.test_paying import forged, webhook
from tests.platform.shops import Acme, opened
from tests.shop import Person, Shop

_first: list[tuple[Acme, Person, list[dict[str, Any]]]] = []


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto reads every segment whole."""
    monkeypatch.setattr(tool, "segments", 1)


@pytest.fixture
def acme(shop: Shop) -> Acme:
    """A shop in which everything has come to rest, beside one whose slug begins alike and one that goes on.

    By hand once; each later test gets the same table again, for it begins at the same hour.
    """
    if not _first:
        acme = _by_hand(shop)
        _first.append((copy.deepcopy(acme), copy.deepcopy(shop.admin), every_item()))
        return acme
    acme, shop._admin, items = copy.deepcopy(_first[0])
    acme.there.clock = shop.clock
    _put_in_place(items)
    who.forget_sessions()
    tenants.forget()
    return acme


def _by_hand(shop: Shop) -> Acme:
    opened(shop, "acme-2")
    shop.sku()
    made = Acme(shop)
    assert webhook(forged(made.payment, tenant="acme")).status == 200
    shipped = {"carrier": "SF", "tracking_number": "1"}
    assert made.boss.post(f"/v1/admin/orders/{made.order}/shipments", shipped).status == 201
    assert made.lin.post(f"/v1/orders/{made.order}/confirm-receipt").status == 200
    stream()
    return made


def _put_in_place(items: list[dict[str, Any]]) -> None:
    """The whole table becomes these items."""
    for item in every_item():
        client.client().delete_item(TableName=table_name(), Key={"pk": item["pk"], "sk": item["sk"]})
    for item in items:
        client.client().put_item(TableName=table_name(), Item=item)
