"""Keys as values: one `Key` gives the stored strings, the query prefix, the checks, and a row of the docs page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.core import clock

SEPARATOR = "#"
_FIELD = re.compile(r"\{(\w+)\}")
_INT_WIDTH = 12

INDEX_KEYS = {
    "table": ("pk", "sk"),
    "by_owner": ("owner_pk", "owner_sk"),
    "by_state": ("state_pk", "state_sk"),
    "due": ("due_pk", "due_sk"),
}


class KeyError_(ValueError):
    """A value that may not stand in a key: empty, with a separator, a naive time, a negative number."""


class Ref(NamedTuple):
    """The address of one item."""

    pk: str
    sk: str

    @property
    def tenant(self) -> str:
        return self.pk.partition(SEPARATOR)[0]

    def wire(self) -> dict[str, dict[str, str]]:
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


def part(value: Any) -> str:
    """One segment of a key. Text may not hold a separator: a client's id can never reach another partition."""
    if isinstance(value, bool):
        raise KeyError_("a boolean is not a key segment")
    if isinstance(value, datetime):
        return clock.to_text(value)
    if isinstance(value, int):
        if value < 0 or value >= 10**_INT_WIDTH:
            raise KeyError_(f"{value} does not sort as text")
        return f"{value:0{_INT_WIDTH}d}"
    if not isinstance(value, str) or not value or SEPARATOR in value or any(ord(char) < 32 for char in value):
        raise KeyError_(f"{value!r} may not stand in a key")
    return value


@dataclass(frozen=True)
class Key:
    """`pk` and `sk` are templates like `ORDER#{order_id}`; the tenant is put before every pk.

    `what` names the access pattern in `docs/access-patterns.md`.
    """

    pk: str
    sk: str
    what: str
    index: str = "table"

    def _fill(self, template: str, fields: Mapping[str, Any]) -> str:
        return _FIELD.sub(lambda match: part(fields[match.group(1)]), template)

    def of(self, tenant: str, **fields: Any) -> Ref:
        """The full address; raises KeyError for a missing field."""
        return Ref(f"{part(tenant)}{SEPARATOR}{self._fill(self.pk, fields)}", self._fill(self.sk, fields))

    def partition(self, tenant: str, **fields: Any) -> str:
        return f"{part(tenant)}{SEPARATOR}{self._fill(self.pk, fields)}"

    def prefix(self, **fields: Any) -> str:
        """The sk up to its first field that is not given: what `begins_with` takes."""
        out: list[str] = []
        for piece in re.split(r"(\{\w+\})", self.sk):
            name = _FIELD.fullmatch(piece)
            if name is None:
                out.append(piece)
            elif name.group(1) in fields:
                out.append(part(fields[name.group(1)]))
            else:
                break
        return "".join(out)

    def fields(self) -> set[str]:
        return set(_FIELD.findall(self.pk + self.sk))
