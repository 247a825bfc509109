"""The whole table as files: JSON lines as DynamoDB's own export has them, gzipped, with a manifest.

It reads the table page by page, so of a table that is written to it is no single instant: `export-s3`, or an export of
a table restored beside the live one, is. Stopped anywhere, the same command goes on.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from threading import Lock

from chalicelib.core import clock
from chalicelib.core.clock import from_text, to_text
from chalicelib.store import ranges, sizing
from chalicelib.store.client import table_name
from infra.backup import manifest
from infra.backup.manifest import Manifest
from infra.backup.rows import Then, in_export, kind_of, ref_of
from infra.local.progress import Progress
from infra.tools.tenant_file import Export, NotOurs
from infra.verify import sources

segments = 4
"""How many parts of the table are read side by side. 1 where the engine cannot stand threads."""
DATA = "items.json.gz"
_LINES = "items.jsonl"
_BEGUN = "begun"
_EVERYBODY = "*"


def write(folder: Path, table: str | None = None) -> Manifest:
    """Export a table, by default the live one, into a folder of its own. Raises NotOurs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / manifest.NAME).exists():
        raise NotOurs(f"{folder} holds a finished backup: name another folder")
    begun = _begun(folder)
    if not (folder / DATA).exists():
        _read(folder / _LINES, table)
        _pack(folder / _LINES, folder / DATA)
    (folder / _LINES).unlink(missing_ok=True)
    made = Manifest(
        "table", table or table_name(), begun, to_text(clock.current().now()), is_exact=table is not None
    )
    made.counts = _counts(folder / DATA)
    made.add(folder, DATA)
    made.write(folder)
    (folder / _BEGUN).unlink(missing_ok=True)
    return made


def then(folder: Path) -> Then:
    """An export as the state to go back to: checked, of the instant its reading began. Raises Damaged."""
    found = manifest.check(folder)
    return in_export(folder, from_text(found.taken_at), str(folder))


def _begun(folder: Path) -> str:
    """When the first try began: what is gone on with is of then."""
    path = folder / _BEGUN
    if not path.exists():
        path.write_text(to_text(clock.current().now()), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _read(path: Path, table: str | None) -> None:
    if path.exists():
        return
    with Export(path, _EVERYBODY, segments) as file:
        progress, lock = Progress("exporting the table", sizing.table_size(table)), Lock()

        def one(segment: int) -> None:
            if file.is_done(segment):
                return
            pieces = ranges.read(
                None, segment=segment, segments=segments, after=file.after(segment), table=table
            )
            for piece in pieces:
                with lock:
                    file.add(segment, piece)
                    progress.advance(piece.looked_at)

        if segments == 1:
            one(0)
        else:
            with ThreadPoolExecutor(segments) as pool:
                jobs = [pool.submit(copy_context().run, one, segment) for segment in range(segments)]
                for job in jobs:
                    job.result()
        progress.done()
        file.finish()


def _pack(plain: Path, packed: Path) -> None:
    """Gzipped under its own name at once, closed to other users."""
    draft = packed.with_name(f"{packed.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as out,
        gzip.GzipFile("", "wb", 6, out, mtime=0) as zipped,
        plain.open("rb") as lines,
    ):
        shutil.copyfileobj(lines, zipped)
    draft.replace(packed)


def _counts(packed: Path) -> dict[str, int]:
    """Items by kind, and by shop under `shop:<slug>`."""
    found: Counter[str] = Counter()
    for row in sources.from_export(packed):
        found[kind_of(row)] += 1
        found[f"{manifest.OF_SHOP}{ref_of(row).tenant}"] += 1
    return dict(sorted(found.items()))
