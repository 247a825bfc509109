"""One emulator for each test worker, and an empty table for each test that asks."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local import clients, template
from infra.local.emulator import Emulator
from infra.package import build
from tests.ops.local import Engine

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def _clients(emulator: Emulator) -> tuple[Any, Any]:
    return clients.dynamodb(emulator.endpoint), clients.streams(emulator.endpoint)


@pytest.fixture
def engine(_clients: tuple[Any, Any]) -> Engine:
    """The emulator with an empty table of a name of its own."""
    dynamodb, streams = _clients
    table = f"local-{next(_numbers)}"
    template.create_table(dynamodb, table)
    return Engine(dynamodb, streams, table)


@pytest.fixture(scope="session")
def final_template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What CloudFormation is given, made once from the code as it stands. Copy it before changing anything in it."""
    return build.template_only(tmp_path_factory.mktemp("template"))
