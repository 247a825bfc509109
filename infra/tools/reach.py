"""`make reach ARGS="order_timeout"`: what a function can ask of AWS, and by which way through the code it gets there.

Without arguments: every function and its actions. With the name of a function of the code beside it
(`ARGS="api chalicelib.store.reading.get"`): the shortest way there.
"""

from __future__ import annotations

import argparse
import sys

from infra.reach import closure, grants
from infra.reach.program import Unreadable
from infra.reach.uses import Use

_PACKAGE = "chalicelib."


def short(way: list[str]) -> str:
    """A way through the code, on one line."""
    return " → ".join(one.removeprefix(_PACKAGE) for one in way)


def named(use: Use) -> str:
    if use.service == "settings":
        return f"the secret {grants.variable_of(use.operation)}"
    return f"{use.service} {use.operation}" + (f" on {use.index}" if use.index not in ("", "table") else "")


def overview() -> str:
    lines = []
    for function in closure.ways_in():
        lines.append(function)
        for statement in grants.policy(function)["Statement"]:
            lines.append(f"    {statement['Sid']:<12}{', '.join(statement['Action'])}")
    return "\n".join(lines)


def ways(function: str) -> str:
    found = closure.reach(function)
    return "\n".join(f"{named(use)}\n    {short(found.way_to(use))}" for use in sorted(found.uses, key=named))


def way(function: str, target: str) -> str:
    """Raises KeyError where it cannot get there."""
    found, steps = closure.reach(function).came_from, [target]
    while before := found[steps[0]]:
        steps.insert(0, before)
    return short(steps)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make reach", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("function", nargs="?", choices=[*closure.ways_in()], help="a packaged function")
    parser.add_argument("target", nargs="?", help="a function of the code, by its full name")
    asked = parser.parse_args()
    try:
        if asked.target:
            print(way(asked.function, asked.target))
        else:
            print(ways(asked.function) if asked.function else overview())
    except KeyError:
        print(f"{asked.function} does not reach {asked.target}", file=sys.stderr)
        return 1
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
