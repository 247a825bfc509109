"""Write docs/data-model.md: every kind of item in the one table, from the classes that declare them."""

from __future__ import annotations

import ast
import importlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from chalicelib.store.items import Item, every_kind
from chalicelib.store.keys import INDEX_KEYS
from infra.tools import access_patterns, app, code, generated

PATH = generated.DOCS / "data-model.md"

ENDS: dict[str, tuple[str, str]] = {
    "SignInRecord": ("identity.sign_ins.KEPT", "after it"),
    "Session": ("identity.sessions.LIFETIME", "after its last refresh"),
    "Code": ("identity.codes.GOOD_FOR", "after it was made"),
    "Cart": ("cart.service.GUEST_CART_KEPT", "after a guest's last change; a customer's stays"),
    "Footprints": ("favorites.marks.FOOTPRINTS_LAST", "after the last product was looked at"),
    "Kyc": ("kyc.service._TOMBSTONE", "after the account was closed"),
    "SandboxLetter": ("notifications.channels.sandbox.KEPT", "after it was written"),
    "IdempotencyRecord": ("store.idempotency.KEPT", "after the first answer"),
    "Seen": ("store.outbox.SEEN_FOR", "after the consumer was done"),
    "Bucket": ("store.counters", "after two of its windows"),
    "RateWindow": ("store.counters", "after its window"),
    "Lockout": ("store.lockouts", "after the longest wait has passed"),
}
"""Kinds that DynamoDB removes by itself → the span's constant, or the module that reckons it; and from when on."""

TIMED: dict[str, str] = {
    "audit_link": "AuditEntry",
    "auto_confirm": "Order",
    "dead_letter": "Event",
    "kyc_expiry": "Kyc",
    "kyc_waiting": "Kyc",
    "order_stuck": "Order",
    "order_timeout": "Order",
    "outbox": "Event",
    "stock_release": "Reservation",
    "upload_cleanup": "Upload",
}
"""Timer → the kind that carries it."""

_OF_EVERY_ITEM = frozenset({"item_kind", "tenant", "version", "timer", "due_at", "ttl"})

INTRODUCTION = """\
# The data model

One DynamoDB table holds everything. This page lists every kind of item: where it stands, what it holds, which of that
is personal, and when it goes. How each key is asked, and what that costs, is on the page of [access
patterns](access-patterns.md); how the table itself is declared, in `infra/resources.yaml`. The part below the first
table is made from the classes of the items (`make docs`); a test fails when it does not follow them.

## How to read it

- **Keys.** `pk` and `sk` are templates over the item's own attributes. Before every `pk` stands the tenant:
  `ORDER#{order_id}` is stored as `acme#ORDER#ord_…`. A key takes its customer, where it has one, from the token, so
  that a foreign item cannot be addressed at all.
- **Items that belong together** share a partition: one Query reads a product with its SKUs, its detail and its stock.
  What is decided together is written in one transaction, wherever it stands.
- **Indexes** are sparse: an item stands in one while every field of that entry is set. `by_owner` and `by_state` carry
  `kind` and `card` alone, which is the row that a list shows; `due` carries keys alone.
- **Uniqueness** is an address: a login, a host, an order's number, an imported card key each is an item of its own, and
  the second that wants the address is refused.
- **Money** is a whole number of minor units beside its currency. **Times** are texts in UTC with milliseconds, which
  sort. There is no float in the table. Value objects (`Value`) are stored as maps.
- **Versions.** Whoever rewrites an item that was read counts its `version` up, and is refused when somebody was faster.

## What every item has

| attribute | what |
|---|---|
| `pk`, `sk` | the address |
| `kind` | which of the kinds below; decides the class that reads it |
| `tenant` | the shop |
| `version` | counts writes |
| `timer`, `due_at` | which sweep looks at it, and when; gone when nothing is due |
| `due_pk`, `due_sk` | the same as an entry of the index `due` |
| `owner_pk`, `owner_sk`, `state_pk`, `state_sk`, `card` | its entries in the lists' indexes, and the row they show |
| `ttl` | when DynamoDB may remove it, in seconds; readers compare it with now and do not wait |
"""

_READING = """\
*Personal* attributes are shown masked in the audit log, *hidden* ones never. What is *sealed* was encrypted with
`SOUK_SECRET_KEYS` before it reached the table, which is encrypted at rest as a whole besides.
"""


@cache
def kinds() -> tuple[type[Item], ...]:
    app.declared()
    return tuple(every_kind())


