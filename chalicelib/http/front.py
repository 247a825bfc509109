"""The front door: every request passes here, in this order, and nothing else answers a client.

address's limit → size → content type → who and where → permission → rate limits → path, query, body → idempotency →
handler → answer → who may read it
"""

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalice.app import Request, Response

from chalicelib.core import clock, ids, log, origin, process
from chalicelib.core.context import Act, Actor, Context, Idempotency
from chalicelib.core.errors import Forbidden, Malformed, SoukError, TooMany, Unauthenticated, Unavailable
from chalicelib.core.settings import settings
from chalicelib.core.text import Locale, Text, choose_locale
from chalicelib.http import answers, binding, cors, limits, problem
from chalicelib.http.operations import Idempotent, Operation, RawAnswer
from chalicelib.http.ports import CostMeter, Ports, StoredAnswer

_DEFAULT_TENANT = "default"
_LONGEST_KEY = 128
NOWHERE = "none"
"""Stands for the operation where there is none: what a stranger asks for names no series of a metric."""
_GUEST = re.compile(ids.pattern("gst"))


class KeyRequired(Malformed):
    code = "idempotency_key_required"
    title = Text("An Idempotency-Key header is required", "必须携带 Idempotency-Key 请求头")
    detail = Text(
        "Send a key of 1 to 128 printable characters, new for each intention.",
        "请为每个操作提供 1 到 128 个可打印字符的新键。",
    )


@dataclass(slots=True)
class _Call:
    """One request on its way through the door."""

    op: Operation
    request: Request
    headers: dict[str, str]
    request_id: str
    locale: Locale
    client_ip: str
    """What the gateway saw. `X-Forwarded-For` and its like are the client's own words."""
    tenant: str = ""
    """Once it is known."""
    actor: Actor | None = None
    replayed: bool = False
    refusal: str = ""
    """The code of the problem it was answered with."""


