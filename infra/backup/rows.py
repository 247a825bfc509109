"""A row as a restore looks at it: whose it is, what it is, a short digest of it; and where rows of then come from."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from chalicelib.store import Ref, get_many, ranges, sizing
from chalicelib.store.keys import SEPARATOR
from chalicelib.store.reading import MOST_KEYS
from infra.local.progress import Progress
from infra.verify import sources

Wire = dict[str, Any]


def ref_of(row: Wire) -> Ref:
    return Ref(row["pk"]["S"], row["sk"]["S"])


def kind_of(row: Wire) -> str:
    return str(row.get("kind", {}).get("S", ""))


def text_of(row: Wire, name: str) -> str:
    return str(row.get(name, {}).get("S", ""))


def version_of(row: Wire) -> int:
    return int(row.get("version", {}).get("N", "0"))


def digest(row: Wire) -> bytes:
    """16 bytes of SHA-256 over the row in a canonical form: a shop's rows by the million fit in memory as these."""
    return hashlib.sha256(canonical(row)).digest()[:16]


def canonical(row: Wire) -> bytes:
    """The same bytes for the same row, whatever the order in which an engine names sets and attributes."""
    return json.dumps(_ordered(row), sort_keys=True, separators=(",", ":"), default=_bytes).encode()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: sorted(inner) if name in ("SS", "NS") and isinstance(inner, list | set) else _ordered(inner)
            for name, inner in value.items()
        }
    return [_ordered(inner) for inner in value] if isinstance(value, list) else value


def _bytes(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()


def fold(rows: Iterable[Wire]) -> str:
    """One digest of many rows, in whatever order they come: equal folds, equal rows."""
    total = 0
    for row in rows:
        total = (total + int.from_bytes(hashlib.sha256(canonical(row)).digest(), "big")) % (1 << 256)
    return f"{total:064x}"


@dataclass(frozen=True, slots=True)
class Then:
    """The table as it was: a table beside the live one, or a folder of an export."""

    name: str
    at: datetime | None
    """The instant whose state it is, where that is known."""
    rows: Callable[[str], Iterator[Wire]]
    """One tenant's rows; may be asked for more than once."""
    pick: Callable[[str, Collection[Ref]], Iterator[Wire]]
    """Those of one tenant's rows at these addresses."""


def of_table(slug: str, what: str, table: str | None = None) -> Iterator[Wire]:
    """One tenant's rows of a table, by default the live one, with a progress bar. One Scan a MB of the table."""
    progress = Progress(what, sizing.table_size(table))
    for piece in ranges.read(slug, table=table):
        yield from piece.items
        progress.advance(piece.looked_at)
    progress.done()


def at_keys(refs: Collection[Ref], table: str) -> Iterator[Wire]:
    """Rows of a table by their addresses. One BatchGetItem for 100."""
    waiting = iter(refs)
    while batch := list(islice(waiting, MOST_KEYS)):
        yield from get_many(batch, table=table).wires()


def in_export(path: Path, at: datetime | None, name: str) -> Then:
    """An export, or a file of one, as the state to go back to. It has no index: rows are picked by reading it all."""

    def pick(slug: str, refs: Collection[Ref]) -> Iterator[Wire]:
        return (row for row in of_export(path, slug) if ref_of(row) in refs)

    return Then(name, at, lambda slug: of_export(path, slug), pick)


def of_export(path: Path, slug: str) -> Iterator[Wire]:
    """Raises Unreadable."""
    prefix = f"{slug}{SEPARATOR}"
    return (row for row in sources.from_export(path) if row["pk"]["S"].startswith(prefix))
