"""What may be shown of an item that a migration changes: enough to judge the change, nothing of a person. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from chalicelib.core import redaction
from chalicelib.core.masking import masked
from chalicelib.store import Wire
from chalicelib.store.attributes import unmarshal

_KEYS = frozenset(f"{name}_{end}" for name in ("owner", "state", "due") for end in ("pk", "sk")) | {
    "pk",
    "sk",
}
_ID = r"[a-z]{2,5}_[0-9A-HJKMNP-TV-Z]{26}"
_TIME = r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?"
_OPEN_VALUE = re.compile(rf"{_ID}|{_TIME}|\d{{1,5}}")
"""Ids of ours, times and small counts: nothing a person would be known by."""
_OPEN_WORD = re.compile(rf"{_ID}|{_TIME}|0\d{{11}}|[A-Z_]{{1,40}}|\d{{1,5}}")
"""In a key, also the names of partitions and counts padded to sort."""
_LONGEST = 120


def sample(before: Wire, after: Wire, shown: Iterable[str]) -> dict[str, Any]:
    """The attributes that change, as they are and as they will be."""
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    open_names = frozenset(shown)
    return {
        "kind": before["kind"]["S"],
        "key": " ".join(address(before).values()),
        "before": dict(_told(before, changed, open_names)),
        "after": dict(_told(after, changed, open_names)),
    }


def address(item: Wire) -> dict[str, str]:
    """The item's keys; a login that stands in one is masked."""
    return {name: _key(name, item[name]["S"]) for name in ("pk", "sk")}


def _told(item: Wire, names: Iterable[str], open_names: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name in names:
        if name in item:
            yield name, _shown(name, item[name], is_open=name in open_names)


def _shown(name: str, wire: Wire, *, is_open: bool) -> Any:
    if not {"B", "BS"}.isdisjoint(wire):
        return redaction.HIDDEN
    value = unmarshal(wire)
    if name in _KEYS and isinstance(value, str):
        return _key(name, value)
    return redaction.value(name, _cut(value) if is_open else _masked(value))


def _key(name: str, text: str) -> str:
    """The tenant, which begins every partition, is no person's; what follows may be."""
    words = text.split("#")
    kept = 1 if name.endswith("pk") else 0
    return "#".join(words[:kept] + [w if _OPEN_WORD.fullmatch(w) else masked(w) for w in words[kept:]])


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    if not isinstance(value, str) or _OPEN_VALUE.fullmatch(value):
        return value
    return masked(value)


def _cut(value: Any) -> Any:
    return f"{value[:_LONGEST]}…" if isinstance(value, str) and len(value) > _LONGEST else value
