"""A room fits one head: no file and no function grows past what can be read at once."""

import ast
from pathlib import Path

from infra.tools import code

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
EXCUSED: dict[str, str] = {}
"""`path` or `path:function` → why it may be longer. Empty, and meant to stay so."""

SOURCES = [
    code.ROOT / "app.py",
    *(
        path
        for folder in ("chalicelib", "infra", "tests")
        for path in sorted((code.ROOT / folder).rglob("*.py"))
    ),
]


def shown(path: Path) -> str:
    return str(path.relative_to(code.ROOT))


def test_no_file_is_too_long() -> None:
    long = {
        shown(path): lines
        for path in SOURCES
        if (lines := path.read_text(encoding="utf-8").count("\n")) > LONGEST_FILE
    }
    assert not {path: lines for path, lines in long.items() if path not in EXCUSED}


def test_no_function_is_too_long() -> None:
    long = {
        f"{shown(path)}:{node.name}": length
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not {name: length for name, length in long.items() if name not in EXCUSED}


def test_no_excuse_outlives_its_reason() -> None:
    assert not EXCUSED
