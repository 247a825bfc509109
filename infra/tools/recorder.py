"""A pytest plugin that remembers how every test with a promise ended, for `make ledger`.

`@pytest.mark.ledger("S1-039")` and `@pytest.mark.rule("B1")` are promises. What ran is written to
`.cache/promises.json`; what did not run keeps its last outcome.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

PATH = Path(__file__).parents[2] / ".cache" / "promises.json"
KINDS = ("ledger", "rule")
_PROPERTY = "promises"

Record = dict[str, dict[str, Any]]
"""Test → {"promises": [...], "outcome": "passed" | "failed" | "skipped"}."""


def promises_of(item: pytest.Item) -> list[str]:
    """The ids a test answers for, from its own marks and those of its class and module."""
    return sorted({str(one) for kind in KINDS for mark in item.iter_markers(kind) for one in mark.args})


def read() -> Record:
    if not PATH.exists():
        return {}
    record: Record = json.loads(PATH.read_text(encoding="utf-8"))
    return record


def write(record: Record) -> None:
    PATH.parent.mkdir(exist_ok=True)
    draft = PATH.with_suffix(".new")
    draft.write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")
    draft.replace(PATH)


class Recorder:
    """Sits where the reports arrive: in the only process, or in the one that leads the workers."""

    def __init__(self) -> None:
        self.seen: Record = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        promises = dict(report.user_properties).get(_PROPERTY)
        if not promises or (report.when != "call" and report.outcome == "passed"):
            return
        known = self.seen.get(report.nodeid, {}).get("outcome")
        outcome = known if known == "failed" else report.outcome
        self.seen[report.nodeid] = {"promises": promises, "outcome": outcome}

    def pytest_sessionfinish(self) -> None:
        if self.seen:
            write({**read(), **self.seen})


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(), "promise-recorder")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    promises = promises_of(item)
    if promises:
        report.user_properties = [*_others(report.user_properties), (_PROPERTY, promises)]
    return report


def _others(properties: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [one for one in properties if one[0] != _PROPERTY]
