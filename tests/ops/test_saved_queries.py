"""The saved queries ask for what the log really says."""

import ast
import re
from collections import defaultdict

import pytest

from chalicelib.core.metric_names import BY_NAME
from infra.logs import SavedQuery, saved_queries
from infra.tools import code
from tests.lines import logged
from tests.shop import Shop, send

QUERIES = saved_queries()
LANGUAGE = {
    "fields", "filter", "stats", "sort", "limit", "by", "as", "and", "or", "not", "in", "asc", "desc", "like",
    "count", "sum", "avg", "max", "min", "pct", "bin", "earliest", "latest", "ispresent",
}  # fmt: skip
EVERY_LINE = {"time", "level", "event", "error", "fault"}
JOINED = {"request_id", "trace_id", "operation", "job", "run_id"}
"""What `log.join` and its like put on the lines of a request, a run, a record."""


def emitted() -> dict[str, set[str]]:
    """Event → the fields its calls give, as the code has them. Metrics stand under their names."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in code.modules():
        if module.name == "chalicelib.core.log":
            continue
        for call in code.calls_of(module.tree, "info", "warning", "error"):
            if call.args and isinstance(call.args[0], ast.Constant):
                found[str(call.args[0].value)] |= {word.arg for word in call.keywords if word.arg}
    for metric in BY_NAME.values():
        if metric.is_emitted:
            found[metric.name] |= {metric.name, *metric.dimensions}
    return found


def words_of(query: str) -> set[str]:
    """The fields a query reads: no strings, no numbers, no words of the language, no names it gives itself."""
    bare = re.sub(r'"[^"]*"', " ", query)
    given = set(re.findall(r"\bas\s+(\w+)", bare))
    words = set(re.findall(r"(?<![@\w])[a-z_][a-z0-9_]*", bare))
    return words - LANGUAGE - given - {word for word in words if re.fullmatch(r"\d+[smhd]?", word)}


def subjects_of(query: str) -> set[str]:
    """The events and metrics whose lines it looks at."""
    bracketed = re.findall(r"event in \[([^\]]+)\]", query)
    events = set(re.findall(r'event = "(\w+)"', query)) | set(re.findall(r'"(\w+)"', " ".join(bracketed)))
    return events | (set(re.findall(r"ispresent\((\w+)\)", query)) & BY_NAME.keys())


def name_of(one: SavedQuery) -> str:
    return one.name


@pytest.mark.ledger("S1-065")
@pytest.mark.parametrize("one", QUERIES, ids=name_of)
def test_each_field_a_query_reads_is_on_the_lines_it_looks_at(one: SavedQuery) -> None:
    known = emitted()
    subjects = subjects_of(one.query)
    assert subjects <= known.keys(), f"nothing logs {subjects - known.keys()}"
    fields = set().union(*(known[subject] for subject in subjects or known))
    assert words_of(one.query) - EVERY_LINE - JOINED <= fields


@pytest.mark.parametrize("one", QUERIES, ids=name_of)
def test_a_query_is_written_as_the_console_takes_it(one: SavedQuery) -> None:
    assert re.fullmatch(r"[a-z]+/[\w ]+", one.name)
    assert one.answers.count("?") >= 1
    commands = [re.match(r"\w+", step.strip()) for step in one.query.split("|")]
    assert {found[0] for found in commands if found} <= {"fields", "filter", "stats", "sort", "limit"}
    assert all(commands), "an empty step"
    assert len(one.query) <= 10_000


def test_no_two_queries_have_one_name() -> None:
    assert len({one.name for one in QUERIES}) == len(QUERIES)


def test_a_request_really_writes_what_the_queries_read_of_it(shop: Shop) -> None:
    """The words in the code, once more, from lines that were written."""
    lin = shop.customer()
    with logged() as lines:
        lin.get("/v1/me")
        send("GET", "/v1/me")
    told, refused = lines.of(event="request")
    assert (told["tenant"], told["actor"], told["refusal"], told["operation"]) == (
        "default",
        lin.id,
        "",
        "identity_me",
    )
    assert told["took_ms"] > 0
    assert (refused["status"], refused["refusal"]) == (401, "unauthenticated")


def test_a_fault_is_counted_by_its_kind_and_place(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("something else each time")

    monkeypatch.setattr("chalicelib.inventory.service.get", broken)
    with logged() as lines:
        send("GET", "/v1/skus/sku_01KJ0000000000000000000001/stock")
    (line,) = lines.of(event="unexpected")
    assert line["fault"] == "ZeroDivisionError in chalicelib.inventory.service.stock_of"
