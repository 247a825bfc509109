"""The smoke test that follows a deployment, on a shop of this process and on broken ones."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app import app
from infra.deploy import smoke
from infra.deploy.smoke import SmokeFailed
from infra.local import serving
from infra.local.serving import Server
from infra.local.wsgi import WsgiFace
from tests.shop import Shop

Wsgi = Callable[[Any, Any], Any]


class Deployed:
    """The shop at an address, with a fault planted between it and who asks."""

    def __init__(self) -> None:
        self._face = WsgiFace(app)
        self.fault: Callable[[Wsgi, Any, Any], Any] = lambda face, environ, start: face(environ, start)

    def __call__(self, environ: Any, start: Any) -> Any:
        return self.fault(self._face, environ, start)


@pytest.fixture
def deployed(shop: Shop) -> Iterator[tuple[Deployed, str]]:
    shop.product()
    broken = Deployed()
    server = Server(broken, serving.reserve(0))
    server.start()
    yield broken, f"http://127.0.0.1:{server.port}/api"
    server.stop(seconds=1)


def run(base: str) -> list[str]:
    said: list[str] = []
    smoke.run(base, said.append, patience_seconds=0.5)
    return said


def answers(status: str, body: bytes, *headers: tuple[str, str]) -> Callable[[Wsgi, Any, Any], Any]:
    def answer(face: Wsgi, environ: Any, start: Any) -> list[bytes]:
        start(status, [("Content-Length", str(len(body))), *headers])
        return [body]

    return answer


def only_at(path: str, fault: Callable[[Wsgi, Any, Any], Any]) -> Callable[[Wsgi, Any, Any], Any]:
    def chosen(face: Wsgi, environ: Any, start: Any) -> Any:
        if environ["PATH_INFO"].startswith(path):
            return fault(face, environ, start)
        return face(environ, start)

    return chosen


@pytest.mark.ledger("S0-041")
def test_a_good_deployment_passes_functional_safety_and_performance_checks(
    deployed: tuple[Deployed, str],
) -> None:
    said = run(deployed[1])

    assert said[0] == "ready: the API answers and reads its table"
    assert {"ok: the catalogue", "ok: strangers are refused", "ok: broken input is refused"} <= set(said)
    assert said[-1].startswith("ok: a warm answer takes ")


@pytest.mark.ledger("S0-041")
@pytest.mark.parametrize(
    ("path", "fault", "found"),
    [
        ("/api/v1/health/ready", answers("503 No", b"{}"), "health/ready: 503"),
        ("/api/openapi.json", answers("200 OK", b'{"paths": {}}'), "no orders in it"),
        ("/api/v1/products", answers("500 Oh", b"{}"), "GET /v1/products: 500"),
        (
            "/api/v1/admin/orders",
            answers("200 OK", b'{"data": []}'),
            "GET /v1/admin/orders without a token: 200",
        ),
        ("/api/v1/there-is", answers("404 No", b'{"code": "not_found"}'), "an unknown path is answered as"),
        ("/api/v1/auth/login", answers("500 Oh", b"{}"), "broken JSON is answered with 500"),
    ],
)
def test_a_broken_deployment_is_found(
    deployed: tuple[Deployed, str], path: str, fault: Callable[[Wsgi, Any, Any], Any], found: str
) -> None:
    deployed[0].fault = only_at(path, fault)

    with pytest.raises(SmokeFailed, match=found):
        run(deployed[1])


def test_a_deployment_that_lets_forged_tokens_in_is_found(deployed: tuple[Deployed, str]) -> None:
    def admits(face: Wsgi, environ: Any, start: Any) -> Any:
        if environ.get("HTTP_AUTHORIZATION"):
            return answers("200 OK", b"{}")(face, environ, start)
        return face(environ, start)

    deployed[0].fault = only_at("/api/v1/me", admits)

    with pytest.raises(SmokeFailed, match="with a forged token: 200"):
        run(deployed[1])


def test_a_deployment_that_is_far_too_slow_is_found(
    deployed: tuple[Deployed, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(face: Wsgi, environ: Any, start: Any) -> Any:
        time.sleep(0.02)
        return face(environ, start)

    deployed[0].fault = only_at("/api/v1/health/ready", slowly)
    monkeypatch.setattr(smoke, "MOST_WARM_MS", 10.0)

    with pytest.raises(SmokeFailed, match="a warm answer takes"):
        run(deployed[1])


def test_nothing_at_the_address_is_found(deployed: tuple[Deployed, str]) -> None:
    with pytest.raises(SmokeFailed, match="ConnectionRefused"):
        run("http://127.0.0.1:9/api")
