"""From operations to the document: paths, parameters, bodies, answers."""

import inspect
import sys
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from chalicelib.http import refusals
from chalicelib.http.openapi import parts
from chalicelib.http.openapi.problems import Problems
from chalicelib.http.openapi.schemas import REFERENCE, Json, Schemas
from chalicelib.http.operations import Idempotent, Operation, RawAnswer
from chalicelib.http.ports import Refusals

BASE_PATH = "/api"


class Undocumented(ValueError):
    """An operation without a docstring: the document would tell nobody what it is for."""


def document(operations: Sequence[Operation], plugged: Refusals, *, version: str) -> Json:
    """The whole document, always in the same order. Raises Undocumented."""
    schemas, problems = Schemas(operations), Problems()
    paths: dict[str, Json] = {}
    for op in operations:
        paths.setdefault(op.path, {})[op.method.lower()] = _operation(op, schemas, problems, plugged)
    refused = problems.components(refusals.of_all(operations, plugged))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Souk",
            "version": version,
            "summary": "A shop: catalog, cart, orders, payments, fulfilment.",
            "description": parts.DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": BASE_PATH}],
        "tags": [{"name": tag, "description": about} for tag, about in sorted(_tags(operations).items())],
        "paths": paths,
        "components": {
            "schemas": dict(sorted({**schemas.components(), "Problem": refused["schema"]}.items())),
            "parameters": parts.PARAMETERS,
            "headers": parts.HEADERS,
            "responses": refused["responses"],
            "examples": refused["examples"],
            "securitySchemes": {parts.BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _tags(operations: Sequence[Operation]) -> dict[str, str]:
    """Each domain's name, and the first line of what its package (or else the module) says of itself."""
    found: dict[str, str] = {}
    for op in operations:
        module = op.handler.__module__
        package = module.rpartition(".")[0]
        said = sys.modules[package if package.endswith(f".{op.tag}") else module].__doc__
        found[op.tag] = (said or "").split("\n")[0]
    return found


def _operation(op: Operation, schemas: Schemas, problems: Problems, plugged: Refusals) -> Json:
    if not op.description:
        raise Undocumented(f"{op.method} {op.path}: {op.handler.__name__} has no docstring")
    summary, _, more = op.description.partition("\n\n")
    described: Json = {"operationId": op.id, "tags": [op.tag], "summary": summary.replace("\n", " ")}
    if more:
        described["description"] = more
    described["x-permission"] = str(op.permission)
    if security := _security(op):
        described["security"] = security
    if parameters := _parameters(op, schemas):
        described["parameters"] = parameters
    if op.takes_body:
        described["requestBody"] = _request_body(op, schemas)
    answers = {str(op.status): _success(op, schemas), **problems.references(refusals.of(op, plugged))}
    if op.wants_if_none_match:
        answers["304"] = {"description": "Not Modified", "headers": parts.headers("ETag", "X-Request-Id")}
    described["responses"] = dict(sorted(answers.items()))
    return described


def _security(op: Operation) -> list[Json]:
    if op.permission.kind == "tokenless" or not op.tenant:
        return []
    token: Json = {parts.BEARER: []}
    return [{}, token] if op.permission.admits_visitors else [token]


def _parameters(op: Operation, schemas: Schemas) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": adapter.json_schema(ref_template=REFERENCE)}
        for name, adapter in op.path_params.items()
    ]
    if op.query is not None:
        found += _query_parameters(schemas.of(op.query, "validation"))
    if op.idempotent is not Idempotent.NO:
        found.append(parts.idempotency_key(op.idempotent is Idempotent.REQUIRED))
    if op.wants_if_match:
        found.append(parts.parameter("IfMatch"))
    if op.wants_if_none_match:
        found.append(parts.parameter("IfNoneMatch"))
    return [*found, *_usual_headers(op)] if op.tenant else found


def _usual_headers(op: Operation) -> list[Json]:
    names = []
    if op.permission.kind == "either":
        names.append("GuestCart")
    if op.permission.admits_visitors:
        names.append("Tenant")
    names.append("AcceptLanguage")
    if op.permission.kind == "staff":
        names.append("DebugCost")
    return [parts.parameter(name) for name in names]


def _query_parameters(schema: Json) -> list[Json]:
    found = []
    for name, field in schema.get("properties", {}).items():
        kept = _without_null(field)
        about = {"description": kept.pop("description")} if "description" in kept else {}
        is_required = name in schema.get("required", [])
        found.append({"name": name, "in": "query", "required": is_required, **about, "schema": kept})
    return found


def _without_null(field: Json) -> Json:
    """A query has no way to say null: an optional parameter is left out."""
    kept = {name: value for name, value in field.items() if name != "title"}
    if kept.get("default", ...) is None:
        del kept["default"]
    choices = [one for one in kept.pop("anyOf", []) if one != {"type": "null"}]
    match choices:
        case []:
            return kept
        case [only]:
            return {**only, **kept}
        case _:
            return {"anyOf": choices, **kept}


def _request_body(op: Operation, schemas: Schemas) -> Json:
    if op.body is None:
        return {
            "description": "Read as the bytes that came: what signs them defines them.",
            "content": {kind: {"schema": {}} for kind in op.content_types},
        }
    content = {
        "schema": schemas.reference(op.body, "validation"),
        "example": schemas.example(op.body, "validation"),
    }
    required = bool(schemas.of(op.body, "validation").get("required"))
    return {"required": required, "content": dict.fromkeys(op.content_types, content)}


def _success(op: Operation, schemas: Schemas) -> Json:
    returned = inspect.signature(op.handler, eval_str=True).return_annotation
    headers = ["X-Request-Id"]
    if op.idempotent is not Idempotent.NO:
        headers.append("Idempotent-Replayed")
    if _has_version(returned) or op.wants_if_none_match:
        headers.append("ETag")
    if op.permission.kind == "staff":
        headers.append("X-Cost")
    success: Json = {"description": HTTPStatus(op.status).phrase, "headers": parts.headers(*headers)}
    if op.answer is not None:
        example = schemas.example(op.answer, "serialization")
        schema = schemas.reference(op.answer, "serialization")
        success["content"] = {"application/json": {"schema": schema, "example": example}}
    elif returned is RawAnswer:
        success["content"] = {kind: {"schema": {}} for kind in op.answer_types}
    return success


def _has_version(returned: Any) -> bool:
    """Whether the front door will find a version on what the handler answers, and send it as ETag."""
    return hasattr(returned, "version") or "version" in getattr(returned, "model_fields", {})
