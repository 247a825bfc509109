"""Answers as they leave the house: JSON, raw, or a problem, each with the headers that keep browsers careful."""

from typing import Any

from chalice.app import Response

from chalicelib.core.errors import SoukError, TooMany, Unauthenticated, Unavailable
from chalicelib.core.text import Locale
from chalicelib.http import problem
from chalicelib.http.operations import RawAnswer

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Vary": "Origin",
    "X-Frame-Options": "DENY",
}
"""On every answer, unless it says otherwise. What is no page may load nothing and stand in no frame; a script of
another origin reads it by CORS (`cors.py`) or not at all."""


def of_json(status: int, body: str) -> Response:
    return Response(body=body, status_code=status, headers=_headers("application/json" if body else ""))


def of_result(result: Any, rendered: tuple[int, str]) -> Response:
    """A model, with its version as ETag where it has one."""
    response = of_json(*rendered)
    version = getattr(result, "version", None)
    if isinstance(version, int) and not isinstance(version, bool):
        response.headers["ETag"] = f'"{version}"'
    return response


def raw(answer: RawAnswer) -> Response:
    return Response(
        body=answer.body, status_code=answer.status, headers=_headers(answer.content_type, answer.headers)
    )


def refusal(error: SoukError, locale: Locale, request_id: str) -> Response:
    headers = _headers(problem.CONTENT_TYPE)
    if isinstance(error, TooMany | Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        body=problem.document(error, locale, request_id),
        status_code=problem.status_of(error),
        headers=headers,
    )


def nothing(status: int, headers: dict[str, str]) -> Response:
    return Response(body="", status_code=status, headers=_headers(more=headers))


def guarded(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that Chalice made by itself has our headers too."""
    headers = answer.setdefault("headers", {})
    said = {name.lower() for name in headers}
    headers.update({name: value for name, value in HEADERS.items() if name.lower() not in said})
    return answer


def _headers(content_type: str = "", more: dict[str, str] | None = None) -> dict[str, str | list[str]]:
    headers: dict[str, str | list[str]] = {**HEADERS, **(more or {})}
    if content_type:
        headers["Content-Type"] = content_type
    return headers
