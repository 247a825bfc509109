"""Draw the arrows between domains into docs/architecture.md, from the imports. The reasons are for people to write."""

from __future__ import annotations

import re
import sys
from collections import defaultdict

from infra.tools import code, generated

PATH = generated.DOCS / "architecture.md"
FLOORS = {"core": 1, "store": 2, "http": 2}
"""Every other room of `chalicelib` is a domain, on floor 3; `app.py` is floor 4."""
_BEGIN, _END = "<!-- drawn by infra/tools/architecture.py -->", "<!-- end of the drawing -->"
_ARROW = re.compile(r"^- `(\w+) → (\w+)` \(([\w., ]+)\): (\S.+)\.$", re.MULTILINE)

Arrows = dict[tuple[str, str], frozenset[str]]
"""(from, to) → the chapters taken."""


def is_domain(room: str) -> bool:
    return bool(room) and room not in FLOORS


def real() -> Arrows:
    """The arrows as the imports have them."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in code.imports():
        if is_domain(one.by.room) and is_domain(one.room) and one.by.room != one.room:
            found[(one.by.room, one.room)].add(one.chapter or "service")
    return {pair: frozenset(chapters) for pair, chapters in sorted(found.items())}


def drawn() -> Arrows:
    """The arrows as the page explains them."""
    page = PATH.read_text(encoding="utf-8")
    return {(one[1], one[2]): frozenset(one[3].split(", ")) for one in _ARROW.finditer(page)}


def circle(arrows: Arrows) -> list[str]:
    """A way from a room back to itself; empty when there is none."""
    ends: dict[str, list[str]] = defaultdict(list)
    for start, end in arrows:
        ends[start].append(end)

    def walk(way: list[str]) -> list[str]:
        for end in ends[way[-1]]:
            if end in way:
                return [*way[way.index(end) :], end]
            if found := walk([*way, end]):
                return found
        return []

    return next((found for start in list(ends) if (found := walk([start]))), [])


def text() -> str:
    """The page with its drawing renewed."""
    before, _, rest = PATH.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    lines = [f"  {start} --> {end}" for start, end in real()]
    return "\n".join([before + _BEGIN, "```mermaid", "graph LR", *lines, "```", _END + after])


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
