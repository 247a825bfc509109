"""Problems: RFC 9457 documents, and the only place that knows which family has which status."""

import json
from typing import Any

from pydantic import ValidationError

from chalicelib.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    SoukError,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from chalicelib.core.text import Locale, Text

CONTENT_TYPE = "application/problem+json"

STATUSES: tuple[tuple[type[SoukError], int], ...] = (
    (Malformed, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (PreconditionFailed, 412),
    (Conflict, 409),
    (TooLarge, 413),
    (UnsupportedMedia, 415),
    (Invalid, 422),
    (TooMany, 429),
    (Unavailable, 503),
)


class MethodNotAllowed(SoukError):
    code = "method_not_allowed"
    title = Text("This method is not allowed here", "此地址不支持该方法")


class Unexpected(SoukError):
    """A fault of ours. The client learns the request id, the log has the rest."""

    code = "internal"
    title = Text("Something went wrong on our side", "服务器内部错误")
    detail = Text("Quote the request id when you report this.", "反馈时请提供 request id。")


def status_of(error: SoukError | type[SoukError]) -> int:
    kind = error if isinstance(error, type) else type(error)
    if issubclass(kind, MethodNotAllowed):
        return 405
    for family, status in STATUSES:
        if issubclass(kind, family):
            return status
    return 500


def type_of(error: SoukError | type[SoukError]) -> str:
    """The URI that names the kind of problem; `docs/errors.md` explains each."""
    return f"urn:souk:problem:{error.code}"


def document(error: SoukError, locale: Locale, request_id: str) -> str:
    body: dict[str, Any] = {
        "type": type_of(error),
        "title": error.title.say(locale),
        "status": status_of(error),
        "detail": error.say(locale) or error.title.say(locale),
        "code": error.code,
        "request_id": request_id,
    }
    if isinstance(error, Invalid) and error.errors:
        body["errors"] = error.errors
    for name, value in error.fields.items():
        body.setdefault(name, value)
    return json.dumps(body, ensure_ascii=False, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    return str(value)


_SAID: dict[str, Text] = {
    "missing": Text("is required", "为必填项"),
    "extra_forbidden": Text("is not a known field", "是未知字段"),
    "int_type": Text("must be a whole number", "必须是整数"),
    "string_type": Text("must be text", "必须是文本"),
    "bool_type": Text("must be true or false", "必须是 true 或 false"),
    "list_type": Text("must be a list", "必须是列表"),
    "too_short": Text("has too few entries", "条目过少"),
    "too_long": Text("has too many entries", "条目过多"),
    "string_too_short": Text("is too short", "过短"),
    "string_too_long": Text("is too long", "过长"),
    "greater_than_equal": Text("is too small", "过小"),
    "greater_than": Text("is too small", "过小"),
    "less_than_equal": Text("is too large", "过大"),
    "string_pattern_mismatch": Text("has the wrong form", "格式不正确"),
    "literal_error": Text("is not one of the allowed values", "不是允许的取值"),
}


def from_validation(error: ValidationError, where: str, locale: Locale) -> SoukError:
    """422 with one entry per field; 400 when the body is not JSON at all. Inputs are never echoed."""
    listed = error.errors(include_url=False, include_context=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in listed):
        return NotJson(reason=listed[0]["msg"][:200])
    errors = []
    for one in listed[:50]:
        said = _SAID.get(one["type"])
        errors.append(
            {
                "field": ".".join(str(step) for step in one["loc"]) or where,
                "code": one["type"],
                "message": said.say(locale) if said else one["msg"],
            }
        )
    return Invalid(errors)


class NotJson(Malformed):
    code = "malformed_json"
    title = Text("The body is not valid JSON", "请求体不是有效的 JSON")
    detail = Text("Send one JSON document in UTF-8.", "请发送 UTF-8 编码的 JSON。")
