"""Chalice as we use it: thread-safe, its own refusals in our shape, our operations mounted on it."""

import threading
from collections.abc import Sequence
from typing import Any

from chalice.app import Chalice, Request, Response

import chalicelib
from chalicelib.core.errors import NotFound
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
        self._door = FrontDoor(ports)
        for operation in self.operations:
            self._mount(self._door, operation)

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
        answer: dict[str, Any]
        if (response := self._without_operation(event)) is not None:
            answer = response.to_dict(self.api.binary_types)
        else:
            answer = super().__call__(event, context)
        return answers.guarded(answer)

    def _without_operation(self, event: Any) -> Response | None:
        """What is answered here: a preflight, and what leads to no operation. Chalice would say it its own way."""
        asked = event.get("requestContext") or {}
        # its table of routes is a defaultdict: `get` adds no made-up path to it
        methods = sorted(self.routes.get(str(asked.get("resourcePath")), ()))
        if not methods:
            return self._door.refuse(event, NotFound())
        if asked.get("httpMethod") in methods:
            return None
        granted = self._door.preflight(event, methods)
        return granted or self._door.refuse(event, problem.MethodNotAllowed(), Allow=", ".join(methods))
