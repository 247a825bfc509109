"""What `make quality` measures, and what of it must be whole at any time."""

import ast
import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from infra.tools import app, ledger, quality
from infra.tools.generated import ROOT


@pytest.mark.ledger("S2-063")
def test_the_plan_has_its_three_tables_and_owns_up_to_the_days() -> None:
    """Plan and actual by system, with the ledger's own totals; risks, each with what would tell; measures."""
    page = quality.PATH.read_text(encoding="utf-8")
    assert "18 days in its heading, 19 in its table" in page
    risks = page.partition("## Risks")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| [^|-]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$", risks, re.MULTILINE)) >= 8
    planned = Counter("B" if one.startswith("B") else one[:2] for one in ledger.lines())
    for system, name in ledger.systems().items():
        (row,) = re.findall(rf"^\| {system} {re.escape(name)} \| (.+) \|$", page, re.MULTILINE)
        total, *states = map(int, row.split(" | "))
        assert total == sum(states) == planned[system]
    document = app.declared().describe()
    for one in [*quality.from_the_document(document), *quality.from_the_code()]:
        assert f"| {one.name} |" in page
    for needs_a_run, row_name in (
        ("operations called", "operations that the tests called"),
        ("coverage", "lines and branches"),
    ):
        measured = page.partition("### By measure")[2]
        assert f"| {row_name}" in measured or needs_a_run in page.partition("left out:")[2].split("\n")[0]


MATRIX = ROOT / "tests" / "security" / "access_matrix.csv"


@pytest.mark.ledger("S2-011")
def test_every_operation_is_called_by_the_tests() -> None:
    """The walk of the access matrix sends each of its rows, and holds every answer; a row that is missing is a gap."""
    with MATRIX.open(encoding="utf-8", newline="") as file:
        rows = {row.pop("operation"): set(row.values()) for row in csv.DictReader(file)}
    called = {f"{op.method} {op.path}" for op in app.declared().operations}
    assert called - set(rows) == set()
    assert [name for name, cells in rows.items() if not any(cell.strip("-/") for cell in cells)] == []


def test_the_tests_fail_below_the_coverage_that_was_promised() -> None:
    (recipe,) = re.findall(
        r"^\t.*pytest.*--cov.*$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert "--cov-fail-under=85" in recipe
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]
    assert project["run"]["branch"] is True
    assert project["run"]["source"] == ["chalicelib"]
    assert "omit" not in project["run"]


def test_what_the_last_runs_reached_is_measured(tmp_path: Path) -> None:
    ids = [op.id for op in app.declared().operations]
    some = {one: [200] for one in ids[:-2]} | {ids[-2]: [404]}
    met, succeeded = quality.of_the_operations(some)
    assert met.missing == (ids[-1],)
    assert succeeded.missing == tuple(ids[-2:])
    assert not met.is_met
    assert quality.of_the_branches(tmp_path / "no run") is None


@pytest.mark.ledger("S2-011")
def test_documents_and_types_are_whole() -> None:
    """The measures of `make quality` that follow from the code alone are at a hundred per cent."""
    document = app.declared().describe()
    found = [
        *quality.from_the_document(document),
        *quality.from_the_code(),
        quality.of_the_contract(document),
    ]
    assert {one.name: one.missing for one in found if one.percent < 100} == {}
    assert quality.raw(document) <= {
        "GET /openapi.json", "POST /v1/webhooks/{provider}", "POST /v1/admin/users/import",
    }  # fmt: skip


def test_a_gap_is_measured_and_named() -> None:
    document = app.declared().describe()
    document = {**document, "paths": {**document["paths"], "/v1/silent": {"get": {"responses": {}}}}}
    summary, *_, refusals = [
        one for one in quality.from_the_document(document) if one.name.startswith("operations")
    ]
    assert summary.missing == refusals.missing == ("GET /v1/silent",)
    assert not summary.is_met
    bare = ast.parse("def f(a, *, b: int):\n    pass").body[0]
    assert isinstance(bare, ast.FunctionDef)
    assert not quality._is_typed(bare)
