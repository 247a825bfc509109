"""Whether this code and this table go together: asked before a deployment, and by whoever looks after a process."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core import clock
from chalicelib.migrations import book
from chalicelib.migrations.book import Book

REMEMBERED_FOR = timedelta(seconds=60)
_well_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    behind: tuple[str, ...] = ()
    """Migrations this code cannot do without, which the table has not had."""
    ahead: tuple[str, ...] = ()
    """Migrations the table has had, which this code neither knows nor can read past."""

    def __bool__(self) -> bool:
        return not self.behind and not self.ahead


def of(known: Book) -> Fit:
    """Pure, but for what this code knows."""
    ours = {one.number for one in book.known()}
    return Fit(
        behind=tuple(one.number for one in book.known() if one.required and not known.is_applied(one.number)),
        ahead=tuple(
            run.number
            for run in known.runs.values()
            if run.number not in ours and run.applied != "no" and not run.older_code_reads_it
        ),
    )


def forget() -> None:
    """What this process remembers is of another table."""
    global _well_until  # noqa: PLW0603
    _well_until = None


def now() -> Fit:
    """One Query, at most once a minute while all is well."""
    global _well_until  # noqa: PLW0603 - what a process knows of its table
    at = clock.current().now()
    if _well_until is not None and at < _well_until:
        return Fit()
    found = of(book.read())
    _well_until = at + REMEMBERED_FOR if found else None
    return found
