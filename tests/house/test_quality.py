"""What `make quality` measures, and what of it must be whole at any time."""

import ast
import re

from infra.tools import app, quality


def test_the_plan_has_its_tables_and_owns_up_to_the_days() -> None:
    page = quality.PATH.read_text(encoding="utf-8")
    assert re.search(r"18 days in its heading, 19 in its table", page)
    risks = page.partition("## Risks")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$", risks, re.MULTILINE)) >= 8


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
