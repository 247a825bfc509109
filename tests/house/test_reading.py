"""The pages for people: each is found from the index, each link leads somewhere, and what they name is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import chalicelib
from chalicelib.http import refusals
from infra.tools import access_patterns, admin_guide, app, data_model, errors, generated

ROOT, DOCS = generated.ROOT, generated.DOCS
INDEX = DOCS / "README.md"
ROLES = ("Manager", "Shop staff", "Front end", "Back end", "Tester", "Operator", "Security reader")
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
GUIDES = [
    DOCS / f"{name}.md"
    for name in (
        "admin-guide", "compatibility", "data-model", "faq", "pipeline", "plan", "troubleshooting", "user-manual",
    )
]  # fmt: skip
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^\| (`[a-z_`, ]+) \|", re.MULTILINE)


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Each relative link of a page: the file it leads to, and the heading there."""
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in link:
            target, _, anchor = link.partition("#")
            yield ((page.parent / target).resolve() if target else page), anchor


def anchors(page: Path) -> set[str]:
    """The headings of a page as they stand in addresses."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in found)
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


def names(page: Path, pattern: str) -> set[str]:
    return set(re.findall(pattern, page.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.ledger("S4-016")
def test_the_index_leads_everybody_to_every_page() -> None:
    chapters = INDEX.read_text(encoding="utf-8").split("\n## ")[1:]
    for role in ROLES:
        (chapter,) = [one for one in chapters if one.split("\n")[0].startswith(role)]
        assert len(_LINK.findall(chapter)) >= 3, role
    linked = {target for target, _ in links(INDEX)}
    assert {page for page in DOCS.glob("*.*") if page != INDEX} - linked == set()
    for page in (ROOT / "README.md", ROOT / "README.zh-CN.md"):
        assert INDEX in {target for target, _ in links(page)}
    assert ROOT / "CHANGELOG.md" in linked


@pytest.mark.ledger("S4-016")
def test_the_change_log_has_a_chapter_for_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", text, re.MULTILINE)
    assert versions[0] == chalicelib.__version__
    assert versions == sorted(versions, key=lambda one: [int(part) for part in one.split(".")], reverse=True)
    assert re.search(r"^### (Added|Changed|Fixed)", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_to_a_heading_finds_it(page: Path) -> None:
    missing = [
        f"{target.name}#{anchor}"
        for target, anchor in links(page)
        if anchor and target.suffix == ".md" and anchor not in anchors(target)
    ]
    assert not missing


def test_every_page_that_the_code_speaks_of_is_there() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {named}"
        for folder in ("chalicelib", "infra")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for named in re.findall(r"\bdocs/[\w/.-]+\.md\b", path.read_text(encoding="utf-8"))
        if not (ROOT / named).exists()
    ]
    assert not missing


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_every_request_target_and_path_that_a_guide_names_is_there(page: Path) -> None:
    operations = {f"{op.method} {op.path}" for op in app.declared().operations}
    named = {
        " ".join(one.split()) for one in names(page, r"`((?:GET|POST|PUT|PATCH|DELETE)\s+/[^`?\s]+)[^`]*`")
    }
    assert named - operations == set()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {one for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for one in line.split()}
    assert names(page, r"\bmake ([a-z][a-z-]+)(?=[`\s]*(?:`|#|$| ARGS| STAGE| PYTHON))") <= targets
    paths = names(page, r"`((?:chalicelib|infra|tests|docs)/[\w./-]+)`")
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@pytest.mark.ledger("S2-058")
def test_the_data_model_is_what_the_code_keeps() -> None:
    """Every kind, every guarded attribute, every end and every timer; a new one fails until it is told."""
    page = data_model.PATH.read_text(encoding="utf-8")
    assert page == data_model.text(), "run `make docs` and commit what it writes"
    ends = {where for where, _ in data_model.ENDS.values()}
    modules = data_model.setters_of_ttl()
    told = {where if where in modules else where.rpartition(".")[0] for where in ends}
    assert {_beside(one) for one in modules} == {_beside(one) for one in told}
    assert set(data_model.TIMED) == set(access_patterns.timers())
    index = {target for target, _ in links(INDEX)}
    for other in ("docs/openapi.json", "docs/architecture.md", "docs/development.md", "CONTRIBUTING.md"):
        assert ROOT / other in index


def _beside(module: str) -> str:
    """A span may be declared in one module of a room and used in another."""
    return module.partition(".")[0] if not module.startswith("store.") else module


@pytest.mark.ledger("S2-060")
def test_the_guide_for_the_staff_has_every_route_with_those_who_may() -> None:
    page = admin_guide.PATH.read_text(encoding="utf-8")
    assert page == admin_guide.text(), "run `make docs` and commit what it writes"
    from chalicelib.identity.roles import ROLES as BUILT_IN

    for role in BUILT_IN:
        assert f"| `{role}` |" in page
    for user_page in ("user-manual.md", "faq.md"):
        assert len((DOCS / user_page).read_text(encoding="utf-8")) > 3000


@pytest.mark.ledger("S2-060")
def test_the_manual_tells_every_state_of_an_order_and_every_area_of_a_customer() -> None:
    from chalicelib.orders.states import EVERY

    page = (DOCS / "user-manual.md").read_text(encoding="utf-8")
    for state in EVERY:
        assert f"| `{state}` |" in page
    areas = {
        op.path.split("/")[2] + (f"/{op.path.split('/')[3]}" if op.path.startswith("/v1/me/") else "")
        for op in app.declared().operations
        if op.path.startswith("/v1/") and op.permission.kind in ("customer", "either", "public")
    }
    untold = {area for area in areas if f"/v1/{area}" not in page}
    assert untold <= {"skus", "me/devices"}, untold


@pytest.mark.ledger("S2-059")
def test_trouble_has_a_page_that_follows_the_code() -> None:
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    told = {
        one
        for row in _CODE.findall(page.partition("## In a client")[2].partition("\n## ")[0])
        for one in re.findall(r"`(\w+)`", row)
    }
    where = errors.where()
    real = {
        one
        for by in refusals.of_all(app.declared().operations, app.declared().ports.refusals).values()
        for one in by
    }
    assert told <= real, "codes that no answer has"
    common = {one for one, places in where.items() if len(places) >= 5}
    assert common | {"internal"} <= told, "common codes without a word on what to do"
    stack = (ROOT / "infra" / "deploy" / "stack.py").read_text(encoding="utf-8")
    for state in re.findall(r'"([A-Z_]+_(?:COMPLETE|FAILED))"', stack):
        if state not in ("CREATE_COMPLETE", "DELETE_COMPLETE"):
            assert f"| `{state}` |" in page, state


@pytest.mark.ledger("S2-059")
def test_what_the_page_says_one_sees_is_what_the_tools_say() -> None:
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    said = "\n".join(
        path.read_text(encoding="utf-8") for path in [*(ROOT / "infra").rglob("*.py"), ROOT / "Makefile"]
    )
    said = re.sub(r'"\s*\n\s*f?"', "", said)
    strange = [
        quoted
        for row in re.findall(r"^\| (.+?) \|", page, re.MULTILINE)
        for quoted in re.findall(r"`([^`]+ [^`]+)`", row)
        for piece in re.split(r"…|8000 of 127.0.0.1|\.venv", quoted)
        if piece.strip()
        and not quoted.startswith(("make ", "GET ", "POST ", "stock"))
        and piece.strip() not in said
    ]
    assert not strange


@pytest.mark.ledger("S4-001")
def test_the_choice_of_the_stack_compares_and_draws_what_is_there() -> None:
    page = (DOCS / "decisions" / "0032-why-this-stack.md").read_text(encoding="utf-8")
    compared = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \| (taken|left out)", page, re.MULTILINE)
    assert {outcome for _, outcome in compared} == {"taken", "left out"}
    assert len(compared) >= 8
    drawing = page.partition("```mermaid")[2].partition("```")[0]
    for event in app.declared().event_sources:
        assert event.name in drawing, event.name
    for part in ("API Gateway", "DynamoDB", "EventBridge", "SQS", "Parameter Store"):
        assert part in drawing


@pytest.mark.ledger("S0-046", "S1-067")
def test_what_stands_for_containers_and_panels_is_told_and_is_there() -> None:
    """One command for a local stack without containers, one to deploy; nothing of the planned tools is left over."""
    page = (DOCS / "decisions" / "0032-why-this-stack.md").read_text(encoding="utf-8")
    rows = dict(
        re.findall(
            r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", page.partition("## What replaces what")[2], re.MULTILINE
        )
    )
    assert "`make run`" in rows["`docker compose up`"]
    assert "`make deploy`" in rows["1Panel, a host's panel"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "infra.local.run" in makefile.partition("\nrun: setup")[2].split("\n\n")[0]
    assert "infra.deploy" in makefile.partition("\ndeploy: setup")[2].split("\n\n")[0]
    leftovers = [path for path in ROOT.glob("*") if re.search(r"docker|compose", path.name, re.IGNORECASE)]
    assert not leftovers


@pytest.mark.ledger("S2-059")
@pytest.mark.parametrize(
    ("page", "holds"),
    [
        ("deploy.md", "make rollback STAGE="),
        ("operations.md", "## Metrics"),
        ("alarms/README.md", "| kind | how soon | what happened |"),
        ("troubleshooting.md", "### The states of a stack"),
        ("tuning.md", "make bench"),
    ],
)
def test_whoever_runs_a_shop_finds_how_to_deploy_watch_mend_and_tune_it(page: str, holds: str) -> None:
    assert holds in (DOCS / page).read_text(encoding="utf-8")
    operator = INDEX.read_text(encoding="utf-8").partition("## Operator")[2].partition("\n## ")[0]
    assert f"({page})" in operator


@pytest.mark.ledger("S1-068")
@pytest.mark.parametrize(
    ("kind", "page", "holds"),
    [
        ("API", "openapi.json", '"openapi": "3.1.0"'),
        ("deployment", "deploy.md", "make deploy STAGE="),
        ("development", "development.md", "make test"),
        ("operations", "operations.md", "## Log events"),
    ],
)
def test_the_four_kinds_of_documents_are_there_and_found(kind: str, page: str, holds: str) -> None:
    assert holds in (DOCS / page).read_text(encoding="utf-8"), kind
    assert DOCS / page in {target for target, _ in links(INDEX)}
