"""Chalice as we use it: thread-safe, its own refusals in our shape, our operations mounted on it.

A cold start mounts every path from a table and imports no domain: a request imports the one it is for. The table is
written by `make docs`; docs/decisions/0019-a-request-imports-its-domain.md has the figures.
"""

import importlib
import json
import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from chalice.app import Chalice, Request, Response

import chalicelib
from chalicelib.core.errors import NotFound
from chalicelib.core.secret_settings import Misconfigured
from chalicelib.http import answers, docs, problem
from chalicelib.http.front import FrontDoor, every_operation
from chalicelib.http.matching import Resources
from chalicelib.http.operations import Operation, Routes
from chalicelib.http.ports import Ports

DOCS = "docs"
"""The room of the API's own pages, which is made for each app."""
RUNTIME = "AWS_LAMBDA_RUNTIME_API"
"""Set by Lambda alone."""
TABLE = Path(__file__).with_name("route_table.json")

GREEDY = "/{proxy+}"
"""The gateway's one path; docs/decisions/0027-one-greedy-path.md."""

Table = dict[str, list[str]]
"""A module with `routes` → its places, each `METHOD path`."""


def read_table() -> Table:
    table: Table = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def table_of(rooms: Sequence[str], describe: Any = dict) -> Table:
    """The table as the rooms have it now. Imports them all."""
    found = {room: importlib.import_module(room).routes for room in rooms} | {DOCS: docs.routes(describe)}
    return {
        room: sorted(f"{op.method} {op.path}" for op in routes.operations) for room, routes in found.items()
    }


class Souk(Chalice):
    """The Lambda entry point. `current_request` is per thread: the local server answers several at once."""

    _here = threading.local()

    def __init__(self, name: str, rooms: Sequence[str], ports: Ports) -> None:
        """`rooms` are the modules whose `routes` are mounted."""
        super().__init__(name, configure_logs=False)
        self.ports = ports
        self.rooms = rooms
        self._door = FrontDoor(ports)
        self._known: dict[tuple[str, str], Operation] = {}
        for room, places in read_table().items():
            for place in places:
                self._mount(room, *place.split(" "))

    @cached_property
    def operations(self) -> list[Operation]:
        """All of them: imports every room. For the API's document, and for tools."""
        return every_operation([self._routes_of(room) for room in (*self.rooms, DOCS)])

    def check_table(self) -> None:
        """For a developer's machine, where a route may be minutes old. Raises Misconfigured when the table is older."""
        if table_of(self.rooms) != read_table():
            raise Misconfigured("the table of routes does not follow the code any more: run `make docs`")

    def _routes_of(self, room: str) -> Routes:
        if room == DOCS:
            return docs.routes(self.describe)
        found: Routes = importlib.import_module(room).routes
        return found

    def _operation(self, room: str, method: str, path: str) -> Operation:
        """The operation at a place of the table. Imports its room at the first request for any of it."""
        if (method, path) not in self._known:
            self._known.update({(op.method, op.path): op for op in self._routes_of(room).operations})
        return self._known[method, path]

    def mount_jobs(self, module: str) -> None:
        """Have a domain's jobs packaged, each as a function of its own, which imports that module and never this app.

        In Lambda there is nothing to package.
        """
        if RUNTIME not in os.environ:
            self.register_blueprint(importlib.import_module(module).jobs)

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

    def _mount(self, room: str, method: str, path: str) -> None:
        def view(**_: str) -> Response:
            request = self.current_request
            assert request is not None  # noqa: S101 - Chalice set it on this thread, just now
            return self._door.serve(self._operation(room, method, path), request)

        # content types are checked by the door, which answers with a problem document
        self.route(path, methods=[method], name=f"{method} {path}", content_types=["*/*"])(view)

    @cached_property
    def _resources(self) -> Resources:
        return Resources(self.routes)

    def _routed(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event as if the gateway knew every path: deployed, it has one greedy path for all of them.

        What stands below that path is taken from the parameter: a custom domain's base path is no part of it.
        """
        asked = event.get("requestContext") or {}
        if asked.get("resourcePath") != GREEDY:
            return event
        path = "/" + str((event.get("pathParameters") or {}).get("proxy", ""))
        match = self._resources.match(path)
        return {
            **event,
            "pathParameters": (match.parameters or None) if match else None,
            "requestContext": {**asked, "resourcePath": match.resource if match else path},
        }

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        answer: dict[str, Any]
        event = self._routed(event)
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
            return self._door.nowhere(event, NotFound())
        if asked.get("httpMethod") in methods:
            return None
        granted = self._door.preflight(event, methods)
        return granted or self._door.nowhere(event, problem.MethodNotAllowed(), Allow=", ".join(methods))
