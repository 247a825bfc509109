"""CSV that is safe to open in a spreadsheet, and reads back as what it was. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from chalicelib.core.errors import Invalid

_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
"""What a spreadsheet takes for the beginning of a formula, behind any apostrophes of the text's own."""
_MOST_COLUMNS = 50
_LONGEST_CELL = 4000


def neutral(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets a leading apostrophe, which makes it text.

    One that looks as if it had been given one gets another, so that `restored` never takes a cell's own.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """What a neutral cell was."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def render(rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 lines, every cell neutral."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def parse(text: str, *, most_rows: int = 1000) -> list[dict[str, str]]:
    """The lines below the line of names, each by these names, cells restored; empty lines are passed over.

    Raises Invalid for a file without names, with a name twice, with a line that does not fit the names, with
    too many lines, or that is no CSV at all.
    """
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        names = _names(next(lines, []))
        rows: list[dict[str, str]] = []
        for line in lines:
            if not any(line):
                continue
            if len(rows) == most_rows:
                raise _wrong("too_many_rows", f"may have {most_rows} lines below its names")
            rows.append(dict(zip(names, _cells(line, names, lines.line_num), strict=True)))
    except csv.Error as error:
        raise _wrong("not_csv", f"line {lines.line_num}: {error}") from None
    return rows


def _names(line: Sequence[str]) -> list[str]:
    names = [name.strip() for name in line]
    if not any(names):
        raise _wrong("no_names", "begins with a line of column names")
    if len(names) > _MOST_COLUMNS or len(set(names)) < len(names):
        raise _wrong("bad_names", f"has at most {_MOST_COLUMNS} columns, each name once")
    return names


def _cells(line: Sequence[str], names: Sequence[str], number: int) -> list[str]:
    if len(line) != len(names):
        raise _wrong("ragged", f"line {number} has {len(line)} cells, not {len(names)}")
    if any(len(cell) > _LONGEST_CELL for cell in line):
        raise _wrong("cell_too_long", f"line {number} has a cell of more than {_LONGEST_CELL} characters")
    return [restored(cell) for cell in line]


def _wrong(code: str, message: str) -> Invalid:
    return Invalid.field("file", code, message)
