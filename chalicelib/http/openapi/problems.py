"""Problems in the document: one response for each set of codes, shared by operations that refuse alike."""

from typing import Any

from chalicelib.core.errors import SoukError, TooMany, Unauthenticated, Unavailable
from chalicelib.http import refusals
from chalicelib.http.openapi import parts
from chalicelib.http.problem import CONTENT_TYPE, MethodNotAllowed, type_of

Json = dict[str, Any]

_REQUEST_ID = "01KJPM2X00QZ5T8Y3W6V9B4C7D"


class _Fields(dict[str, str]):
    """What stands in an example for the fields that only a real refusal has."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


class Problems:
    """Hands out references to responses and remembers what they refer to."""

    def __init__(self) -> None:
        self._responses: dict[str, Json] = {}

    def references(self, possible: refusals.ByStatus) -> dict[str, Json]:
        return {str(status): self._reference(status, by_code) for status, by_code in possible.items()}

    def _reference(self, status: int, by_code: dict[str, type[SoukError]]) -> Json:
        """Named by status and codes, so that an operation's list of problems is read where it stands."""
        name = ".".join([str(status), *by_code])
        self._responses.setdefault(name, _response(status, by_code))
        return {"$ref": f"#/components/responses/{name}"}

    def components(self, everything: refusals.ByStatus) -> Json:
        """`responses`, `examples` and the `Problem` schema for all codes of the API."""
        self.references(refusals.grouped(refusals.ANYWHERE))
        by_code = {
            code: (status, error) for status, listed in everything.items() for code, error in listed.items()
        }
        return {
            "schema": _schema(sorted(by_code)),
            "responses": dict(sorted(self._responses.items())),
            "examples": {code: {"value": _example(*by_code[code])} for code in sorted(by_code)},
        }


def _schema(codes: list[str]) -> Json:
    properties = parts.PROBLEM["properties"]
    return {**parts.PROBLEM, "properties": {**properties, "code": {**properties["code"], "enum": codes}}}


def _response(status: int, by_code: dict[str, type[SoukError]]) -> Json:
    headers = ["X-Request-Id"]
    for families, header in (
        ((TooMany, Unavailable), "Retry-After"),
        ((Unauthenticated,), "WWW-Authenticate"),
        ((MethodNotAllowed,), "Allow"),
    ):
        if any(issubclass(error, families) for error in by_code.values()):
            headers.append(header)
    narrowed = {"properties": {"status": {"const": status}, "code": {"enum": list(by_code)}}}
    content = {
        "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, narrowed]},
        "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in by_code},
    }
    return {
        "description": " · ".join(error.title.en for error in by_code.values()),
        "headers": parts.headers(*headers),
        "content": {CONTENT_TYPE: content},
    }


def _example(status: int, error: type[SoukError]) -> Json:
    return {
        "type": type_of(error),
        "title": error.title.en,
        "status": status,
        "detail": (error.detail or error.title).en.format_map(_Fields()),
        "code": error.code,
        "request_id": _REQUEST_ID,
    }
