"""The front door: every request passes here, in this order, and nothing else answers a client.

size → content type → who and where → permission → rate limit → path, query, body → idempotency → handler → answer
"""

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalice.app import Request, Response
from pydantic import ValidationError

from chalicelib.core import clock, ids, log
from chalicelib.core.context import Act, Actor, Context, Idempotency
from chalicelib.core.errors import (
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    SoukError,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from chalicelib.core.settings import settings
from chalicelib.core.text import Locale, Text, choose_locale
from chalicelib.http import problem
from chalicelib.http.operations import Idempotent, Operation, Raw, RawAnswer
from chalicelib.http.ports import CostMeter, Ports, StoredAnswer

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
}
_DEFAULT_TENANT = "default"
_LONGEST_KEY = 128
_DIGITS = re.compile(r"[0-9]{1,11}")
_GUEST = re.compile(ids.pattern("gst"))


class KeyRequired(Malformed):
    code = "idempotency_key_required"
    title = Text("An Idempotency-Key header is required", "必须携带 Idempotency-Key 请求头")
    detail = Text(
        "Send a key of 1 to 128 printable characters, new for each intention.",
        "请为每个操作提供 1 到 128 个可打印字符的新键。",
    )


class BodyUnreadable(Malformed):
    code = "malformed_body"
    title = Text("The body cannot be read", "请求体无法读取")


class BodyTooLarge(TooLarge):
    detail = Text("This route takes at most {limit} bytes.", "此接口最多接受 {limit} 字节。")


@dataclass(slots=True)
class _Call:
    """One request on its way through the door."""

    op: Operation
    request: Request
    headers: dict[str, str]
    request_id: str
    locale: Locale
    actor: Actor | None = None
    replayed: bool = False


