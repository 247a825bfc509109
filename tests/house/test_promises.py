"""The ledger's book-keeping: a promise is one that exists, and is kept only by a test that passed."""

import ast
from pathlib import Path
from typing import Any, Literal

import pytest

from infra.tools import ledger, recorder
from infra.tools.code import ROOT


def marked_ids(path: Path) -> set[str]:
    """Every id in a `pytest.mark.ledger(…)` or `pytest.mark.rule(…)` of a file."""
    return {
        str(argument.value) if isinstance(argument, ast.Constant) else ast.unparse(argument)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.mark.ledger", "pytest.mark.rule")
        for argument in node.args
    }


def test_every_promise_is_one_that_exists() -> None:
    known = set(ledger.lines())
    unknown = {
        str(path.relative_to(ROOT)): strange
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if (strange := marked_ids(path) - known)
    }
    assert not unknown


def test_the_ledger_and_the_rules_are_whole() -> None:
    promises = ledger.lines()
    by_system = {
        system: sum(one.startswith(f"{system}-") for one in promises)
        for system in ("S0", "S1", "S2", "S3", "S4")
    }
    assert by_system == {"S0": 47, "S1": 75, "S2": 66, "S3": 71, "S4": 209}
    assert [one for one in promises if one.startswith("B")] == [f"B{n}" for n in range(1, 25)]


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (["passed"], "kept"),
        (["passed", "skipped"], "kept"),
        (["passed", "failed"], "broken"),
        (["skipped"], "not run"),
        ([], "not run"),
    ],
)
def test_a_promise_is_kept_by_a_test_that_passed_and_none_that_failed(
    outcomes: list[str], state: str
) -> None:
    record: recorder.Record = {f"test {n}": {"outcome": outcome} for n, outcome in enumerate(outcomes)}
    claimed = {**{name: ["S1-039"] for name in record}, "test of another day": ["S1-039"]}
    promises = ledger.settle(claimed, record)
    assert promises["S1-039"].state == state
    assert promises["S1-040"].state == "open"
    assert (
        f"kept     {'S1-039' if state == 'kept' else ''}".strip() in ledger.report(promises)
        or state != "kept"
    )


def test_a_test_that_is_gone_keeps_nothing() -> None:
    assert ledger.settle({}, {"gone": {"outcome": "passed"}})["B1"].state == "open"


def report(
    when: Literal["setup", "call", "teardown"], outcome: Literal["passed", "failed", "skipped"]
) -> Any:
    location = ("tests/test_x.py", 1, "test_x")
    return pytest.TestReport(
        "tests/test_x.py::test_x",
        location,
        {},
        outcome,
        None,
        when,
        user_properties=[("promises", ["B1"])],
    )


@pytest.mark.parametrize(
    ("course", "outcome"),
    [
        ([("setup", "passed"), ("call", "passed"), ("teardown", "passed")], "passed"),
        ([("setup", "failed"), ("teardown", "passed")], "failed"),
        ([("setup", "passed"), ("call", "failed"), ("teardown", "passed")], "failed"),
        ([("setup", "passed"), ("call", "passed"), ("teardown", "failed")], "failed"),
        ([("setup", "skipped"), ("teardown", "passed")], "skipped"),
    ],
)
def test_what_a_test_came_to_is_remembered(
    course: list[tuple[Any, Any]], outcome: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "PATH", tmp_path / "cache" / "promises.json")
    recorder.PATH.parent.mkdir()
    recorder.write({"another": {"promises": ["B2"], "outcome": "passed"}})
    plugin = recorder.Recorder()
    for when, how in course:
        plugin.pytest_runtest_logreport(report(when, how))
    plugin.pytest_sessionfinish()
    assert recorder.read()["tests/test_x.py::test_x"] == {"promises": ["B1"], "outcome": outcome}
    assert recorder.read()["another"]["outcome"] == "passed"
