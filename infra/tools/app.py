"""The app, imported without a shop behind it: enough to read what it declares."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.http.app import Souk

ENOUGH = {
    "SOUK_STAGE": "test",
    "SOUK_TABLE": "souk",
    "SOUK_JWT_KEYS": "none:" + "0" * 40,
    "SOUK_SECRET_KEYS": "none:" + "A" * 43,
}


def declared() -> Souk:
    """The app with every operation, job and item it declares. What is set in the environment stays."""
    for name, value in ENOUGH.items():
        os.environ.setdefault(name, value)
    from app import app

    assert app.operations  # noqa: S101 - asking for them imports every domain
    return app
