"""Write docs/access-patterns.md: every key of every item, how it is asked, by whom, and what that costs."""

from __future__ import annotations

import ast
import importlib
import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from chalicelib.store.items import DUE_SHARDS, Item, every_kind
from chalicelib.store.keys import INDEX_KEYS, Key
from infra.tools import app, code, generated

PATH = generated.DOCS / "access-patterns.md"
_QUERIES = {"items": "a page", "rows": "a page", "collection": "the partition"}
_COSTS = {
    "one": "1 read",
    "a page": "1 Query a page",
    "the partition": "1 Query a MB",
}
_INDEX_TITLES = {
    "table": (
        "The table",
        "Strongly consistent. One item is read by its whole key, a collection by its partition.",
    ),
    "by_owner": (
        "`by_owner`",
        "What belongs to somebody, by time. Carries the row a list shows, and nothing else.",
    ),
    "by_state": (
        "`by_state`",
        "What staff list: by state, then time. Carries the row a list shows, and nothing else.",
    ),
}

INTRODUCTION = f"""\
# Access patterns

Made from the `Key` objects of the items and from the calls that use them (`make docs`); a test fails when this page
does not follow the code. Every partition key begins with the tenant: `<tenant>#…`. `pk` and `sk` are written as
templates whose fields are the item's own attributes.

A read of the table costs 1 read unit for each 4 KB (half when it need not be consistent), of an index half a unit
for each 4 KB of rows; a write costs 1 write unit for each KB, twice that inside a transaction, and once more for
each index entry it changes. *1 read* is a GetItem, a key of a BatchGetItem, or a part of a transaction. A page of a
list reads its own rows and one more, wherever in the list it stands. There is no Scan in the code that serves
requests or runs jobs, but for a migration while one runs: a test sees to that.

Uniqueness is a matter of addresses: what must be unique is (part of) a key, and every `put` is refused when an item
stands at its address. The `due` index has {DUE_SHARDS} shards for each timer.
"""


@dataclass(frozen=True)
class Pattern:
    item: type[Item]
    attribute: str
    key: Key

    @property
    def owner(self) -> str:
        """Where it is declared, as readers know it: `orders · Order.of_customer`."""
        return f"`{code.room_of(self.item.__module__)}.{self.item.__name__}.{self.attribute}`"


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every key of every item, in the order of the partitions."""
    app.declared()
    found = [
        Pattern(item, name, value)
        for item in every_kind()
        for name, value in vars(item).items()
        if isinstance(value, Key)
    ]
    return tuple(sorted(found, key=lambda one: (one.key.pk, one.key.sk, one.owner)))


@cache
def asked() -> dict[tuple[str, str], frozenset[str]]:
    """(item class, key attribute) → how the code asks it: "one", "a page", "the partition"."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for module in code.modules():
        for call in code.calls_of(module.tree, "of", *_QUERIES):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "of":
                _note(found, call.func.value, "one")
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            for argument in call.args:
                if name in _QUERIES:
                    _note(found, argument, _QUERIES[name])
    return {key: frozenset(ways) for key, ways in found.items()}


def _note(found: dict[tuple[str, str], set[str]], node: ast.expr, way: str) -> None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found[(node.value.id, node.attr)].add(way)


def ways_of(pattern: Pattern) -> list[str]:
    return sorted(asked().get((pattern.item.__name__, pattern.attribute), ()))


def condition(pattern: Pattern) -> str:
    """The key condition, as DynamoDB gets it."""
    key = pattern.key
    pk_name, sk_name = INDEX_KEYS[key.index]
    whole = f"{pk_name} = `<tenant>#{key.pk}`"
    if key.index == "table" and ways_of(pattern) == ["the partition"]:
        return whole
    prefix = key.sk.partition("{")[0]
    if key.index == "table" and "a page" not in ways_of(pattern):
        return f"{whole}, {sk_name} = `{key.sk}`"
    if not prefix:
        return f"{whole}, by {sk_name} = `{key.sk}`"
    return f"{whole}, {sk_name} begins with `{prefix}`, by `{key.sk}`"


def cost(pattern: Pattern) -> str:
    ways = ways_of(pattern)
    if not ways:
        return "only written, or read with its partition"
    return "; ".join(_COSTS[way] for way in ways)


@cache
def timers() -> dict[str, str]:
    """Each timer and the job whose sweep looks after it: `order_timeout` → `payments.jobs.order_timeout`."""
    found: dict[str, str] = {}
    for module in code.modules():
        if not module.name.endswith(".jobs"):
            continue
        for function in (node for node in module.tree.body if isinstance(node, ast.FunctionDef)):
            for call in code.calls_of(function, "sweep"):
                named = eval(ast.unparse(call.args[0]), vars(importlib.import_module(module.name)))  # noqa: S307 - our own code
                found[str(named)] = f"{module.name.removeprefix('chalicelib.')}.{function.name}"
    return dict(sorted(found.items()))


def text() -> str:
    """The page."""
    parts = [INTRODUCTION]
    for index, (title, about) in _INDEX_TITLES.items():
        parts += [
            f"## {title}",
            "",
            about,
            "",
            "| what for | declared as | key condition | cost |",
            "|---|---|---|---|",
        ]
        parts += [
            f"| {one.key.what} | {one.owner} | {condition(one)} | {cost(one)} |"
            for one in patterns()
            if one.key.index == index
        ]
        parts.append("")
    parts += [
        "## `due`",
        "",
        "Every timer. An item stands here while its `timer` and `due_at` are set; the index carries keys alone. A",
        f"sweep with nothing due is {DUE_SHARDS} Queries that read nothing; with N due, N reads and N writes more.",
        "",
        "| timer | swept by | key condition |",
        "|---|---|---|",
    ]
    parts += [
        f"| `{timer}` | `{job}` | due_pk = `DUE#{timer}#<shard>`, due_sk ≤ now, by `<due_at>#<pk>` |"
        for timer, job in timers().items()
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
