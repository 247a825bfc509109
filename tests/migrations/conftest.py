"""What the tests of migrations stand on."""

from typing import Any

import pytest

from chalicelib.migrations import starting
from chalicelib.store import rewriting
from tests.jobs import EVENT
from tests.migrations.old_orders import as_it_was, copies, removed_order
from tests.shop import Shop


@pytest.fixture(autouse=True)
def one_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto reads every segment whole."""
    monkeypatch.setattr(starting, "segments", 1)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "PAGE", 4)


@pytest.fixture
def old_orders(shop: Shop) -> list[str]:
    """Six of them, the first with its customer."""
    lin = shop.customer("Lin")
    first = removed_order(shop, lin)
    copies(as_it_was(first), 5)
    return [first]


@pytest.fixture
def run_job() -> Any:
    from chalicelib.migrations import jobs

    return lambda: jobs.migrations(EVENT, None)
