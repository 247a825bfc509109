"""Documents that are made from the code say what the code says."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import chalicelib
from infra.cost import capacity_page
from infra.tools import (
    access_patterns,
    admin_guide,
    alarm_list,
    architecture,
    data_model,
    errors,
    generated,
    job_table,
    openapi,
    permissions,
    route_table,
)

DOCUMENTS: dict[Path, Callable[[], str]] = {
    module.PATH: module.text
    for module in (
        access_patterns,
        admin_guide,
        alarm_list,
        architecture,
        capacity_page,
        data_model,
        errors,
        job_table,
        openapi,
        permissions,
        route_table,
    )
}


@pytest.mark.ledger("S0-027")
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_generated_document_does_not_drift(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == DOCUMENTS[path](), "run `make docs` and commit what it writes"


def test_a_stale_document_is_told_and_not_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    path = tmp_path / "page.md"
    path.write_text("old")
    assert generated.run(path, lambda: "new", ["--check"]) == 1
    assert path.read_text() == "old"
    assert generated.run(path, lambda: "new", []) == 0
    assert path.read_text() == "new"
    assert generated.run(path, lambda: "new", ["--check"]) == 0


def test_the_version_is_one() -> None:
    project = tomllib.loads((generated.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == chalicelib.__version__


def test_links_between_the_documents_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(generated.ROOT)}: {link}"
        for page in [*generated.ROOT.glob("*.md"), *generated.DOCS.rglob("*.md")]
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert not broken
