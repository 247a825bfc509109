"""The log as an operator reads it: one JSON object a line."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.core import log


class Lines:
    """The lines written so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    def of(self, **fields: Any) -> list[dict[str, Any]]:
        """The lines that carry all of these."""
        return [line for line in self.read() if all(line.get(name) == fields[name] for name in fields)]

    def metrics(self, name: str) -> list[dict[str, Any]]:
        """The lines that CloudWatch makes this metric of."""
        return [line for line in self.read() if "_aws" in line and name in line]


@contextmanager
def logged() -> Iterator[Lines]:
    """Everything that is logged inside the block, from `info` up."""
    import app

    assert app.app, "its first import sets the log up"
    stream = io.StringIO()
    log.set_up("INFO", stream)
    try:
        yield Lines(stream)
    finally:
        log.set_up("ERROR")
