"""A pytest plugin for `--collect-only`: prints every test that makes a promise, and which, as one line of JSON."""

from __future__ import annotations

import json

import pytest

from infra.tools.recorder import promises_of


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    made = {item.nodeid: promises for item in _collected if (promises := promises_of(item))}
    terminalreporter.write_line(f"promises: {json.dumps(made)}")


_collected: list[pytest.Item] = []


def pytest_collection_finish(session: pytest.Session) -> None:
    _collected[:] = session.items
