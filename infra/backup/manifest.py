"""What is in a folder of backups, and proof that it is still the same: counts, sizes, SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NAME = "manifest.json"
OF_SHOP = "shop:"
"""Before a slug: the count of one shop's items."""
_PRIVATE = 0o600
_BLOCK = 1 << 20


class Damaged(RuntimeError):
    """A folder is not what its manifest says. The message names the file."""


@dataclass(slots=True)
class Manifest:
    what: str
    """`table`, `files` or `configuration`."""
    source: str
    taken_at: str
    """The state is of this instant, or later where rows were written meanwhile."""
    finished_at: str = ""
    is_exact: bool = False
    """True: one instant. False: it was read while it could be written to."""
    counts: dict[str, int] = field(default_factory=dict)
    """How many, by kind of item, by shop, or by kind of thing."""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name → `{"bytes", "sha256"}`."""

    @property
    def items(self) -> int:
        """Of a table: how many in all."""
        return sum(count for name, count in self.counts.items() if name.startswith(OF_SHOP))

    def add(self, folder: Path, name: str) -> None:
        path = folder / name
        self.files[name] = {"bytes": path.stat().st_size, "sha256": sha256(path)}

    def write(self, folder: Path) -> None:
        """As a whole or not at all: a folder without a manifest is not finished."""
        draft = folder / f"{NAME}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """Raises Damaged."""
    try:
        return Manifest(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise Damaged(f"{folder} has no {NAME}: the backup was not finished, run it again") from None
    except (ValueError, TypeError) as error:
        raise Damaged(f"{folder / NAME} cannot be read: {error}") from None


def check(folder: Path) -> Manifest:
    """Every file is there, as long as it was and with the same bytes. Raises Damaged."""
    found = read(folder)
    for name, told in found.files.items():
        path = folder / name
        if not path.is_file():
            raise Damaged(f"{path} is missing")
        if path.stat().st_size != told["bytes"] or sha256(path) != told["sha256"]:
            raise Damaged(f"{path} is not what was written: its bytes differ")
    return found


def sha256(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.hexdigest()
