"""A shop that came to rest, beside others, and a state of it to go back to."""

import pytest

from infra.backup import export, features, s3, shop
from tests.platform.conftest import acme, one_thread

__all__ = ["acme", "one_thread"]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto reads every segment whole, stands no threads, and is ready at once."""
    monkeypatch.setattr(export, "segments", 1)
    monkeypatch.setattr(shop, "threads", 1)
    monkeypatch.setattr(features, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(s3, "POLL_SECONDS", 0.0)
