"""`make quality`: how much is tested, typed and documented, measured; nothing is estimated.

What follows from the code is measured now. What only a run can say (coverage, operations called, promises kept) is read
from what the last runs recorded, and left out where none did. `ARGS=--write` writes the tables of docs/plan.md.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import chalicelib
from infra.tools import app, called, code, contract, generated, ledger, recorder

PATH = generated.DOCS / "plan.md"
COVERAGE = generated.ROOT / ".coverage"
_BEGIN, _END = "<!-- measured by infra/tools/quality.py -->", "<!-- end of what is measured -->"
_METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    have: float
    of: float
    target: float
    """Per cent."""
    missing: tuple[str, ...] = ()

    @property
    def percent(self) -> float:
        return 100.0 * self.have / self.of if self.of else 100.0

    @property
    def is_met(self) -> bool:
        return self.percent >= self.target


def _share(name: str, found: Iterable[tuple[str, bool]], target: float = 100) -> Measure:
    every = list(found)
    missing = tuple(one for one, holds in every if not holds)
    return Measure(name, len(every) - len(missing), len(every), target, missing)


def from_the_document(document: dict[str, Any]) -> list[Measure]:
    """What each operation says of itself."""
    operations = [
        (f"{method.upper()} {path}", one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if method in _METHODS
    ]
    examples = document["components"]["examples"]
    return [
        _share("operations with a summary", ((name, bool(one.get("summary"))) for name, one in operations)),
        _share(
            "JSON bodies with a type and an example",
            (
                (name, bool(json_.get("schema")) and "example" in json_)
                for name, one in operations
                for json_ in _json_of(one.get("requestBody", {}))
            ),
        ),
        _share(
            "JSON answers with a type and an example",
            (
                (name, bool(json_.get("schema")) and "example" in json_)
                for name, one in operations
                for status, answer in one["responses"].items()
                if status.startswith("2")
                for json_ in _json_of(answer)
            ),
        ),
        _share(
            "operations that name their refusals",
            ((name, any(status[0] in "45" for status in one["responses"])) for name, one in operations),
        ),
        _share(
            "problems with an example in both languages' form",
            (
                (name, {"title", "code", "type"} <= set(one.get("value", {})))
                for name, one in examples.items()
            ),
        ),
    ]


def _json_of(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is JSON of our own; a provider's or a file's own form (`{}`) is theirs to describe."""
    content = holder.get("content", {}).get("application/json", {})
    if content.get("schema") != {} and content:
        yield content


def raw(document: dict[str, Any]) -> set[str]:
    """Operations with JSON in a form that is not ours to describe."""
    return {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        for holder in (one.get("requestBody", {}), *one["responses"].values())
        if holder.get("content", {}).get("application/json", {}).get("schema") == {}
    }


def from_the_code() -> list[Measure]:
    """Types and words of what ships."""
    functions = [
        (f"{module.name}.{node.name}", node)
        for module in code.modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
    ]
    return [
        _share("functions with every type written", ((name, _is_typed(node)) for name, node in functions)),
        _share(
            "modules that say what they are for",
            ((one.name, bool(ast.get_docstring(one.tree))) for one in code.modules()),
        ),
    ]


