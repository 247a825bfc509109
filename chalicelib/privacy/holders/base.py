"""What a domain holds of a person, one page at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.core.context import Context
from chalicelib.store import Page

Export = Callable[[Context, int, str | None], Page[dict[str, Any]]]
"""(caller, limit, cursor) → a page of what is theirs, as plain JSON, without secrets."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One section of the export."""

    section: str
    export: Export
