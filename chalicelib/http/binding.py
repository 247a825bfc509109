"""From a request to the arguments of a handler: the bytes of the body first, then path, query and headers."""

import re
from typing import Any

from chalice.app import Request
from pydantic import ValidationError

from chalicelib.core.errors import Invalid, Malformed, NotFound, TooLarge, UnsupportedMedia
from chalicelib.core.text import Locale, Text
from chalicelib.http import json_shape, problem
from chalicelib.http.operations import Operation, Raw

_DIGITS = re.compile(r"[0-9]{1,11}")


class BodyUnreadable(Malformed):
    code = "malformed_body"
    title = Text("The body cannot be read", "请求体无法读取")


class BodyTooLarge(TooLarge):
    detail = Text("This route takes at most {limit} bytes.", "此接口最多接受 {limit} 字节。")


def raw_body(op: Operation, request: Request, headers: dict[str, str]) -> bytes:
    """The bytes that came, where the route takes any; elsewhere a body means nothing and is not looked at.

    Raises BodyTooLarge, BodyUnreadable.
    """
    if not op.takes_body:
        return b""
    declared = headers.get("content-length", "")
    if _DIGITS.fullmatch(declared) and int(declared) > op.body_bytes:
        raise BodyTooLarge(limit=op.body_bytes)
    try:
        body = _as_bytes(request.raw_body)
    except ValueError:
        raise BodyUnreadable from None
    if len(body) > op.body_bytes:
        raise BodyTooLarge(limit=op.body_bytes)
    return body


def check_content_type(op: Operation, headers: dict[str, str], body: bytes) -> None:
    """A program may leave the type out; a page that does so was not asked for a preflight. Raises UnsupportedMedia."""
    if not op.takes_body:
        return
    given = headers.get("content-type", "")
    if not given and not body:
        return
    assumed = "" if "origin" in headers else "application/json"
    kind = (given or assumed).partition(";")[0].strip().lower()
    if "*/*" not in op.content_types and kind not in op.content_types:
        raise UnsupportedMedia


def arguments(
    op: Operation, request: Request, headers: dict[str, str], body: bytes, locale: Locale
) -> dict[str, Any]:
    """What the handler takes beside `ctx`.

    Raises NotFound (an id that is none), Invalid, NotJson, BodyTooDeep, BodyTooWide.
    """
    found: dict[str, Any] = {}
    for name, adapter in op.path_params.items():
        try:
            found[name] = adapter.validate_strings((request.uri_params or {}).get(name, ""))
        except ValidationError:
            raise NotFound from None
    if op.query is not None:
        found["query"] = _query(request, op.query, locale)
    elif request.query_params:
        raise Invalid(
            [
                {"field": str(name), "code": "extra_forbidden", "message": "is not a known parameter"}
                for name in request.query_params
            ]
        )
    if op.body is not None or "json" in headers.get("content-type", ""):
        json_shape.check(body, op.body_bytes)
    if op.body is not None:
        try:
            found["body"] = op.body.model_validate_json(body or b"{}")
        except ValidationError as error:
            raise problem.from_validation(error, "body", locale) from None
        except RecursionError:
            raise problem.NotJson from None
    if op.wants_raw:
        found["raw"] = Raw(body, headers)
    if op.wants_if_match:
        found["if_match"] = _version(headers.get("if-match"))
    if op.wants_if_none_match:
        found["if_none_match"] = headers.get("if-none-match", "")
    return found


def _query(request: Request, model: Any, locale: Locale) -> Any:
    given: dict[str, Any] = {}
    params = request.query_params
    for name in params or {}:
        values = params.getlist(name) if params else []
        if len(values) > 1:
            raise Invalid.field(str(name), "repeated", "may be given once")
        given[name] = values[0]
    try:
        return model.model_validate_strings(given)
    except ValidationError as error:
        raise problem.from_validation(error, "query", locale) from None


def _version(header: str | None) -> int | None:
    """`If-Match: "7"` → 7. Absent → None; anything else can never match."""
    if header is None:
        return None
    text = header.strip().removeprefix("W/").strip('"')
    return int(text) if _DIGITS.fullmatch(text) else -1


def _as_bytes(raw: str | bytes | None) -> bytes:
    return raw.encode() if isinstance(raw, str) else bytes(raw or b"")
