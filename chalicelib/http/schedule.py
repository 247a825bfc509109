"""The scheduled jobs there are, without importing any: the API's function lists them and runs one on demand.

The table is written by `make docs`, as that of the routes.
"""

import importlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from chalicelib.http.jobs import Job, Jobs

TABLE = Path(__file__).with_name("job_table.json")


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the table."""

    name: str
    module: str
    schedule: str
    """As EventBridge reads it: `rate(1 minute)`."""
    description: str
    by_hand: bool
    """Whether a person may run it now."""


def listed() -> list[Listed]:
    """Every job, by name."""
    return [Listed(**row) for row in json.loads(TABLE.read_text(encoding="utf-8"))]


def load(job: Listed) -> Job:
    """The job itself. Imports the module it lives in. Raises LookupError for one that nobody runs by hand."""
    if not job.by_hand:
        raise LookupError(f"{job.name} is run by its schedule alone")
    jobs: Jobs = importlib.import_module(job.module).jobs
    return jobs.known[job.name]


def table_of(modules: Iterable[str]) -> list[dict[str, str | bool]]:
    """The table as these modules have it now. Imports them all."""
    found = [
        Listed(job.name, module, job.schedule, job.description, job.by_hand)
        for module in modules
        for job in importlib.import_module(module).jobs.known.values()
    ]
    return [asdict(row) for row in sorted(found, key=lambda row: row.name)]
