"""Where the running shop is, for the tools beside it: `running.json` in its data folder, there while it runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.local import environment

FILE = "running.json"


class NotRunning(RuntimeError):
    """No shop runs on this data. The message says how to start one."""


@dataclass(frozen=True, slots=True)
class Running:
    """A shop that runs: its emulator's address, its table there, and the port it serves."""

    endpoint: str
    table: str
    port: int


@contextlib.contextmanager
def announced(folder: Path, shop: Running) -> Iterator[None]:
    """Tell where `shop` is while the block runs. Only this user may read it: the emulator asks for no password."""
    path = folder / FILE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(shop), file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def find(env: Mapping[str, str]) -> Running:
    """The shop that runs on `SOUK_DATA`. Raises NotRunning, also when all that is left of one is its file."""
    folder = environment.data_path(env)
    try:
        shop = Running(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        shop = None
    if shop is None or not _answers(shop.endpoint):
        raise NotRunning(
            f"no shop is running on the data in {folder}: start it with `make run`, "
            "or set SOUK_DATA to the folder of the one that runs"
        )
    return shop


def _answers(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address.hostname or "", address.port or 0)) == 0