def _is_typed(node: ast.FunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
    named = [one for one in arguments if one.arg not in ("self", "cls")]
    return node.returns is not None and all(one.annotation is not None for one in named)


def of_the_contract(document: dict[str, Any]) -> Measure:
    promised = contract.read_promises()
    broken = contract.breaks(promised, contract.facts(document))
    return Measure(
        "facts of /v1 that were promised and hold",
        len(promised) - len(broken),
        len(promised),
        100,
        tuple(map(str, broken)),
    )


def of_the_operations(answers: called.Answers) -> list[Measure]:
    """From the last runs of the tests: which operations were called, and which of them did what they are for."""
    ids = [op.id for op in app.declared().operations]
    return [
        _share("operations that the tests called", ((one, one in answers) for one in ids)),
        _share(
            "operations that answered a test with success",
            ((one, any(status < 400 for status in answers.get(one, []))) for one in ids),
        ),
    ]


def of_the_branches(path: Path) -> Measure | None:
    """The last run's coverage, branches included."""
    if not path.exists():
        return None
    from coverage import Coverage

    read = Coverage(data_file=str(path), config_file=str(generated.ROOT / "pyproject.toml"))
    read.load()
    return Measure("lines and branches that the tests reached", read.report(file=io.StringIO()), 100, 85)


def measures() -> list[Measure]:
    """Everything there is to say today."""
    document = app.declared().describe()
    found = [*from_the_document(document), *from_the_code(), of_the_contract(document)]
    if answers := called.read():
        found += of_the_operations(answers)
    if (branches := of_the_branches(COVERAGE)) is not None:
        found.append(branches)
    return found


def types_hold() -> bool:
    """mypy, strict, over everything."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=generated.ROOT, check=False, capture_output=True
    )
    return done.returncode == 0


def promises() -> dict[str, Counter[str]]:
    """System → how many of its lines are kept, broken, not run, open."""
    settled = ledger.settle(ledger.claims(), recorder.read())
    found = {system: Counter[str]() for system in ledger.systems()}
    for one in settled.values():
        found["B" if one.id.startswith("B") else one.id[:2]][one.state] += 1
    return found


def table(found: list[Measure]) -> str:
    rows = ["| measure | have | of | per cent | target |", "|---|---|---|---|---|"]
    rows += [
        f"| {one.name} | {one.have:,.0f} | {one.of:,.0f} | {one.percent:.1f} | {one.target:g} |"
        for one in found
    ]
    return "\n".join(rows)


def progress(found: dict[str, Counter[str]]) -> str:
    """Plan and actual: the ledger's lines are the plan."""
    names = ledger.systems()
    rows = ["| | planned lines | a test passed | a test is there, not run | open |", "|---|---|---|---|---|"]
    for system, states in found.items():
        rest = states["not run"] + states["broken"]
        rows.append(
            f"| {system} {names[system]} | {states.total()} | {states['kept']} | {rest} | {states['open']} |"
        )
    return "\n".join(rows)


def unmeasured() -> list[str]:
    """What only a run of the tests can say, and none has."""
    needed = (("operations called", called.PATH), ("coverage", COVERAGE))
    return [name for name, record in needed if not record.exists()]


def _write(found: list[Measure], typed: bool) -> None:
    before, _, rest = PATH.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    day = datetime.now(UTC).date()
    said = (
        f"Version {chalicelib.__version__}, measured on {day}; mypy, strict, over everything: "
        f"{'no fault' if typed else 'FAULTS'}."
    )
    if unknown := unmeasured():
        said += f" Not recorded by any run here, and so left out: {', '.join(unknown)}."
    parts = [f"{before}{_BEGIN}", said, "### By system", progress(promises()), "### By measure", table(found)]
    PATH.write_text("\n\n".join(parts) + f"\n\n{_END}{after}", encoding="utf-8")
    print(f"{PATH.relative_to(generated.ROOT)} is written")


def main(arguments: list[str] | None = None) -> int:
    """0: every target is met; 1: one is not."""
    parser = argparse.ArgumentParser(prog="make quality", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables of docs/plan.md too")
    parser.add_argument("--json", action="store_true", help="for programs")
    asked = parser.parse_args(arguments)
    found, typed = measures(), types_hold()
    if asked.json:
        print(json.dumps({one.name: round(one.percent, 2) for one in found} | {"mypy strict": typed}))
    else:
        for one in found:
            mark = "ok    " if one.is_met else "MISSED"
            print(f"{mark}  {one.percent:6.1f} %  (target {one.target:g})  {one.name}")
            for name in one.missing[:20] if not one.is_met else ():
                print(f"            {name}")
        print(f"{'ok    ' if typed else 'MISSED'}  mypy, strict, over everything")
        for name in unmeasured():
            print(f"unknown {name}: run the tests first")
    if asked.write:
        _write(found, typed)
    return 0 if typed and all(one.is_met for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
