"""After a deployment: does it answer, quickly enough, and does it refuse what it must? Changes nothing in the shop."""

from __future__ import annotations

import http.client
import json
import ssl
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_WARM_MS = 1000.0
"""Of a warm answer over the network, from where the operator sits. A deployment that is far slower is a broken one."""
_WARM_ASKS = 5
PATIENCE_SECONDS = 60.0
"""A first answer may wait for a cold start, a new address for its name."""
_PROBLEM = "application/problem+json"


class SmokeFailed(RuntimeError):
    """The message says what was asked and what came."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def problem_code(self) -> str:
        try:
            return str(json.loads(self.body)["code"])
        except (ValueError, LookupError, TypeError):
            return ""


def ask(
    url: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Raises OSError or HTTPException where nothing answers."""
    parts, connection = urlsplit(url), _connect(url)
    try:
        connection.request(
            method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers or {}
        )
        answer = connection.getresponse()
        return Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        )
    finally:
        connection.close()


def _connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.netloc, timeout=30, context=ssl.create_default_context())
    return http.client.HTTPConnection(parts.netloc, timeout=30)


def run(base: str, tell: Callable[[str], None], patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Functional, safety, performance. Raises SmokeFailed."""
    _wait_until_ready(base, patience_seconds)
    tell("ready: the API answers and reads its table")
    for what, check in _CHECKS.items():
        check(base)
        tell(f"ok: {what}")
    took = _warm_ms(base)
    if took > MOST_WARM_MS:
        raise SmokeFailed(f"a warm answer takes {took:.0f} ms, more than {MOST_WARM_MS:.0f}")
    tell(f"ok: a warm answer takes {took:.0f} ms")


def _wait_until_ready(base: str, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            answer = ask(f"{base}/v1/health/ready")
            if answer.status == 200:
                return
            came = f"{answer.status} {answer.body[:300].decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            came = repr(error)
        if time.monotonic() > deadline:
            raise SmokeFailed(f"GET /v1/health/ready: {came}")
        time.sleep(1)


def _expect(answer: Answer, what: str, status: int, code: str = "") -> None:
    if answer.status != status or (code and answer.problem_code() != code):
        raise SmokeFailed(f"{what}: {answer.status} {answer.body[:300].decode(errors='replace')}")


def _document(base: str) -> None:
    answer = ask(f"{base}/openapi.json")
    _expect(answer, "GET /openapi.json", 200)
    if "/v1/orders" not in json.loads(answer.body)["paths"]:
        raise SmokeFailed("GET /openapi.json: no orders in it")


def _shop(base: str) -> None:
    answer = ask(f"{base}/v1/products?limit=1", headers={"X-Tenant": "default"})
    if answer.status == 404 and answer.problem_code() == "tenant_unknown":
        return  # a first deployment: `make first-admin` opens the first shop
    _expect(answer, "GET /v1/products", 200)


def _strangers(base: str) -> None:
    for path in ("/v1/me", "/v1/orders", "/v1/admin/orders"):
        _expect(ask(f"{base}{path}"), f"GET {path} without a token", 401, "unauthenticated")
    forged = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9."}
    _expect(ask(f"{base}/v1/me", headers=forged), "GET /v1/me with a forged token", 401)


def _unknown(base: str) -> None:
    answer = ask(f"{base}/v1/there-is-nothing-here")
    _expect(answer, "an unknown path", 404, "not_found")
    if not answer.headers.get("content-type", "").startswith(_PROBLEM):
        raise SmokeFailed(f"an unknown path is answered as {answer.headers.get('content-type')}")


def _headers(base: str) -> None:
    answer = ask(f"{base}/v1/health")
    for name in ("strict-transport-security", "x-content-type-options", "x-request-id"):
        if name not in answer.headers:
            raise SmokeFailed(f"GET /v1/health answers without {name}")


def _rubbish(base: str) -> None:
    answer = ask(
        f"{base}/v1/auth/login", "POST", {"Content-Type": "application/json", "X-Tenant": "default"}, b"{"
    )
    if not 400 <= answer.status < 500:
        raise SmokeFailed(f"broken JSON is answered with {answer.status}")


_CHECKS = {
    "the API's document": _document,
    "the catalogue": _shop,
    "strangers are refused": _strangers,
    "an unknown path is a problem document": _unknown,
    "the headers that keep browsers careful": _headers,
    "broken input is refused": _rubbish,
}


def _warm_ms(base: str) -> float:
    """The median of a few answers over one connection: neither the way there nor one hiccup is the release's."""
    path, connection = urlsplit(base).path, _connect(base)
    took = []
    try:
        for _ in range(1 + _WARM_ASKS):
            began = time.perf_counter()
            connection.request("GET", f"{path}/v1/health/ready")
            connection.getresponse().read()
            took.append((time.perf_counter() - began) * 1000)
    finally:
        connection.close()
    return statistics.median(took[1:])
