"""The API as its document describes it, for tests that hold the app to its word."""

import re
from functools import cache
from typing import Any

from app import app
from chalicelib.http.operations import Operation
from chalicelib.http.problem import CONTENT_TYPE
from tests.shop import Answer

OPERATIONS: list[Operation] = app.operations
ULID = "01KJPM2X00QZ5T8Y3W6V9B4C7D"


@cache
def document() -> dict[str, Any]:
    return app.describe()


def described(op: Operation) -> dict[str, Any]:
    """The operation object of the document."""
    found: dict[str, Any] = document()["paths"][op.path][op.method.lower()]
    return found


def resolved(thing: dict[str, Any]) -> dict[str, Any]:
    """What a reference refers to; anything else is itself."""
    while "$ref" in thing:
        found: Any = document()
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        thing = found
    return thing


def codes(op: Operation) -> dict[int, set[str]]:
    """Status → the problem codes that the document names for this operation."""
    found: dict[int, set[str]] = {}
    for status, answer in described(op)["responses"].items():
        content = resolved(answer).get("content", {})
        if CONTENT_TYPE in content:
            found[int(status)] = set(content[CONTENT_TYPE]["examples"])
    return found


def every_code() -> set[str]:
    return set(document()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])


def address(op: Operation) -> str:
    """The operation's path with well-formed ids of things that do not exist."""
    path = op.path
    for one in described(op).get("parameters", []):
        if one.get("in") == "path":
            path = path.replace(f"{{{one['name']}}}", _unknown(one["schema"].get("pattern", "")))
    return path


def _unknown(pattern: str) -> str:
    digits = re.fullmatch(r"\^\[0-9\]\{(\d)\}\$", pattern)
    if digits is not None:
        return "9" * int(digits[1])
    prefix = pattern.removeprefix("^").partition("_")[0]
    return f"{prefix}_{ULID}" if prefix.isalpha() and "[0-7]" in pattern else "unknown"


def body_of(op: Operation) -> dict[str, Any]:
    """The document's example of the body; empty where none is taken."""
    if op.body is None:
        return {}
    example: dict[str, Any] = described(op)["requestBody"]["content"]["application/json"]["example"]
    return example


def why_not_a_problem(op: Operation, answer: Answer) -> str:
    """What is wrong with a refusal; empty when it is a problem document that this operation is known for."""
    if answer.status >= 500:
        return f"{answer.status}"
    if answer.headers.get("content-type") != CONTENT_TYPE:
        return f"{answer.status} of type {answer.headers.get('content-type')}"
    problem = answer.json
    missing = {"type", "title", "status", "detail", "code", "request_id"} - set(problem)
    if missing:
        return f"lacks {sorted(missing)}"
    if problem["status"] != answer.status or problem["request_id"] != answer.headers.get("x-request-id"):
        return "status or request id differ from the answer's own"
    if answer.status == 405:
        return "" if problem["code"] in every_code() else "undocumented"
    if problem["code"] not in codes(op).get(answer.status, set()):
        return f"{answer.status} {problem['code']} is not documented"
    return ""
