"""Write docs/errors.md: every problem code of the API, its status, what it says, when, and where."""

from __future__ import annotations

import inspect
import sys
from collections import defaultdict
from http import HTTPStatus

from chalicelib.core.errors import SoukError
from chalicelib.http import refusals
from infra.tools import app, generated

PATH = generated.DOCS / "errors.md"
_EVERYWHERE = 0.75
"""The share of operations from which on a code is said to come from all of them."""

INTRODUCTION = """\
# Problems

Every refusal is an RFC 9457 document (`application/problem+json`) with `type`, `title`, `status`, `detail`, `code`
and `request_id`; a 422 for fields adds `errors: [{field, code, message}]`, and some codes add members of their own.
`code` is stable: programs look at nothing else. `title` and `detail` are in the language of `Accept-Language`.

```json
{
  "type": "urn:souk:problem:out_of_stock",
  "title": "Not enough stock",
  "status": 409,
  "detail": "Reduce the quantity of the SKUs listed in `skus`.",
  "code": "out_of_stock",
  "request_id": "01KJPM2X00QZ5T8Y3W6V9B4C7D",
  "skus": [{"sku_id": "sku_01KJPM2X00QZ5T8Y3W6V9B4C01", "available": 2}]
}
```

A client retries a 429 and a 503 after `Retry-After` seconds, with the same `Idempotency-Key`. It signs in again after
a 401, asks for the newest version after a 412, and shows `title` and `detail` for the rest.

Made from the code (`make docs`); a test fails when this page does not follow it.
"""


def where() -> dict[str, list[str]]:
    """Code → the operations that may answer it."""
    souk = app.declared()
    found: dict[str, list[str]] = defaultdict(list)
    for op in souk.operations:
        for by_code in refusals.of(op, souk.ports.refusals).values():
            for code in by_code:
                found[code].append(f"`{op.method} {op.path}`")
    return found


def _places(code: str, found: dict[str, list[str]]) -> str:
    places, most = found.get(code, []), len(app.declared().operations)
    if not places:
        return "no operation by itself"
    if len(places) > most * _EVERYWHERE:
        return "nearly every operation"
    return ", ".join(places) if len(places) <= 6 else f"{len(places)} operations"


def _when(error: type[SoukError]) -> str:
    """What the class says of itself, or else what it tells the client."""
    own = vars(error).get("__doc__")
    said = inspect.cleandoc(own).split("\n\n")[0] if own else (error.detail or error.title).en
    return said.replace("\n", " ")


def text() -> str:
    """The page."""
    souk = app.declared()
    found = where()
    parts = [INTRODUCTION]
    for status, by_code in refusals.of_all(souk.operations, souk.ports.refusals).items():
        parts += [
            f"## {status} {HTTPStatus(status).phrase}",
            "",
            "| code | title | when | where |",
            "|---|---|---|---|",
        ]
        parts += [
            f"| `{code}` | {error.title.en}<br>{error.title.zh} | {_when(error)} | {_places(code, found)} |"
            for code, error in by_code.items()
        ]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
