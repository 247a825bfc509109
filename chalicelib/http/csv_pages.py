"""A page of a list as a CSV file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.core import csv_text
from chalicelib.http.operations import RawAnswer


def csv_page(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], next_cursor: str | None) -> RawAnswer:
    """One line of names, one line a row; `X-Next-Cursor` leads to the next page. Lists and maps are JSON."""
    lines = [list(columns), *([_cell(row.get(name)) for name in columns] for row in rows)]
    headers = {"Content-Disposition": "attachment"}
    if next_cursor is not None:
        headers["X-Next-Cursor"] = next_cursor
    return RawAnswer(csv_text.render(lines), "text/csv; charset=utf-8", headers=headers)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
