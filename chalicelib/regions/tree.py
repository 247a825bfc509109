"""The tree of divisions, read from `divisions.txt` when first asked for and kept for the life of the process.

The file has a line for each division, parents before their children: a space for each level, the six digits of
GB/T 2260, the name. 61 KB, and readable in a diff. The facts are those of the region table of linlinjava/litemall
(MIT License, © 2018 linlinjava).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal["province", "city", "district"]
LEVELS: tuple[Level, ...] = ("province", "city", "district")
_FILE = Path(__file__).parent / "divisions.txt"
_CODE_DIGITS = 6
_COLLECTIVE = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Names of a level that only holds others together: nobody writes them on a parcel."""


@dataclass(frozen=True, slots=True)
class Division:
    """One division, its ancestors from the top, and what it is divided into."""

    code: str
    name: str
    level: Level
    above: tuple["Division", ...] = field(repr=False)
    children: list["Division"] = field(default_factory=list, repr=False, compare=False)

    @property
    def path(self) -> tuple["Division", ...]:
        """From the province down to this one."""
        return (*self.above, self)

    @property
    def is_collective(self) -> bool:
        return self.name in _COLLECTIVE


@cache
def provinces() -> tuple[Division, ...]:
    """The top of the tree, in the order of the codes."""
    top: list[Division] = []
    way: list[Division] = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        text = line.lstrip(" ")
        depth = len(line) - len(text)
        del way[depth:]
        division = Division(text[:_CODE_DIGITS], text[_CODE_DIGITS:], LEVELS[depth], tuple(way))
        (way[-1].children if way else top).append(division)
        way.append(division)
    return tuple(top)


def every() -> Iterator[Division]:
    """All of them, parents before their children."""
    waiting = list(reversed(provinces()))
    while waiting:
        division = waiting.pop()
        yield division
        waiting.extend(reversed(division.children))


@cache
def by_code() -> dict[str, Division]:
    """The lowest division of each code.

    Dongguan, Zhongshan and Danzhou are cities without districts: there the city stands below itself, under its own
    code, so that every address has three levels. Its code means that lowest one, and its path has the other.
    """
    return {division.code: division for division in every()}


@cache
def parents() -> dict[str, Division]:
    """The division of each code that is divided further."""
    return {division.code: division for division in every() if division.children}
