"""The WSGI face gives the app what API Gateway would, and the client what the app answered."""

import base64
import io
import json
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.test import Client

from chalicelib.http.matching import Resources
from infra.local.wsgi import MOST_BODY_BYTES, WsgiFace
from tests.ops.local import tiny_app


class Recorder:
    """An app that keeps the event and answers what it was told to."""

    def __init__(self, *templates: str, answer: Any = None) -> None:
        self.routes = dict.fromkeys(templates)
        self.event: dict[str, Any] = {}
        self._answer = answer or {"statusCode": 200, "headers": {}, "multiValueHeaders": {}, "body": "{}"}

    def __call__(self, event: Any, context: Any) -> Any:
        self.event = event
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.fixture
def client() -> Client:
    return Client(WsgiFace(tiny_app()))


def test_the_event_is_api_gateways() -> None:
    app = Recorder("/v1/orders/{order_id}/lines")
    Client(WsgiFace(app)).post(
        "/api/v1/orders/ord%201/lines?a=1&b=%E4%B8%AD&a=2&c=",
        data='{"名": 1}'.encode(),
        headers={"Content-Type": "application/json", "Idempotency-Key": "k1", "User-Agent": "test"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    context = app.event.pop("requestContext")
    assert app.event == {
        "resource": "/v1/orders/{order_id}/lines",
        "path": "/v1/orders/ord%201/lines",
        "httpMethod": "POST",
        "headers": {
            "Host": "localhost",
            "Content-Type": "application/json",
            "Content-Length": "10",
            "Idempotency-Key": "k1",
            "User-Agent": "test",
        },
        "multiValueHeaders": {
            "Host": ["localhost"],
            "Content-Type": ["application/json"],
            "Content-Length": ["10"],
            "Idempotency-Key": ["k1"],
            "User-Agent": ["test"],
        },
        "queryStringParameters": {"a": "2", "b": "中", "c": ""},
        "multiValueQueryStringParameters": {"a": ["1", "2"], "b": ["中"], "c": [""]},
        "pathParameters": {"order_id": "ord 1"},
        "stageVariables": None,
        "body": '{"名": 1}',
        "isBase64Encoded": False,
    }
    assert len(context.pop("requestId")) == 36
    assert context == {
        "accountId": "000000000000",
        "stage": "local",
        "httpMethod": "POST",
        "path": "/api/v1/orders/ord%201/lines",
        "resourcePath": "/v1/orders/{order_id}/lines",
        "protocol": "HTTP/1.1",
        "domainName": "localhost",
        "identity": {"sourceIp": "192.0.2.7", "userAgent": "test"},
    }


def test_what_a_request_does_not_have_is_none() -> None:
    app = Recorder("/v1/orders")
    Client(WsgiFace(app)).get("/api/v1/orders")
    absent = ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body"]
    assert {name: app.event[name] for name in absent} == dict.fromkeys(absent)


def test_an_encoded_slash_stays_inside_its_parameter(client: Client) -> None:
    assert client.get("/api/v1/things/a%2Fb%20c").json == {"id": "a/b c", "query": {}}


def test_a_parameter_is_decoded_once(client: Client) -> None:
    assert client.get("/api/v1/things/a%252Fb").json == {"id": "a%2Fb", "query": {}}


def test_a_literal_segment_wins_over_a_parameter(client: Client) -> None:
    assert client.get("/api/v1/things/newest").json == {"id": "the newest"}


def test_a_literal_that_leads_nowhere_gives_way_to_the_parameter() -> None:
    resources = Resources(["/v1/{kind}/items", "/v1/orders/{order_id}"])
    match = resources.match("/v1/orders/items")
    assert match is not None
    assert (match.resource, match.parameters) == ("/v1/orders/{order_id}", {"order_id": "items"})
    other = Resources(["/v1/{kind}/items", "/v1/orders/newest"]).match("/v1/orders/items")
    assert other is not None
    assert (other.resource, other.parameters) == ("/v1/{kind}/items", {"kind": "orders"})


@pytest.mark.parametrize(
    "path",
    ["/api/v1/nothing", "/api/v1/things", "/api/v1/things/", "/api/v1/things/1/2", "/v1/things/1", "/apiary"],
)
def test_an_unknown_path_is_a_problem_document(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.get_json(force=True) == {
        "type": "urn:souk:problem:not_found",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "There is nothing at this path.",
        "request_id": answer.headers["X-Request-Id"],
    }


def test_a_wrong_method_is_the_apps_to_refuse(client: Client) -> None:
    answer = client.delete("/api/v1/things/1")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


def test_the_root_leads_to_the_docs(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/docs")


@given(some.binary(max_size=200))
def test_any_bytes_go_in_and_come_out_unchanged(body: bytes) -> None:
    answer = Client(WsgiFace(tiny_app())).post(
        "/api/v1/echo", data=body, headers={"Accept": "*/*", "Content-Type": "application/octet-stream"}
    )
    assert (answer.status_code, answer.data) == (200, body)


def test_headers_of_one_name_stay_apart(client: Client) -> None:
    answer = client.get("/api/v1/cookies")
    assert answer.status_code == 204
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert "Content-Length" not in answer.headers


def test_a_body_over_the_limit_is_refused_unread(client: Client) -> None:
    stream = io.BytesIO(b"x" * (MOST_BODY_BYTES + 1))
    answer = client.post("/api/v1/echo", input_stream=stream)
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    assert answer.get_json(force=True)["code"] == "body_too_large"
    assert stream.tell() == 0


def test_a_body_at_the_limit_is_taken(client: Client) -> None:
    answer = client.post("/api/v1/echo", data=b"x" * MOST_BODY_BYTES, headers={"Accept": "*/*"})
    assert len(answer.data) == MOST_BODY_BYTES


def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(client: Client) -> None:
    stream = io.BytesIO(b"x" * (MOST_BODY_BYTES + 100))
    answer = client.post(
        "/api/v1/echo",
        input_stream=stream,
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert answer.status_code == 413
    assert stream.tell() == MOST_BODY_BYTES + 1


def test_an_app_that_raises_is_a_logged_502(caplog: pytest.LogCaptureFixture) -> None:
    answer = Client(WsgiFace(Recorder("/v1/x", answer=RuntimeError("boom")))).get("/api/v1/x")
    assert (answer.status_code, answer.json) == (502, {"message": "Internal server error"})
    assert "GET /api/v1/x: the app raised" in caplog.text
    assert "boom" in caplog.text


def test_an_answer_that_is_none_is_a_502_too() -> None:
    answer = Client(WsgiFace(Recorder("/v1/x", answer={"no": "status"}))).get("/api/v1/x")
    assert answer.status_code == 502


def test_a_binary_answer_is_decoded_and_its_length_is_ours() -> None:
    packed = {
        "statusCode": 200,
        "headers": {"Content-Type": "image/png", "content-length": "999"},
        "body": base64.b64encode(b"\x89PNG").decode(),
        "isBase64Encoded": True,
    }
    answer = Client(WsgiFace(Recorder("/v1/x", answer=packed))).get("/api/v1/x")
    assert (answer.data, answer.headers["Content-Length"]) == (b"\x89PNG", "4")


def test_a_head_request_gets_the_headers_alone() -> None:
    answer = Client(WsgiFace(Recorder("/v1/x"))).head("/api/v1/x")
    assert (answer.headers["Content-Length"], answer.data) == ("2", b"")


def test_a_path_sent_unencoded_means_the_same(client: Client) -> None:
    raw = "/api/v1/things/七?名=号".encode().decode("latin-1")
    answer = client.get("/", environ_overrides={"REQUEST_URI": raw, "QUERY_STRING": raw.partition("?")[2]})
    assert answer.json == {"id": "七", "query": {"名": "号"}}


def test_a_server_that_keeps_no_original_path_still_works(client: Client) -> None:
    answer = client.get("/api/v1/things/a%20b", environ_overrides={"REQUEST_URI": None, "RAW_URI": None})
    assert answer.json == {"id": "a b", "query": {}}


def test_schemathesis_can_drive_it() -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Tiny", "version": "1"},
        "paths": {
            "/api/v1/things/{thing_id}": {
                "get": {
                    "parameters": [
                        {
                            "name": "thing_id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string", "minLength": 1},
                        }
                    ],
                    "responses": {"200": {"description": "A thing"}},
                }
            }
        },
    }
    served = Recorder(
        "/openapi.json",
        answer={
            "statusCode": 200,
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps(document),
        },
    )
    assert schemathesis.openapi.from_wsgi("/api/openapi.json", WsgiFace(served)).raw_schema == document
    schema = schemathesis.openapi.from_dict(document)
    schema.app = WsgiFace(tiny_app())
    case = schema["/api/v1/things/{thing_id}"]["GET"].Case(path_parameters={"thing_id": "七 号"})
    assert case.call_and_validate().json()["id"] == "七 号"
