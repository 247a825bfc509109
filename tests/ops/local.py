"""What the tests of the local run share: an engine with a table, a tiny app, and how to wait."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalice import Chalice, Response
from chalice.app import Request

from infra.local.stream_reader import StreamReader, stream_arn


@dataclass(frozen=True, slots=True)
class Engine:
    dynamodb: Any
    streams: Any
    table: str

    def put(self, name: str, **more: dict[str, Any]) -> None:
        self.dynamodb.put_item(TableName=self.table, Item=item(name, **more))

    def delete(self, name: str) -> None:
        self.dynamodb.delete_item(TableName=self.table, Key=item(name))

    def items(self) -> list[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table)
        return sorted((each for page in pages for each in page["Items"]), key=lambda each: each["pk"]["S"])

    def reader(self, **how: Any) -> StreamReader:
        return StreamReader(self.streams, stream_arn(self.dynamodb, self.table), **how)


def item(name: str, **more: dict[str, Any]) -> dict[str, Any]:
    return {"pk": {"S": f"default#{name}"}, "sk": {"S": "ITEM"}, **more}


def wait_until(holds: Callable[[], object], what: str, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.02)


def tiny_app() -> Chalice:
    """An app with one of each thing the WSGI face must carry."""
    app = Chalice("tiny")

    def request() -> Request:
        assert app.current_request is not None
        return app.current_request

    @app.route("/v1/things/{thing_id}", methods=["GET"])
    def read_thing(thing_id: str) -> Any:
        return {"id": thing_id, "query": dict(request().query_params or {})}

    @app.route("/v1/things/newest", methods=["GET"])
    def read_newest() -> Any:
        return {"id": "the newest"}

    @app.route("/v1/echo", methods=["POST"], content_types=["application/octet-stream", "application/json"])
    def echo() -> Any:
        return Response(request().raw_body, headers={"Content-Type": "application/octet-stream"})

    @app.route("/v1/cookies", methods=["GET"])
    def cookies() -> Any:
        return Response("", status_code=204, headers={"Set-Cookie": ["a=1", "b=2"]})

    return app
