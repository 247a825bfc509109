"""`make contract`: what clients rely on, one fact a line, and whether today's API still keeps it.

docs/api-contract.txt holds the facts of `/v1` that were promised. Without arguments the tool compares; with
`ARGS=--promise` it adds what is new (a release does), and refuses to drop what would break a client.

    GET /v1/orders
    GET /v1/orders ? limit integer optional
    POST /v1/orders > items[].quantity integer required
    POST /v1/orders < 201 totals.payable.amount integer always
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROMISED = ROOT / "docs" / "api-contract.txt"
DOCUMENT = ROOT / "docs" / "openapi.json"

_DEEPEST = 6
_METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Fact:
    place: str
    """Operation, direction and field: what the fact is about."""
    types: frozenset[str] = frozenset()
    needed: str = ""
    """`required` or `optional` from a client; `always` or `maybe` in an answer."""

    @property
    def is_request(self) -> bool:
        return " > " in self.place or " ? " in self.place

    def __str__(self) -> str:
        return " ".join(filter(None, [self.place, "|".join(sorted(self.types)), self.needed]))

    @staticmethod
    def read(line: str) -> Fact:
        words = line.split(" ")
        if len(words) == 2:
            return Fact(line)
        return Fact(" ".join(words[:-2]), frozenset(words[-2].split("|")), words[-1])


def facts(document: dict[str, Any]) -> dict[str, Fact]:
    """Place → fact, for the operations under /v1."""
    schemas = document.get("components", {}).get("schemas", {})
    found: dict[str, Fact] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/v1/") and method in _METHODS:
                for fact in _of_operation(f"{method.upper()} {path}", operation, schemas):
                    found[fact.place] = fact
    return found


def _of_operation(name: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[Fact]:
    yield Fact(name)
    for parameter in operation.get("parameters", []):
        if parameter.get("in") == "query":
            needed = "required" if parameter.get("required") else "optional"
            yield Fact(f"{name} ? {parameter['name']}", _types(parameter.get("schema", {}), schemas), needed)
    body = operation.get("requestBody", {})
    yield from _of_schema(f"{name} >", _json(body), schemas, ("required", "optional"))
    for status, response in operation.get("responses", {}).items():
        if status.startswith("2"):
            yield from _of_schema(f"{name} < {status}", _json(response), schemas, ("always", "maybe"))


def _json(holder: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _of_schema(
    place: str, schema: dict[str, Any], schemas: dict[str, Any], words: tuple[str, str], field: str = ""
) -> Iterator[Fact]:
    if field.count(".") + field.count("[]") > _DEEPEST:
        return
    for form in _forms(schema, schemas):
        required = form.get("required", [])
        for name, inner in form.get("properties", {}).items():
            inside = f"{field}.{name}" if field else name
            yield Fact(f"{place} {inside}", _types(inner, schemas), words[name not in required])
            yield from _of_schema(place, inner, schemas, words, inside)
        if isinstance(form.get("items"), dict):
            yield from _of_schema(place, form["items"], schemas, words, f"{field}[]")


def _forms(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema itself, or each of those it may be."""
    if "$ref" in schema:
        yield from _forms(schemas[schema["$ref"].rpartition("/")[2]], schemas)
        return
    choices = [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, [])]
    for choice in choices:
        yield from _forms(choice, schemas)
    if not choices:
        yield schema


def _types(schema: dict[str, Any], schemas: dict[str, Any]) -> frozenset[str]:
    """JSON's types; of a closed list, its values."""
    named: set[str] = set()
    for form in _forms(schema, schemas):
        if "const" in form:
            named.add(json.dumps(form["const"]).replace(" ", ""))
        elif "enum" in form:
            named |= {json.dumps(value).replace(" ", "") for value in form["enum"]}
        else:
            given = form.get("type", "any")
            named |= set(given) if isinstance(given, list) else {str(given)}
    return frozenset(named or {"any"})


def breaks(promised: dict[str, Fact], now: dict[str, Fact]) -> list[str]:
    """What a client that relied on the promise would stumble over; empty when all holds."""
    found = []
    for place, before in promised.items():
        after = now.get(place)
        if after is None:
            found.append(f"gone: {before}")
        elif before.is_request:
            if before.needed == "optional" and after.needed == "required":
                found.append(f"now required: {place}")
            if not _takes(after.types, before.types):
                found.append(f"takes less: {before} → {after}")
        elif before.types:
            if before.needed == "always" and after.needed == "maybe":
                found.append(f"no longer always there: {place}")
            # a list in an answer may grow: clients are told to pass over values they do not know
            grown = {one for one in after.types if one.startswith('"')} if _is_list(before) else set()
            if not _takes(before.types, after.types - grown):
                found.append(f"answers something else: {before} → {after}")
    operations = {fact.place for fact in promised.values() if not fact.types}
    for place, fact in now.items():
        if place not in promised and fact.needed == "required" and _operation(place) in operations:
            found.append(f"newly required: {place}")
    return sorted(found)


def _is_list(fact: Fact) -> bool:
    return any(one.startswith('"') for one in fact.types)


def _operation(place: str) -> str:
    return " ".join(place.split(" ")[:2])


def _takes(wide: frozenset[str], narrow: frozenset[str]) -> bool:
    """Whether all of `narrow` fits into `wide`: a value of a closed list is a text, too."""
    if "any" in wide:
        return True
    return not {one for one in narrow - wide if not (one.startswith('"') and "string" in wide)}


def read_promises(path: Path = PROMISED) -> dict[str, Fact]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {fact.place: fact for fact in map(Fact.read, filter(None, lines))}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--promise", action="store_true", help="promise today's API too")
    asked = parser.parse_args()
    now = facts(json.loads(DOCUMENT.read_text(encoding="utf-8")))
    found = breaks(read_promises(), now)
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print(
            f"{len(found)} promises of /v1 would be broken. A change of this kind needs /v2.", file=sys.stderr
        )
        return 1
    if asked.promise:
        PROMISED.write_text("".join(f"{fact}\n" for _, fact in sorted(now.items())), encoding="utf-8")
    print(f"{len(read_promises())} facts of /v1 are promised, and hold.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