def kind_name(item: type[Item]) -> str:
    return str(item.item_kind.get_discriminator(item))


def rooms() -> dict[str, list[type[Item]]]:
    """Domain → its kinds, by name."""
    found: dict[str, list[type[Item]]] = defaultdict(list)
    for item in kinds():
        found[code.room_of(item.__module__)].append(item)
    return dict(sorted(found.items()))


def setters_of_ttl() -> set[str]:
    """The modules that give some item an end, as `identity.codes`."""
    return {
        module.name.removeprefix(f"{code.PACKAGE}.")
        for module in code.modules()
        if module.name.startswith(code.PACKAGE) and any(_sets_ttl(module.tree))
    }


def _sets_ttl(tree: ast.AST) -> Iterator[bool]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [one for one in node.keywords if one.arg == "ttl"]
            yield any(not (isinstance(one.value, ast.Constant) and one.value.value is None) for one in named)
        elif isinstance(node, ast.Assign):
            yield any(_is_ttl(target) for target in node.targets)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "#ttl = :ttl" in node.value


def _is_ttl(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple):
        return any(_is_ttl(one) for one in target.elts)
    return isinstance(target, ast.Attribute) and target.attr == "ttl"


def end_of(item: type[Item]) -> str:
    """When DynamoDB removes it; empty where it stays until something deletes it."""
    if item.__name__ not in ENDS:
        return ""
    where, words = ENDS[item.__name__]
    try:
        importlib.import_module(f"{code.PACKAGE}.{where}")
    except ModuleNotFoundError:
        module, _, name = where.rpartition(".")
        span = vars(importlib.import_module(f"{code.PACKAGE}.{module}"))[name]
        return f"{_span(span)} {words}"
    return words


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    for unit, size in (("days", 24 * 60), ("hours", 60), ("minutes", 1)):
        if minutes % size == 0 and minutes >= size * 2:
            return f"{minutes // size} {unit}"
    return "a day" if minutes == 24 * 60 else f"{minutes} minutes"


def _guarded(item: type[Item]) -> str:
    parts = [f"{name} (personal)" for name in sorted(item.personal)]
    parts += [f"{name} (hidden)" for name in sorted(item.hidden)]
    parts += [f"{name} (sealed)" for name in item.get_attributes() if name == "sealed"]
    return ", ".join(f"`{name}` {why}" for name, why in (part.split() for part in parts))


def _entries(item: type[Item]) -> str:
    """Its places in the lists' indexes."""
    return "<br>".join(
        f"`{key.index}`: `{key.pk}` · `{key.sk}`" for key in item.indexes if key.index in INDEX_KEYS
    )


def _row(item: type[Item]) -> str:
    said = " ".join((item.__doc__ or "").split("\n\n")[0].split())
    cells = (
        f"`{kind_name(item)}`",
        said,
        f"`{item.key.pk}` · `{item.key.sk}`",
        _entries(item),
        _guarded(item),
        end_of(item),
    )
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def _type(attribute: object) -> str:
    """`text`, `instant or none`."""
    name = type(attribute).__name__
    return f"{name.removeprefix('Optional').lower()}{' or none' * name.startswith('Optional')}"


def _attributes(item: type[Item]) -> str:
    named = [
        f"`{name}` {_type(one)}"
        for name, one in sorted(item.get_attributes().items())
        if name not in _OF_EVERY_ITEM
    ]
    return f"- `{kind_name(item)}`: {', '.join(named) or 'nothing but its address'}"


def _timers() -> Iterator[str]:
    names = {item.__name__: kind_name(item) for item in kinds()}
    yield from (
        "## Timers",
        "",
        "An item with a timer stands in the index `due` until the job has dealt with it.",
        "",
    )
    yield from ("| timer | carried by | swept by |", "|---|---|---|")
    for timer, job in access_patterns.timers().items():
        yield f"| `{timer}` | `{names[TIMED[timer]]}` | `{job}` |"
    yield ""


def text() -> str:
    """The page."""
    parts = [INTRODUCTION, "## The kinds", "", f"{len(kinds())} kinds in {len(rooms())} rooms.", "", _READING]
    for room, items in rooms().items():
        parts += [f"### {room}", "", "| kind | what | pk · sk | lists | guarded | goes by itself |"]
        parts += ["|---|---|---|---|---|---|", *map(_row, items), "", *map(_attributes, items), ""]
    parts += _timers()
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
