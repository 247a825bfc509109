"""One table per test, a clock that stands still, and a shop to talk to: on moto, or on the emulator for races."""

import base64
import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

os.environ.update(
    SOUK_STAGE="test",
    SOUK_TABLE="souk-test",
    SOUK_JWT_KEYS="t1:" + "k" * 40,
    SOUK_SECRET_KEYS="s1:" + base64.urlsafe_b64encode(b"0" * 32).decode(),
    SOUK_SANDBOX="on",
    SOUK_PASSWORD_MEMORY_KIB="64",
    SOUK_LOG_LEVEL="ERROR",
    SOUK_ADMIN_LOGIN="admin@souk.test",
    SOUK_ADMIN_PASSWORD="souk-local-admin",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
)
os.environ.pop("AWS_ENDPOINT_URL_DYNAMODB", None)

from moto import mock_aws

from chalicelib.core import clock as clocks
from chalicelib.core.settings import settings
from chalicelib.store import client, timers
from infra.local.emulator import Emulator
from infra.local.template import create_table
from tests.shop import Shop

pytest_plugins = ["infra.tools.recorder"]

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_tables = itertools.count(1)


@pytest.fixture
def clock() -> Iterator[clocks.SetClock]:
    with clocks.use(clocks.SetClock(MORNING)) as set_clock:
        assert isinstance(set_clock, clocks.SetClock)
        yield set_clock


@pytest.fixture
def table(clock: clocks.SetClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty table from infra/resources.yaml on moto, which cannot stand threads."""
    monkeypatch.setattr(timers, "threads", 1)
    with mock_aws():
        client.forget()
        create_table(client.client(), "souk-test")
        yield
    client.forget()


@pytest.fixture
def shop(table: None, clock: clocks.SetClock) -> Shop:
    """An open shop: tenant `default`, its super admin, nothing else."""
    return Shop.open(clock)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One emulator for each test worker: atomic under threads, with request tokens and real capacity."""
    with Emulator() as running:
        yield running


@pytest.fixture
def live_table(emulator: Emulator, clock: clocks.SetClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty table of its own on the emulator."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", emulator.endpoint)
    monkeypatch.setenv("SOUK_TABLE", f"souk-live-{next(_tables)}")
    settings.cache_clear()
    client.forget()
    create_table(client.client(), settings().table)
    yield
    client.forget()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def live_shop(live_table: None, clock: clocks.SetClock) -> Shop:
    """An open shop on the emulator."""
    return Shop.open(clock)
