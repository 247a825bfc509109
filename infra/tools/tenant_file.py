"""The file a shop is exported to: written in parts that can be taken up again, there as a whole or not at all.

Beside `acme.jsonl` stand, until it is done, `acme.jsonl.part0…` and `acme.jsonl.state`: how far each part is. A line
that was written after the state was is cut off again, so that no item is in the file twice.
"""

from __future__ import annotations

import base64
import json
import os
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from chalicelib.store.ranges import Piece

try:
    import fcntl
except ImportError:  # not on Windows: there two exports to one file are the user's to avoid
    fcntl = None  # type: ignore[assignment]

_PRIVATE = 0o600
"""It holds what customers wrote, and the hashes of their passwords."""


class NotOurs(RuntimeError):
    """What stands in the way is not ours to write over. The message says what to do."""


@dataclass(slots=True)
class _Part:
    size: int = 0
    """In bytes, up to the last whole piece."""
    items: int = 0
    after: dict[str, Any] | None = None
    done: bool = False


@dataclass(slots=True)
class _State:
    tenant: str
    parts: list[_Part] = field(default_factory=list)


class Export:
    """`with Export(path, tenant, segments) as file:` add every piece, then `finish`."""

    def __init__(self, path: Path, tenant: str, segments: int) -> None:
        self._path = path
        self._state_path = path.with_name(f"{path.name}.state")
        self._state = _State(tenant, [_Part() for _ in range(segments)])
        self._files: list[BinaryIO] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._path.exists():
            if not self._part_path(0).exists():
                self._clean()
            raise NotOurs(f"{self._path} is there already: remove it, or name another file")
        with ExitStack() as opening:
            lock = opening.enter_context(_private(self._path.with_name(f"{self._path.name}.lock")))
            _hold(lock, self._path)
            self._take_up()
            for segment in range(len(self._state.parts)):
                file = opening.enter_context(_private(self._part_path(segment)))
                if file.seek(0, os.SEEK_END) < self._state.parts[segment].size:
                    # the machine went down before the disk had it: this part begins anew
                    self._state.parts[segment] = _Part()
                file.truncate(self._state.parts[segment].size)
                file.seek(0, os.SEEK_END)
                self._files.append(file)
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def is_done(self, segment: int) -> bool:
        return self._state.parts[segment].done

    def after(self, segment: int) -> dict[str, Any] | None:
        return self._state.parts[segment].after

    def add(self, segment: int, piece: Piece) -> None:
        """Write a piece, then say that it is written."""
        part, file = self._state.parts[segment], self._files[segment]
        for item in piece.items:
            file.write(json.dumps({"Item": _plain(item)}, ensure_ascii=False, separators=(",", ":")).encode())
            file.write(b"\n")
        file.flush()
        part.size, part.after, part.done = file.tell(), piece.after, piece.after is None
        part.items += len(piece.items)
        self._save()

    def finish(self) -> int:
        """Put the parts together under the file's own name; answers how many items are in it."""
        first, *others = self._files
        first.seek(self._state.parts[0].size)
        first.truncate()
        for other in others:
            other.seek(0)
            while block := other.read(1 << 20):
                first.write(block)
        first.flush()
        os.fsync(first.fileno())
        self._part_path(0).rename(self._path)
        self._clean()
        return sum(part.items for part in self._state.parts)

    def _clean(self) -> None:
        """Nothing of a finished export stays beside it."""
        lock = self._path.with_name(f"{self._path.name}.lock")
        parts = (self._part_path(segment) for segment in range(len(self._state.parts)))
        for left in (self._state_path, lock, *parts):
            with suppress(OSError):
                left.unlink()

    def _part_path(self, segment: int) -> Path:
        return self._path.with_name(f"{self._path.name}.part{segment}")

    def _take_up(self) -> None:
        try:
            told = json.loads(self._state_path.read_text(encoding="utf-8"))
            state = _State(told["tenant"], [_Part(**part) for part in told["parts"]])
        except FileNotFoundError:
            return
        except (ValueError, TypeError, KeyError):
            raise NotOurs(f"{self._state_path} cannot be read: remove it to begin anew") from None
        if state.tenant != self._state.tenant or len(state.parts) != len(self._state.parts):
            raise NotOurs(f"{self._state_path} is of another export: finish that one, or remove it")
        self._state = state

    def _save(self) -> None:
        draft = self._state_path.with_name(f"{self._state_path.name}.new")
        with _private(draft) as file:
            file.truncate(0)
            file.write(json.dumps(asdict(self._state)).encode())
        draft.replace(self._state_path)


def _private(path: Path) -> BinaryIO:
    """Open for writing, made when missing, closed to other users; what is in it stays."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE), "r+b")


def _hold(lock: BinaryIO, path: Path) -> None:
    """Ends with the process, however it ends."""
    if fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotOurs(f"another export to {path} is under way") from None


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """As DynamoDB's own export has it: JSON knows no bytes. Our items keep bytes at their top level only."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value
        for name, value in item.items()
    }