class FrontDoor:
    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def serve(self, op: Operation, request: Request) -> Response:
        """Answer one request; no exception leaves this function."""
        headers = {str(name).lower(): str(value) for name, value in (request.headers or {}).items()}
        given_id = str(request.context.get("requestId") or "")
        call = _Call(
            op,
            request,
            headers,
            given_id or ids.ulid(clock.current().now()),
            choose_locale(headers.get("accept-language")),
        )
        log.join(request_id=call.request_id, operation=op.id)
        began = time.perf_counter()
        with self.ports.metering() as meter:
            try:
                response = self._answer(call)
            except SoukError as error:
                response = refuse(error, call.locale, call.request_id)
            except Exception:
                log.error("unexpected", method=op.method, path=op.path)
                response = refuse(problem.Unexpected(), call.locale, call.request_id)
        response.headers["X-Request-Id"] = call.request_id
        if call.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        if "x-debug-cost" in headers and _may_see_cost(call.actor):
            response.headers["X-Cost"] = meter.header()
        self._report(call, response.status_code, (time.perf_counter() - began) * 1000, meter)
        return response

    def _report(self, call: _Call, status: int, took_ms: float, meter: CostMeter) -> None:
        log.info(
            "request",
            method=call.op.method,
            path=call.op.path,
            status=status,
            actor=call.actor.id if call.actor else "",
            cost=meter.header(),
        )
        log.metrics(
            {"operation": call.op.id, "status": f"{status // 100}xx"},
            requests=1,
            request_duration_ms=round(took_ms, 2),
            store_calls=meter.calls,
        )

    def _answer(self, call: _Call) -> Response:
        op = call.op
        body = self._raw_body(call)
        self._check_content_type(call, body)
        ctx = self._context(call)
        self._check_permission(op, ctx)
        self._check_rate(op, ctx)
        if op.sensitive:
            self.ports.confirmed(ctx)
        arguments = self._bind(call, body)
        ctx = self._with_idempotency(call, _with_act(call, ctx, arguments), body)
        try:
            result = op.handler(ctx, **arguments)
        except SoukError as error:
            stored = self._recall(ctx, error)
            if stored is None:
                raise
            return _replay(call, stored)
        if ctx.idempotency is not None and not ctx.idempotency.kept:
            # nothing had to be written; the key must give this answer again all the same
            stored = self.ports.keep(ctx, result)
            if stored is not None:
                return _replay(call, stored)
        if isinstance(result, RawAnswer):
            return Response(
                body=result.body,
                status_code=result.status,
                headers=_headers(result.content_type, result.headers),
            )
        response = _json(*op.render(result))
        version = getattr(result, "version", None)
        if isinstance(version, int) and not isinstance(version, bool):
            response.headers["ETag"] = f'"{version}"'
        return response

    def _recall(self, ctx: Context, error: SoukError) -> StoredAnswer | None:
        """The answer a twin of this request was given, if there was one: a first try costs no look-up."""
        if ctx.idempotency is None:
            return None
        stored = self.ports.recall(ctx)
        if stored is None and isinstance(error, self.ports.already_done):
            raise Unavailable(retry_after=1) from error
        return stored

    def _raw_body(self, call: _Call) -> bytes:
        """The bytes that came, where the route takes any; elsewhere a body means nothing and is not looked at."""
        if not call.op.takes_body:
            return b""
        limit = call.op.body_bytes
        declared = call.headers.get("content-length", "")
        if _DIGITS.fullmatch(declared) and int(declared) > limit:
            raise BodyTooLarge(limit=limit)
        try:
            body = _as_bytes(call.request.raw_body)
        except ValueError:
            raise BodyUnreadable from None
        if len(body) > limit:
            raise BodyTooLarge(limit=limit)
        return body

    def _check_content_type(self, call: _Call, body: bytes) -> None:
        if not call.op.takes_body:
            return
        given = call.headers.get("content-type")
        if given is None and not body:
            return
        kind = (given or "application/json").partition(";")[0].strip().lower()
        if "*/*" not in call.op.content_types and kind not in call.op.content_types:
            raise UnsupportedMedia

    def _context(self, call: _Call) -> Context:
        """Who asks and for which tenant. The token's tenant rules; without a token `X-Tenant` or the host chooses."""
        header = call.headers.get("authorization", "")
        source_ip = str((call.request.context.get("identity") or {}).get("sourceIp") or "")
        guest = call.headers.get("x-guest-cart", "")
        known: dict[str, Any] = {
            "request_id": call.request_id,
            "locale": call.locale,
            "client_ip": source_ip,
            "user_agent": call.headers.get("user-agent", "")[:200],
            "guest_id": guest if _GUEST.fullmatch(guest) else "",
        }
        if not call.op.tenant:
            return Context(tenant=_DEFAULT_TENANT, **known)
        if not header or call.op.permission.kind == "tokenless":
            if not call.op.permission.admits_visitors:
                raise Unauthenticated
            named, host = call.headers.get("x-tenant", ""), call.headers.get("host", "")
            return Context(tenant=self.ports.tenant(named, host), **known)
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated
        tenant, actor = self.ports.authenticate(token.strip(), call.op.permission.kind != "public")
        call.actor = actor
        return Context(tenant=tenant, actor=actor, **known)

    def _check_permission(self, op: Operation, ctx: Context) -> None:
        if op.permission.kind == "staff" and not ctx.actor.may(op.permission.name):
            raise Forbidden

    def _check_rate(self, op: Operation, ctx: Context) -> None:
        rule = op.rate_limit
        if rule is None or (rule.per == "guest" and ctx.actor.id):
            return
        if rule.per == "user" and ctx.actor.id:
            subject, limit = ctx.actor.id, rule.limit
        else:
            subject, limit = ctx.client_ip or "unknown", rule.limit * settings().ip_limit_factor
        self.ports.limit(ctx, op.id, subject, limit=limit, window_seconds=rule.window_seconds)

    def _bind(self, call: _Call, body: bytes) -> dict[str, Any]:
        op, request = call.op, call.request
        arguments: dict[str, Any] = {}
        for name, adapter in op.path_params.items():
            try:
                arguments[name] = adapter.validate_strings((request.uri_params or {}).get(name, ""))
            except ValidationError:
                raise NotFound from None
        if op.query is not None:
            arguments["query"] = self._query(call, op.query)
        elif request.query_params:
            raise Invalid(
                [
                    {"field": str(name), "code": "extra_forbidden", "message": "is not a known parameter"}
                    for name in request.query_params
                ]
            )
        if op.body is not None:
            try:
                arguments["body"] = op.body.model_validate_json(body or b"{}")
            except ValidationError as error:
                raise problem.from_validation(error, "body", call.locale) from None
            except RecursionError:
                raise problem.NotJson from None
        if op.wants_raw:
            arguments["raw"] = Raw(body, call.headers)
        if op.wants_if_match:
            arguments["if_match"] = _version(call.headers.get("if-match"))
        if op.wants_if_none_match:
            arguments["if_none_match"] = call.headers.get("if-none-match", "")
        return arguments

    def _query(self, call: _Call, model: Any) -> Any:
        given: dict[str, Any] = {}
        params = call.request.query_params
        for name in params or {}:
            values = params.getlist(name) if params else []
            if len(values) > 1:
                raise Invalid.field(str(name), "repeated", "may be given once")
            given[name] = values[0]
        try:
            return model.model_validate_strings(given)
        except ValidationError as error:
            raise problem.from_validation(error, "query", call.locale) from None

    def _with_idempotency(self, call: _Call, ctx: Context, body: bytes) -> Context:
        op = call.op
        key = call.headers.get("idempotency-key")
        if op.idempotent is Idempotent.NO:
            return ctx
        if key is None:
            if op.idempotent is Idempotent.REQUIRED:
                raise KeyRequired
            return ctx
        if not 1 <= len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise KeyRequired
        return replace(ctx, idempotency=Idempotency(key, _request_hash(call, ctx, body), op.render))


