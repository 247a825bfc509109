"""A WSGI face over a Chalice app: what API Gateway does before and after the Lambda, and nothing more.

`chalice local` has neither multi-value headers nor decoded parameters and serves 180 requests a second; this
serves thousands, and tests can call it without a socket.
"""

from __future__ import annotations

import base64
import json
import logging
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, quote

from chalicelib.http import answers, cors
from chalicelib.http.matching import Match, Resources
from infra.local.context import ACCOUNT, LocalContext

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST_BODY_BYTES = 10 * 1024 * 1024
"""API Gateway's limit."""
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_SAFE = "/%:@!$&'()*+,;=~"
"""What may stand in a path as it is; `%` because the rest is encoded already."""
_JSON = ("Content-Type", "application/json")
_API_SECONDS = 29.0
"""How long API Gateway waits for a Lambda."""

_logger = logging.getLogger(__name__)

Answer = tuple[int, list[tuple[str, str]], bytes]


class App(Protocol):
    """A Chalice app, as far as this module knows one."""

    @property
    def routes(self) -> Any: ...

    def __call__(self, event: Any, context: Any) -> Any: ...


class WsgiFace:
    """A WSGI application: `WsgiFace(app)`. `base_path` is stripped, `/` redirects to `home`."""

    def __init__(
        self, app: App, *, base_path: str = "/api", home: str = "/api/docs", stage: str = "local"
    ) -> None:
        self._app = app
        self._base = base_path
        self._home = home
        self._stage = stage
        self._resources = Resources(app.routes)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        if status not in _WITHOUT_BODY:
            headers.append(("Content-Length", str(len(body))))
        start_response(f"{status} {_phrase(status)}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        path = _wire_path(environ)
        if path in ("/", self._base, f"{self._base}/"):
            return HTTPStatus.FOUND, [("Location", self._home)], b""
        match = self._resources.match(path.removeprefix(self._base) or "/") if self._is_inside(path) else None
        if match is None:
            return _problem(environ, HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this path.")
        body = _read_body(environ)
        if body is None:
            return _problem(
                environ,
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "body_too_large",
                f"A request may have {MOST_BODY_BYTES} bytes at most.",
            )
        event = self._event(environ, path, match, body)
        try:
            return _unpack(self._app(event, LocalContext("api", timeout_seconds=_API_SECONDS)))
        except Exception:
            _logger.exception("%s %s: the app raised", event["httpMethod"], path)
            return HTTPStatus.BAD_GATEWAY, [_JSON], b'{"message": "Internal server error"}'

    def _is_inside(self, path: str) -> bool:
        return path == self._base or path.startswith(self._base + "/")

    def _event(self, environ: WSGIEnvironment, path: str, match: Match, body: bytes) -> dict[str, Any]:
        """The event of API Gateway's REST proxy integration."""
        method = environ["REQUEST_METHOD"]
        headers = _headers(environ)
        query: dict[str, list[str]] = {}
        sent = _bytes(environ.get("QUERY_STRING", "")).decode("utf-8", "replace")
        for name, value in parse_qsl(sent, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        text, is_base64 = _as_text(body)
        return {
            "resource": match.resource,
            "path": path.removeprefix(self._base) or "/",
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": match.parameters or None,
            "stageVariables": None,
            "requestContext": {
                "accountId": ACCOUNT,
                "requestId": str(uuid.uuid4()),
                "stage": self._stage,
                "httpMethod": method,
                "path": path,
                "resourcePath": match.resource,
                "protocol": environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
                "domainName": headers.get("Host", ""),
                "identity": {
                    "sourceIp": environ.get("REMOTE_ADDR", ""),
                    "userAgent": headers.get("User-Agent"),
                },
            },
            "body": text,
            "isBase64Encoded": is_base64,
        }


def _wire_path(environ: WSGIEnvironment) -> str:
    """The path still percent-encoded: PATH_INFO has lost every `%2F`, but servers keep the original."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw is None:
        return quote(_bytes(environ.get("PATH_INFO", ""))) or "/"
    if not raw.startswith("/"):
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    return quote(_bytes(raw.partition("?")[0].partition("#")[0]), safe=_SAFE)


def _bytes(text: str) -> bytes:
    """WSGI hands bytes over as Latin-1 text."""
    return text.encode("latin-1", "replace")


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    found = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name] = environ[name]
    return {name.replace("_", "-").title(): value for name, value in found.items()}


def _read_body(environ: WSGIEnvironment) -> bytes | None:
    """The whole body, or None when it is over the limit; never more than the limit in memory."""
    declared = environ.get("CONTENT_LENGTH")
    if declared:
        if not declared.isdecimal() or int(declared) > MOST_BODY_BYTES:
            return None
        whole: bytes = environ["wsgi.input"].read(int(declared))
        return whole
    if not environ.get("wsgi.input_terminated"):
        return b""
    body: bytes = environ["wsgi.input"].read(MOST_BODY_BYTES + 1)
    return body if len(body) <= MOST_BODY_BYTES else None


def _as_text(body: bytes) -> tuple[str | None, bool]:
    """UTF-8 goes as text, anything else as base64; the app gets the same bytes back either way."""
    if not body:
        return None, False
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), True


def _unpack(answer: dict[str, Any]) -> Answer:
    headers = [(str(name), str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers.extend((str(name), str(value)) for value in values)
    # The length is ours to say: the app's could be that of the base64.
    headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    body = answer.get("body") or ""
    if body and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(_JSON)  # API Gateway's default
    return (
        int(answer["statusCode"]),
        headers,
        base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode("utf-8"),
    )


def _problem(environ: WSGIEnvironment, status: HTTPStatus, code: str, detail: str) -> Answer:
    """A refusal of the gateway's own; its pages may read it as they may read the app's."""
    request_id = str(uuid.uuid4())
    problem = {
        "type": f"urn:souk:problem:{code}",
        "title": status.phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    asked_by = {"origin": environ.get("HTTP_ORIGIN", "")}
    headers = {
        **answers.HEADERS,
        **cors.answer(asked_by, "", lambda slug, host: frozenset()),
        "Content-Type": "application/problem+json",
        "X-Request-Id": request_id,
    }
    return status, list(headers.items()), json.dumps(problem).encode("utf-8")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
