"""A progress bar for what takes longer than a person likes to wait in silence, and nothing for the rest."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TextIO

_SILENT_SECONDS = 2.0
_BETWEEN_SECONDS = {True: 0.1, False: 5.0}
"""How often to draw: a terminal redraws one line, a log file gets a new one each time."""
_WIDTH = 24


class Progress:
    """`progress.advance(n)` after each piece of work, `progress.done()` at the end."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self._what = what
        self._total = total
        self._stream = stream or sys.stderr
        self._done = 0
        self._draw_at = time.monotonic() + _SILENT_SECONDS
        self._drawn = False

    def advance(self, count: int) -> None:
        self._done += count
        if time.monotonic() >= self._draw_at:
            self._draw()

    def done(self) -> None:
        if self._drawn:
            self._draw()
            if self._stream.isatty():
                self._write("\n")

    def _draw(self) -> None:
        share = min(1.0, self._done / self._total) if self._total else 1.0
        bar = "#" * round(share * _WIDTH)
        line = f"{self._what} [{bar:<{_WIDTH}}] {share:4.0%} of {self._total}"
        is_terminal = self._stream.isatty()
        self._write(f"\r{line}" if is_terminal else f"{line}\n")
        self._drawn = True
        self._draw_at = time.monotonic() + _BETWEEN_SECONDS[is_terminal]

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal is gone; the work is not
            self._stream.write(text)
            self._stream.flush()