def _with_act(call: _Call, ctx: Context, arguments: dict[str, Any]) -> Context:
    """Under a staff act the store records what each transaction changes."""
    if not call.op.audited:
        return ctx
    targets = {name: str(arguments[name]) for name in call.op.path_params}
    reason = getattr(arguments.get("body"), "reason", None)
    return replace(ctx, act=Act(call.op.id, targets, reason if isinstance(reason, str) else ""))


def _request_hash(call: _Call, ctx: Context, body: bytes) -> str:
    """What makes a request the same request: the route, the things it names, and all it says about them."""
    named = sorted((call.request.uri_params or {}).items())
    said = [call.op.method, call.op.path, repr(named), call.headers.get("if-match", ""), ctx.guest_id]
    return hashlib.sha256("\x00".join(said).encode() + b"\x00" + body).hexdigest()


def _replay(call: _Call, stored: StoredAnswer) -> Response:
    call.replayed = True
    return _json(stored.status, stored.body)


def _may_see_cost(actor: Actor | None) -> bool:
    """Staff; on a developer's machine everyone."""
    return settings().stage == "local" or (actor is not None and actor.kind == "staff")


def _version(header: str | None) -> int | None:
    """`If-Match: "7"` → 7. Absent → None; anything else can never match."""
    if header is None:
        return None
    text = header.strip().removeprefix("W/").strip('"')
    return int(text) if _DIGITS.fullmatch(text) else -1


def _json(status: int, body: str) -> Response:
    return Response(body=body, status_code=status, headers=_headers("application/json" if body else ""))


def _headers(content_type: str = "", more: dict[str, str] | None = None) -> dict[str, str | list[str]]:
    headers: dict[str, str | list[str]] = {**_HEADERS, **(more or {})}
    if content_type:
        headers["Content-Type"] = content_type
    return headers


def _as_bytes(raw: str | bytes | None) -> bytes:
    return raw.encode() if isinstance(raw, str) else bytes(raw or b"")


def refuse(error: SoukError, locale: Locale, request_id: str) -> Response:
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


def every_operation(rooms: Sequence[Any]) -> list[Operation]:
    """All operations of these `Routes`, in the order of path and method; refuses two at one place."""
    operations = sorted((op for room in rooms for op in room.operations), key=lambda op: (op.path, op.method))
    seen: set[tuple[str, str]] = set()
    for op in operations:
        if (op.method, op.path) in seen:
            raise ValueError(f"two operations at {op.method} {op.path}")
        seen.add((op.method, op.path))
    return operations