class FrontDoor:
    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def refuse(self, event: dict[str, Any], error: SoukError, **more: str) -> Response:
        """What no operation is asked: no such path, or no such method there."""
        headers, request_id = _headers_of(event), _request_id(event.get("requestContext") or {})
        response = answers.refusal(error, choose_locale(headers.get("accept-language")), request_id)
        response.headers.update(more)
        response.headers.update(cors.answer(headers, "", self.ports.origins))
        response.headers["X-Request-Id"] = request_id
        return response

    def nowhere(self, event: dict[str, Any], error: SoukError, **more: str) -> Response:
        """Refuse what leads to no operation: within the address's limit, told and counted as any request is."""
        context, began = event.get("requestContext") or {}, time.perf_counter()
        try:
            limits.check_address(_client_ip(context), clock.current().now())
        except TooMany as too_many:
            error, more = too_many, {}
        response = self.refuse(event, error, **more)
        joined = {"request_id": response.headers["X-Request-Id"], "operation": NOWHERE}
        log.join(**joined, **origin.trace_fields(_headers_of(event)))
        with self.ports.metering() as meter:
            asked = {"method": str(context.get("httpMethod"))[:10], "path": "-", "refusal": error.code}
            _tell(NOWHERE, asked, response.status_code, (time.perf_counter() - began) * 1000, meter)
        return response

    def preflight(self, event: dict[str, Any], methods: Sequence[str]) -> Response | None:
        """The answer to a browser that asks whether a page may send its request; None for any other request.

        It carries no token and no header of ours: the shop is the one that the address stands for.
        """
        context = event.get("requestContext") or {}
        headers = _headers_of(event)
        if not cors.is_preflight(str(context.get("httpMethod")), headers):
            return None
        try:
            limits.check_address(_client_ip(context), clock.current().now())
        except TooMany as error:
            return self.refuse(event, error)
        granted = cors.preflight(headers, self.ports.origins, methods)
        return answers.nothing(204, {**granted, "X-Request-Id": _request_id(context)})

    def serve(self, op: Operation, request: Request) -> Response:
        """Answer one request; no exception leaves this function."""
        headers = _lowered(request.headers)
        call = _Call(
            op,
            request,
            headers,
            _request_id(request.context),
            choose_locale(headers.get("accept-language")),
            _client_ip(request.context),
        )
        log.join(request_id=call.request_id, operation=op.id, **origin.trace_fields(headers))
        began = time.perf_counter()
        with self.ports.metering() as meter:
            try:
                response = self._answer(call)
            except SoukError as error:
                response = self._refused(call, error)
            except Exception:
                log.error("unexpected", method=op.method, path=op.path)
                response = self._refused(call, problem.Unexpected())
            response.headers.update(cors.answer(headers, call.tenant, self.ports.origins))
        response.headers["X-Request-Id"] = call.request_id
        if call.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        if "x-debug-cost" in headers and _may_see_cost(call.actor):
            response.headers["X-Cost"] = meter.header()
        self._report(call, response.status_code, (time.perf_counter() - began) * 1000, meter)
        return response

    def _refused(self, call: _Call, error: SoukError) -> Response:
        call.refusal = error.code
        return answers.refusal(error, call.locale, call.request_id)

    def _report(self, call: _Call, status: int, took_ms: float, meter: CostMeter) -> None:
        asked = {"method": call.op.method, "path": call.op.path, "refusal": call.refusal}
        who = {"tenant": call.tenant, "actor": call.actor.id if call.actor else ""}
        _tell(call.op.id, asked | who, status, took_ms, meter)

    def _answer(self, call: _Call) -> Response:
        op = call.op
        limits.check_address(call.client_ip, clock.current().now())
        body = binding.raw_body(op, call.request, call.headers)
        binding.check_content_type(op, call.headers, body)
        ctx = self._context(call)
        call.tenant = ctx.tenant if op.tenant else ""
        self._check_permission(op, ctx)
        limits.check_caller(op, ctx, self.ports.limit)
        if op.sensitive:
            self.ports.confirmed(ctx)
        arguments = binding.arguments(op, call.request, call.headers, body, call.locale)
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
            return answers.raw(result)
        return answers.of_result(result, op.render(result))

    def _recall(self, ctx: Context, error: SoukError) -> StoredAnswer | None:
        """The answer a twin of this request was given, if there was one: a first try costs no look-up."""
        if ctx.idempotency is None:
            return None
        stored = self.ports.recall(ctx)
        if stored is None and isinstance(error, self.ports.already_done):
            raise Unavailable(retry_after=1) from error
        return stored

    def _context(self, call: _Call) -> Context:
        """Who asks and for which tenant. The token's tenant rules; without a token `X-Tenant` or the host chooses."""
        header = call.headers.get("authorization", "")
        guest = call.headers.get("x-guest-cart", "")
        known: dict[str, Any] = {
            "request_id": call.request_id,
            "locale": call.locale,
            "client_ip": call.client_ip,
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


def _headers_of(event: dict[str, Any]) -> dict[str, str]:
    return _lowered(event.get("headers"))


def _tell(operation: str, asked: dict[str, str], status: int, took_ms: float, meter: CostMeter) -> None:
    """One line, and the metrics of one request."""
    log.info(
        "request",
        method=asked["method"],
        path=asked["path"],
        refusal=asked["refusal"],
        tenant=asked.get("tenant", ""),
        actor=asked.get("actor", ""),
        status=status,
        took_ms=round(took_ms, 2),
        cost=meter.header(),
    )
    log.metrics(
        {"operation": operation, "status": f"{status // 100}xx"},
        requests=1,
        request_duration_ms=round(took_ms, 2),
        store_calls=meter.calls,
    )
    process.tell()


def _lowered(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in (headers or {}).items()}


def _request_id(context: dict[str, Any]) -> str:
    return str(context.get("requestId") or "") or ids.ulid(clock.current().now())


def _client_ip(context: dict[str, Any]) -> str:
    return str((context.get("identity") or {}).get("sourceIp") or "")


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
    return answers.of_json(stored.status, stored.body)


def _may_see_cost(actor: Actor | None) -> bool:
    """Staff; on a developer's machine everyone."""
    return settings().stage == "local" or (actor is not None and actor.kind == "staff")


def every_operation(rooms: Sequence[Any]) -> list[Operation]:
    """All operations of these `Routes`, in the order of path and method; refuses two at one place."""
    operations = sorted((op for room in rooms for op in room.operations), key=lambda op: (op.path, op.method))
    seen: set[tuple[str, str]] = set()
    for op in operations:
        if (op.method, op.path) in seen:
            raise ValueError(f"two operations at {op.method} {op.path}")
        seen.add((op.method, op.path))
    return operations
