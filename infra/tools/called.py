"""A pytest plugin that remembers which operations a run of the tests called, and how they answered, for `make quality`.

Written to `.cache/operations.json`, over all processes of the run; what did not run keeps what it answered last.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

PATH = Path(__file__).parents[2] / ".cache" / "operations.json"
_HANDED = "souk_operations"

Answers = dict[str, list[int]]
"""Operation id → the statuses it answered with."""

_seen: dict[str, set[int]] = defaultdict(set)


def read() -> Answers:
    if not PATH.exists():
        return {}
    found: Answers = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def note(answers: Answers) -> None:
    for operation, statuses in answers.items():
        _seen[operation].update(statuses)


def write() -> None:
    note(read())
    PATH.parent.mkdir(exist_ok=True)
    draft = PATH.with_suffix(".new")
    draft.write_text(json.dumps(_told(), indent=1), encoding="utf-8")
    draft.replace(PATH)


def _told() -> Answers:
    return {operation: sorted(statuses) for operation, statuses in sorted(_seen.items())}


def pytest_sessionstart() -> None:
    from chalicelib.http.front import FrontDoor

    serve = FrontDoor.serve
    if getattr(serve, "is_noted", False):
        return

    def noting(self: FrontDoor, op: Any, request: Any) -> Any:
        answer = serve(self, op, request)
        _seen[op.id].add(answer.status_code)
        return answer

    noting.is_noted = True  # type: ignore[attr-defined]
    FrontDoor.serve = noting  # type: ignore[method-assign]


def pytest_sessionfinish(session: pytest.Session) -> None:
    handed = getattr(session.config, "workeroutput", None)
    if handed is not None:
        handed[_HANDED] = _told()
    elif _seen:
        write()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One process of several has ended: this is the one that leads."""
    note(getattr(node, "workeroutput", {}).get(_HANDED, {}))
