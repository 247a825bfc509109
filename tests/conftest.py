"""One table per test, a clock that stands still, and a shop to talk to: on moto, or on the emulator for races."""

import base64
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

os.environ.update(
    SOUK_STAGE="test",
    SOUK_TABLE="souk-test",
    SOUK_JWT_KEYS="t1:" + "k" * 40,
    SOUK_SECRET_KEYS="s1:" + base64.urlsafe_b64encode(b"0" * 32).decode(),
    SOUK_SANDBOX="on",
    SOUK_IP_REQUESTS_PER_MINUTE="1000000",
    SOUK_USER_REQUESTS_PER_MINUTE="1000000",
    SOUK_PASSWORD_MEMORY_KIB="64",
    SOUK_LOG_LEVEL="ERROR",
    SOUK_UPLOADS_BUCKET="souk-test-uploads",
    SOUK_UPLOADS_PUBLIC_BASE="https://files.example.com",
    SOUK_ADMIN_LOGIN="admin@souk.test",
    SOUK_ADMIN_PASSWORD="souk-local-admin",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
)
os.environ.pop("AWS_ENDPOINT_URL_DYNAMODB", None)
os.environ.pop("AWS_ENDPOINT_URL", None)
os.environ.pop("AWS_PROFILE", None)
os.environ.pop("AWS_SESSION_TOKEN", None)
os.environ.pop("AWS_ENDPOINT_URL_S3", None)

from moto import mock_aws

from chalicelib.core import breakers, measured, process
from chalicelib.core import clock as clocks
from chalicelib.core.settings import settings
from chalicelib.http import limits
from chalicelib.media import storage
from chalicelib.store import client, timers
from infra.local import clients
from infra.local.emulator import Emulator
from infra.local.template import create_bucket, create_table
from tests import permitted
from tests.moto_once import Tables, one_copy_a_transaction
from tests.shop import Shop, configured
from tests.untraced import keep_clients_out

keep_clients_out()
pytest_plugins = ["infra.tools.recorder", "infra.tools.called"]

MORNING = datetime(2036, 3, 2, 1, 0, tzinfo=UTC)
"""Ahead of real time: the emulator removes what has expired by the clock on the wall."""
_tables = itertools.count(1)


@pytest.fixture
def clock() -> Iterator[clocks.SetClock]:
    with clocks.use(clocks.SetClock(MORNING)) as set_clock:
        assert isinstance(set_clock, clocks.SetClock)
        limits.forget()
        breakers.forget()
        measured.forget()
        process.forget()
        yield set_clock


@pytest.fixture(scope="session")
def moto_client() -> Iterator[Any]:
    """One moto for the worker: making one, with its keys and its client, costs more than most tests."""
    with mock_aws(), one_copy_a_transaction():
        client.forget()
        make_bucket()
        permitted.watch(client.client())
        yield client.client()
    client.forget()
    storage.forget()


@pytest.fixture(scope="session")
def moto_tables(moto_client: Any) -> Tables:
    return Tables()


def make_bucket() -> None:
    """The bucket of files, where it is not there yet: one for all tests, for no two files have one place."""
    storage.forget()
    create_bucket(storage._client(), settings().uploads_bucket)


@contextmanager
def a_table_of_its_own(**environment: str) -> Iterator[None]:
    """Every test has a new table: what one leaves behind no other finds. A test may undo its own patches freely."""
    with configured(SOUK_TABLE=f"souk-test-{next(_tables)}", **environment):
        create_table(client.client(), settings().table)
        yield


@pytest.fixture
def table(moto_client: Any, moto_tables: Tables, clock: clocks.SetClock) -> Iterator[None]:
    """An empty table from infra/resources.yaml on moto, which cannot stand threads."""
    with (
        patch.object(timers, "threads", 1),
        patch.object(client, "_client", moto_client),
        configured(SOUK_TABLE=f"souk-test-{next(_tables)}"),
    ):
        name = settings().table
        moto_tables.place(name, "empty", lambda: create_table(moto_client, name))
        permitted.refused.clear()
        yield
        moto_tables.take_away(name)
        assert not permitted.refused


@pytest.fixture
def shop(table: None, moto_tables: Tables, clock: clocks.SetClock) -> Shop:
    """An open shop: tenant `default`, its super admin, nothing else."""
    moto_tables.place(settings().table, "opened", lambda: Shop.open(clock))
    return Shop.opened(clock)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One emulator for each test worker: atomic under threads, with request tokens and real capacity."""
    with Emulator() as running:
        create_bucket(clients.files(running.endpoint), settings().uploads_bucket)
        yield running


def at_the_emulator(emulator: Emulator) -> dict[str, str]:
    """Where AWS is, and the keys whose signatures it believes."""
    return {
        "AWS_ENDPOINT_URL_DYNAMODB": emulator.endpoint,
        "AWS_ENDPOINT_URL_S3": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": clients.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": clients.SECRET_KEY,
    }


@pytest.fixture
def live_table(emulator: Emulator, clock: clocks.SetClock) -> Iterator[None]:
    """An empty table of its own on the emulator."""
    with (
        patch.dict(os.environ, at_the_emulator(emulator)),
        patch.object(client, "_client", None),
        a_table_of_its_own(),
    ):
        storage.forget()
        yield
    storage.forget()


@pytest.fixture
def live_shop(live_table: None, clock: clocks.SetClock) -> Shop:
    """An open shop on the emulator."""
    return Shop.open(clock)
