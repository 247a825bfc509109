"""What the tests of exports and deletions stand on."""

import pytest

from infra.tools import tenant as tool
from tests.jobs import stream
from tests.payments.test_paying import forged, webhook
from tests.platform.shops import Acme, opened
from tests.shop import Shop


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto reads every segment whole."""
    monkeypatch.setattr(tool, "segments", 1)


@pytest.fixture
def acme(shop: Shop) -> Acme:
    """A shop in which everything has come to rest, beside one whose slug begins alike and one that goes on."""
    opened(shop, "acme-2")
    shop.sku()
    made = Acme(shop)
    assert webhook(forged(made.payment, tenant="acme")).status == 200
    shipped = {"carrier": "SF", "tracking_number": "1"}
    assert made.boss.post(f"/v1/admin/orders/{made.order}/shipments", shipped).status == 201
    assert made.lin.post(f"/v1/orders/{made.order}/confirm-receipt").status == 200
    stream()
    return made
