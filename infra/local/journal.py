"""The table on disk: a snapshot and a journal of what changed since.

`snapshot.jsonl` is replaced as a whole by a rename, so it is always complete. `journal.jsonl` grows line by
line and may end in a torn line after a kill. Both begin with a line that names format and generation; a
journal counts only for the snapshot of its own generation, so a crash between writing the two loses nothing
and repeats nothing.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

FORMAT = 1
_BYTES = "$base64"
"""Marks bytes. It cannot clash: in DynamoDB's wire form the values of a map are never plain strings."""

Key = tuple[str, str]
Item = dict[str, Any]
Change = tuple[Item, Item | None]
"""The item's key, and the item as it is now or None when it is gone."""


class DataUnreadable(RuntimeError):
    """The files cannot be read as they are. The message says which, and what a person can do."""


class Journal:
    def __init__(self, folder: Path) -> None:
        self._snapshot = folder / "snapshot.jsonl"
        self._journal = folder / "journal.jsonl"
        self._generation = 0
        self._file: io.FileIO | None = None

    def load(self) -> dict[Key, Item]:
        """Everything the files hold. Raises DataUnreadable."""
        items: dict[Key, Item] = {}
        if self._snapshot.exists():
            lines = _lines(self._snapshot, torn_end=False)
            self._generation = _generation(self._snapshot, next(lines, None))
            for line in lines:
                items[key_of(line)] = line
        if self._journal.exists():
            lines = _lines(self._journal, torn_end=True)
            header = next(lines, None)
            if header is not None and _generation(self._journal, header) == self._generation:
                for line in lines:
                    _apply(items, line)
        return items

    def compact(self, items: Iterable[Item]) -> int:
        """Make `items` the new snapshot and begin an empty journal. Returns how many they were."""
        count = 0
        self._generation += 1
        with _Replacement(self._snapshot) as snapshot:
            snapshot.write(_encode(_header("snapshot", self._generation)))
            for item in items:
                snapshot.write(_encode(item))
                count += 1
        self.close()
        with _Replacement(self._journal) as journal:
            journal.write(_encode(_header("journal", self._generation)))
        return count

    def append(self, changes: Iterable[Change]) -> None:
        """Add changes, all or none: after an error the file ends where it ended before."""
        lines = b"".join(
            _encode({"put": item} if item is not None else {"remove": key}) for key, item in changes
        )
        if self._file is None:
            self._file = io.FileIO(self._journal, "a")
        end = self._file.seek(0, os.SEEK_END)
        try:
            left = memoryview(lines)
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._file.truncate(end)
            raise

    def sync(self) -> None:
        """Wait until what was appended is on the disk."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def key_of(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _apply(items: dict[Key, Item], line: dict[str, Any]) -> None:
    if "put" in line:
        items[key_of(line["put"])] = line["put"]
    else:
        items.pop(key_of(line["remove"]), None)


def _header(kind: str, generation: int) -> dict[str, Any]:
    return {"souk": kind, "format": FORMAT, "generation": generation}


def _generation(path: Path, header: dict[str, Any] | None) -> int:
    if not header or "souk" not in header:
        raise DataUnreadable(f"{path} is not Souk's: move it away, or set SOUK_DATA to another folder")
    if header["format"] != FORMAT:
        raise DataUnreadable(
            f"{path} has format {header['format']}, this version reads {FORMAT}: run the version that wrote "
            "it, or start afresh with SOUK_DATA set to another folder"
        )
    return int(header["generation"])


def _lines(path: Path, *, torn_end: bool) -> Iterator[dict[str, Any]]:
    """The file's lines, decoded. With `torn_end` a last line that a kill cut short is left out."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = json.loads(raw, object_hook=_bytes_back)
            except ValueError:
                if torn_end and not file.read(1):
                    return
                raise DataUnreadable(
                    f"{path}, line {number}, is damaged: restore the file from a backup, or remove the line "
                    "to go on without it"
                ) from None
            yield line


class _Replacement:
    """Write a whole file and put it in the place of the old one at once, or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_suffix(".new")

    def __enter__(self) -> IO[bytes]:
        self._file = self._draft.open("wb")
        return self._file

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            self._draft.replace(self._path)
            _sync_folder(self._path.parent)


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _encode(line: dict[str, Any]) -> bytes:
    return (json.dumps(line, default=_bytes_out, ensure_ascii=False, separators=(",", ":")) + "\n").encode(
        "utf-8"
    )


def _bytes_out(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode("ascii")}
    raise TypeError(f"DynamoDB's wire form has no {type(value).__name__}")


def _bytes_back(value: dict[str, Any]) -> Any:
    if len(value) == 1 and isinstance(text := value.get(_BYTES), str):
        return base64.b64decode(text)
    return value
