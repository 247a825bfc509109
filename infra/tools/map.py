"""`make map`: each route and job with its function, who may use it, the items it touches and the events it emits.

Read from the code: from a handler along every function it names, through all rooms. What is chosen at run time (a
kind's or a provider's strategy) is not followed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from chalicelib.store.items import every_kind
from infra.tools import app, code


@dataclass(frozen=True)
class Reach:
    items: frozenset[str]
    events: frozenset[str]


@cache
def functions() -> dict[str, ast.FunctionDef]:
    """Every function of the tree by its full name; nested ones belong to theirs."""
    return {
        f"{module.name}.{node.name}": node
        for module in code.modules()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
    }


@cache
def names_in(module: str) -> dict[str, str]:
    """What each name at the top of a module stands for: `placing` → `chalicelib.orders.placing`."""
    tree = next(one.tree for one in code.modules() if one.name == module)
    found = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def reach(function: str) -> Reach:
    """What can be touched and emitted from here."""
    seen: set[str] = set()
    items: set[str] = set()
    events: set[str] = set()
    waiting = [function]
    known_items = {item.__name__ for item in every_kind()}
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions():
            continue
        seen.add(name)
        body = functions()[name]
        items |= {node.id for node in ast.walk(body) if isinstance(node, ast.Name) and node.id in known_items}
        events |= set(_emitted(body))
        waiting += _named(name.rpartition(".")[0], body)
    return Reach(frozenset(items), frozenset(events))


def _emitted(body: ast.FunctionDef) -> Iterator[str]:
    for call in code.calls_of(body, "emit"):
        for argument in call.args[1:2]:
            if isinstance(argument, ast.Constant):
                yield str(argument.value)


def _named(module: str, body: ast.FunctionDef) -> Iterator[str]:
    names = names_in(module)
    for node in ast.walk(body):
        if isinstance(node, ast.Name):
            yield names.get(node.id, "")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{names.get(node.value.id, '')}.{node.attr}"


def _block(title: str, function: str, permission: str = "") -> str:
    found = reach(function)
    lines = [title, f"    {function.removeprefix('chalicelib.')}"]
    for name, value in (
        ("may", permission),
        ("items", ", ".join(sorted(found.items))),
        ("events", ", ".join(sorted(found.events))),
    ):
        if value:
            lines.append(f"    {name:<7}{value}")
    return "\n".join(lines)


def text() -> str:
    souk = app.declared()
    blocks = [
        _block(f"{op.method} {op.path}", f"{op.handler.__module__}.{op.handler.__name__}", str(op.permission))
        for op in souk.operations
    ]
    blocks += [_block(f"job {event.name}", event.handler_string) for event in souk.event_sources]
    return "\n\n".join(blocks)


if __name__ == "__main__":
    try:
        print(text())
    except BrokenPipeError:
        sys.exit(0)
