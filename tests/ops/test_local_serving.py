"""The HTTP server on a real socket."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local import serving
from infra.local.serving import PortTaken, Server
from infra.local.wsgi import MOST_BODY_BYTES, WsgiFace
from tests.ops.local import tiny_app, wait_until

Answer = tuple[int, str, bytes]


class Gate:
    """A WSGI application whose requests wait inside until they are let go."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.let_go = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        self.inside.release()
        assert self.let_go.wait(5)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]


@pytest.fixture
def serve() -> Iterator[Callable[[Any], Server]]:
    servers: list[Server] = []

    def start(application: Any) -> Server:
        server = Server(application, serving.reserve(0))
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop(seconds=1)


def ask(port: int, method: str = "GET", path: str = "/", **more: Any) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, **more)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    finally:
        connection.close()


def test_eight_requests_are_inside_at_once(serve: Callable[[Any], Server]) -> None:
    gate = Gate()
    server = serve(gate)
    clients = [threading.Thread(target=ask, args=(server.port,)) for _ in range(8)]
    for client in clients:
        client.start()
    entered = [gate.inside.acquire(timeout=5) for _ in clients]
    gate.let_go.set()
    for client in clients:
        client.join()
    assert entered == [True] * 8


def test_stopping_lets_a_running_request_finish_and_takes_no_new_one(
    serve: Callable[[Any], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_IDLE_THREADS_SECONDS", 0.0)
    gate = Gate()
    server = serve(gate)
    answers: list[Answer] = []
    running = threading.Thread(target=lambda: answers.append(ask(server.port)))
    running.start()
    assert gate.inside.acquire(timeout=5)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    wait_until(lambda: not _is_open(server.port), "the port to close")
    gate.let_go.set()
    stopping.join()
    running.join()
    assert answers == [(200, "", b"done")]


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_request_that_does_not_end_is_left_behind_in_time(serve: Callable[[Any], Server]) -> None:
    gate = Gate()
    server = serve(gate)
    outcomes: list[str] = []

    def wait_for_ever() -> None:
        try:
            ask(server.port)
        except OSError:
            outcomes.append("cut off")

    stuck = threading.Thread(target=wait_for_ever)
    stuck.start()
    assert gate.inside.acquire(timeout=5)
    began = time.monotonic()
    server.stop(seconds=0.2)
    assert time.monotonic() - began < 2
    stuck.join(5)
    gate.let_go.set()
    assert outcomes == ["cut off"]


@pytest.mark.parametrize("listens", [True, False])
def test_a_taken_port_is_refused(listens: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        with pytest.raises(PortTaken, match=str(other.getsockname()[1])):
            serving.reserve(other.getsockname()[1])


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_over_the_limit_gets_a_problem_document(serve: Callable[[Any], Server], chunked: bool) -> None:
    server = serve(WsgiFace(tiny_app()))
    body = b"x" * (MOST_BODY_BYTES + 1)
    status, kind, answer = ask(
        server.port, "POST", "/api/v1/echo", body=iter([body]) if chunked else body, encode_chunked=chunked
    )
    assert (status, kind) == (413, "application/problem+json")
    assert b"body_too_large" in answer
