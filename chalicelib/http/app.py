"""Chalice as we use it: thread-safe, its own refusals in our shape, our operations mounted on it."""

import threading
from collections.abc import Sequence
from typing import Any

from chalice.app import Chalice, Request, Response

import chalicelib
from chalicelib.core import clock, ids
from chalicelib.core.text import choose_locale
from chalicelib.http import answers, docs, problem
from chalicelib.http.front import FrontDoor, every_operation
from chalicelib.http.operations import Operation, Routes
from chalicelib.http.ports import Ports


class Souk(Chalice):
    """The Lambda entry point. `current_request` is per thread: the local server answers several at once."""

    _here = threading.local()

    def __init__(self, name: str, rooms: Sequence[Routes], ports: Ports) -> None:
        super().__init__(name, configure_logs=False)
        self.ports = ports
        self.operations = every_operation([*rooms, docs.routes(self.describe)])
        door = FrontDoor(ports)
        for operation in self.operations:
            self._mount(door, operation)

    def describe(self) -> dict[str, Any]:
        """The OpenAPI document. Made on demand: a request for anything else pays nothing for it."""
        from chalicelib.http import openapi

        return openapi.document(self.operations, self.ports.refusals, version=chalicelib.__version__)

    @property
    def current_request(self) -> Request | None:
        return getattr(self._here, "request", None)

    @current_request.setter
    def current_request(self, value: Request | None) -> None:
        self._here.request = value

    def _mount(self, door: FrontDoor, operation: Operation) -> None:
        def view(**_: str) -> Response:
            request = self.current_request
            assert request is not None  # noqa: S101 - Chalice set it on this thread, just now
            return door.serve(operation, request)

        # content types are checked by the door, which answers with a problem document
        self.route(operation.path, methods=[operation.method], name=operation.id, content_types=["*/*"])(view)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        request_context = event.get("requestContext") or {}
        if request_context.get("resourcePath") in self.routes:
            methods = self.routes[request_context["resourcePath"]]
            if request_context.get("httpMethod") not in methods:
                return self._no_such_method(event, sorted(methods))
        answer: dict[str, Any] = super().__call__(event, context)
        return answer

    def _no_such_method(self, event: Any, methods: list[str]) -> dict[str, Any]:
        headers = {str(name).lower(): value for name, value in (event.get("headers") or {}).items()}
        request_id = event["requestContext"].get("requestId") or ids.ulid(clock.current().now())
        response = answers.refusal(
            problem.MethodNotAllowed(), choose_locale(headers.get("accept-language")), request_id
        )
        response.headers["Allow"] = ", ".join(methods)
        response.headers["X-Request-Id"] = request_id
        answer: dict[str, Any] = response.to_dict(self.api.binary_types)
        return answer
