"""CSV that is safe to open in a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets a leading apostrophe, which makes it text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def render(rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 lines, every cell neutral."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()
