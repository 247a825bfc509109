"""Write docs/permissions.md: what each function may do in AWS, and by which way through the code it comes to it."""

from __future__ import annotations

import sys
from collections import defaultdict

from infra.reach import closure, grants, iam
from infra.tools import generated, reach

PATH = generated.DOCS / "permissions.md"
_HEAD = """\
# What each function may do

Made from the code by `make docs`; the same reading makes `.chalice/policy-<function>.json`. How it is read, and why the
policies are generated: [decision 29](decisions/0029-policies-are-read-from-the-code.md). `make reach ARGS="{job}"`
prints every way, `make reach ARGS="{job} chalicelib.store.reading.get"` the way to one function.

Each function has a role of its own, which only Lambda takes on, and only in the account of the stack. Nothing here is
shared between stages: table, queues, log groups and secrets carry the stage in their names.

"Because" is one example, the shortest way from the function's handler to where AWS is asked. A transaction is allowed
what its parts are: there is no action of its own.
"""
_GIVEN = {
    "Log": "Lambda writes the function's own log",
    "Traces": "Lambda sends its traces; X-Ray knows no resources",
    "Stream": "Lambda reads the table's stream for it",
    "Streams": "Lambda looks the stream up; the list knows no resources",
    "DeadLetters": "Lambda parks here what failed for good",
}
_MANY = 6
_TABLE = f"${{{grants.TABLE}.Arn}}"


def text() -> str:
    """docs/permissions.md"""
    job = next(name for name in closure.ways_in() if name != closure.API)
    sections = [_section(function) for function in sorted(closure.ways_in())]
    return "\n".join([_HEAD.replace("{job}", job), *sections])


def _section(function: str) -> str:
    lines = [f"## {function}", "", "| on | may | because |", "|---|---|---|"]
    because = _because(function)
    for statement in grants.policy(function)["Statement"]:
        sid = statement["Sid"]
        if sid in _GIVEN:
            actions = ", ".join(f"`{one}`" for one in statement["Action"])
            lines.append(f"| {_on(statement)} | {actions} | {_GIVEN[sid]} |")
            continue
        for resource in _resources(statement):
            for action in statement["Action"]:
                if way := because.get((action, resource)):
                    lines.append(f"| {_shown(resource, statement)} | `{action}` | {way} |")
    return "\n".join([*lines, ""])


def _because(function: str) -> dict[tuple[str, str], str]:
    """(action, resource) → the shortest of the ways to it."""
    found: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    asked = closure.reach(function)
    for use in asked.uses:
        for action, _, resource in grants.granted(function, use):
            found[action, resource].append(asked.way_to(use))
    return {place: _way(min(ways, key=lambda way: (len(way), way))) for place, ways in found.items()}


def _way(way: list[str]) -> str:
    """Shortened in the middle: who begins it and who asks are what a reader looks for."""
    if len(way) > _MANY:
        way = [*way[: _MANY // 2], "…", *way[-_MANY // 2 :]]
    return reach.short([f"`{one.removeprefix('chalicelib.')}`" if one != "…" else one for one in way])


def _resources(statement: grants.Statement) -> list[str]:
    said = statement.get("Resource", statement.get("NotResource"))
    return [iam.spelled(one) for one in iam.listed(said)]


def _on(statement: grants.Statement) -> str:
    return ", ".join(_shown(one, statement) for one in _resources(statement))


def _shown(resource: str, statement: grants.Statement) -> str:
    """A resource as a reader knows it: by its name, not by where every name begins."""
    if resource == "*":
        return "anything"
    if resource.startswith(_TABLE):
        index = resource.removeprefix(f"{_TABLE}/index/")
        return "the table" if index == resource else f"its index `{index}`"
    name = resource.partition("${AWS::AccountId}:")[2] or resource
    return f"any telephone (all but `{resource}`)" if "NotResource" in statement else f"`{name}`"


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
