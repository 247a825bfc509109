"""`make ledger`: which lines of docs/ledger.md and which rules have a passing test, and which have none.

It reports what the last runs recorded; `--run` first runs every test that makes a promise.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from infra.tools import generated, recorder

LEDGER = generated.DOCS / "ledger.md"
RULES = generated.DOCS / "rules.md"
_LINE = re.compile(r"^- (S\d-\d{3}) `([KATDP])` (.+)$", re.MULTILINE)
_SYSTEM = re.compile(r"^### (S\d) (.+)$", re.MULTILINE)
_RULE = re.compile(r"^- (B\d+): (.+)$", re.MULTILINE)
_WIDTH = 96
_RUN = ["-q", "-m", "ledger or rule", "--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile"]


@dataclass(slots=True)
class Promise:
    """One line of the ledger, or one rule."""

    id: str
    text: str
    outcomes: set[str] = field(default_factory=set)

    @property
    def state(self) -> str:
        """Kept by a test that passed, broken by one that failed, or claimed by one that did not run."""
        if "failed" in self.outcomes:
            return "broken"
        if "passed" in self.outcomes:
            return "kept"
        return "not run" if self.outcomes else "open"


def lines() -> dict[str, Promise]:
    """Every promise there is, by id."""
    ledger, rules = LEDGER.read_text(encoding="utf-8"), RULES.read_text(encoding="utf-8")
    found = [Promise(one[1], one[3]) for one in _LINE.finditer(ledger)]
    found += [Promise(one[1], one[2]) for one in _RULE.finditer(rules)]
    return {one.id: one for one in found}


def systems() -> dict[str, str]:
    """S0 … S4 and B with their names, in the order of reading."""
    named = {one[1]: one[2] for one in _SYSTEM.finditer(LEDGER.read_text(encoding="utf-8"))}
    return {**named, "B": "Rules that must hold"}


def claims() -> dict[str, list[str]]:
    """Test → the promises it makes, of all tests there are now. Collects, runs nothing."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "infra.tools.claims",
            "-p",
            "no:cacheprovider",
        ],
        capture_output=True,
        text=True,
        cwd=generated.ROOT,
        check=False,
    )
    marked = re.search(r"^promises: (.+)$", done.stdout, re.MULTILINE)
    if marked is None:
        raise RuntimeError(f"the tests cannot be collected:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    found: dict[str, list[str]] = json.loads(marked[1])
    return found


def settle(claimed: dict[str, list[str]], record: recorder.Record) -> dict[str, Promise]:
    """Every promise with the outcomes of the tests that make it now. Raises KeyError for one there is not."""
    promises = lines()
    for test, ids in claimed.items():
        for one in ids:
            promises[one].outcomes.add(record.get(test, {}).get("outcome", "not run"))
    return promises


def report(promises: dict[str, Promise]) -> str:
    """A block for each system: how many of its lines are kept, and the ids in each state."""
    blocks = []
    for system, name in systems().items():
        own = [one for one in promises.values() if re.fullmatch(rf"{system}(-\d+|\d+)", one.id)]
        by_state: dict[str, list[str]] = defaultdict(list)
        for one in own:
            by_state[one.state].append(one.id)
        kept = len(by_state["kept"])
        block = [f"{system}  {name}: {kept} of {len(own)} have a passing test"]
        for state in ("kept", "broken", "not run", "open"):
            block += _wrapped(state, by_state[state])
        blocks.append("\n".join(block))
    whole = sum(one.state == "kept" for one in promises.values())
    blocks.append(f"All: {whole} of {len(promises)} have a passing test.")
    return "\n\n".join(blocks)


def _wrapped(state: str, ids: Iterable[str]) -> list[str]:
    found: list[str] = []
    row = ""
    for one in ids:
        if len(row) + len(one) > _WIDTH:
            found.append(row)
            row = ""
        row += f" {one}"
    rows = [*found, row] if row else found
    return [f"    {state if at == 0 else '':8}{line}" for at, line in enumerate(rows)]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Which promises have a passing test.")
    parser.add_argument("--run", action="store_true", help="run every test that makes a promise first")
    parser.add_argument("--open", action="store_true", help="print the text of every line without a test")
    wanted = parser.parse_args(argv)
    claimed = claims()
    if wanted.run:
        subprocess.run([sys.executable, "-m", "pytest", *_RUN], cwd=generated.ROOT, check=False)  # noqa: S603 - ours
    promises = settle(claimed, recorder.read())
    print(report(promises))
    if wanted.open:
        print("\n" + "\n".join(f"{one.id}  {one.text}" for one in promises.values() if one.state == "open"))
    return 1 if any(one.state == "broken" for one in promises.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
