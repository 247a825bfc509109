"""From a function's way in to everything it may run and ask of AWS, and one way there for each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from infra.reach.edges import Edges
from infra.reach.inference import Inference
from infra.reach.program import Program, shipped
from infra.reach.uses import Use, Uses
from infra.tools import app

API = "api"


@dataclass(frozen=True, slots=True)
class Reach:
    """What one packaged function reaches."""

    came_from: dict[str, str]
    """Everything it may run → what named it, on a shortest way; empty for a way in."""
    uses: dict[Use, str]
    """What it may ask of AWS → the nearest function that asks it."""

    def way_to(self, use: Use) -> list[str]:
        """The functions on the way from a way in to where this is asked."""
        way = [self.uses[use]]
        while before := self.came_from[way[0]]:
            way.insert(0, before)
        return way


class Reader:
    def __init__(self, program: Program) -> None:
        inference = Inference(program)
        self.program = program
        self._edges = Edges(inference)
        self._uses = Uses(inference)

    def reach(self, ways_in: Iterable[str]) -> Reach:
        came_from = dict.fromkeys(ways_in, "")
        uses: dict[Use, str] = {}
        waiting = deque(came_from)
        while waiting:
            name = waiting.popleft()
            for use in self._uses.of(name):
                uses.setdefault(use, name)
            for following in sorted(self._edges.of(name)):
                if following not in came_from:
                    came_from[following] = name
                    waiting.append(following)
        return Reach(came_from, uses)


@cache
def ways_in() -> dict[str, tuple[str, ...]]:
    """Packaged function → where Lambda comes in: the app with every handler it serves, or one job."""
    souk = app.declared()
    found = {
        API: (
            "app",
            *sorted({f"{op.handler.__module__}.{op.handler.__qualname__}" for op in souk.operations}),
        )
    }
    return found | {source.name: (source.handler_string,) for source in souk.event_sources}


@cache
def reader() -> Reader:
    return Reader(shipped())


@cache
def reach(function: str) -> Reach:
    """Of a packaged function, by its name. Raises KeyError, Unreadable."""
    return reader().reach(_known(ways_in()[function]))


def _known(names: Iterable[str]) -> list[str]:
    """A route of the API's own pages is made inside a function: that function stands for it."""
    return sorted({name.partition(".<locals>")[0] for name in names})
