"""The gateway's one greedy path, and what it answers by itself."""

import json
from typing import Any

import pytest
from chalice.app import Request, Response

from app import app
from chalicelib.http import limits
from chalicelib.http.front import FrontDoor
from chalicelib.http.operations import Operation
from chalicelib.http.problem import CONTENT_TYPE
from infra.package import gateway
from tests.http.described import address
from tests.lines import logged
from tests.shop import Shop, configured


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    return gateway.definition(["image/png"])


def test_every_method_of_every_path_goes_to_the_alias(definition: dict[str, Any]) -> None:
    assert set(definition["paths"]) == {"/", "/{proxy+}"}
    for methods in definition["paths"].values():
        assert set(methods) == set(gateway.METHODS)
        for operation in methods.values():
            assert "${APIHandlerAliaslive}" in json.dumps(operation["x-amazon-apigateway-integration"]["uri"])


@pytest.mark.parametrize("kind", gateway.responses())
def test_what_the_gateway_answers_itself_is_a_problem_that_a_page_may_read(kind: str) -> None:
    answer = gateway.responses()[kind]
    problem = json.loads(answer["responseTemplates"]["application/json"])
    headers = answer["responseParameters"]

    assert {"type", "title", "code", "request_id"} <= set(problem)
    assert problem["request_id"] == "$context.requestId"
    assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
    assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    assert problem.get("status") == answer.get("statusCode")


def test_who_is_throttled_is_told_when_to_come_back() -> None:
    throttled = gateway.responses()["THROTTLED"]

    assert throttled["statusCode"] == 429
    assert throttled["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"


def greedy(method: str, path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """An event as the deployed gateway sends it."""
    return {
        "path": f"/some-base/{path}",
        "headers": {"content-type": "application/json", **(headers or {})},
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path},
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": "/{proxy+}",
            "requestId": "greedy",
            "identity": {"sourceIp": "203.0.113.9"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


def test_the_app_finds_its_route_below_the_greedy_path(shop: Shop) -> None:
    product = shop.product()

    answer = app(greedy("GET", f"v1/products/{product['id']}", {"x-tenant": "default"}), None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["id"] == product["id"]


@pytest.mark.ledger("S1-001")
@pytest.mark.parametrize("op", app.operations, ids=lambda op: op.id)
def test_one_door_leads_to_every_room(op: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever path and method of the document: the same door, and behind it the operation that was meant."""
    met: list[str] = []
    serve = FrontDoor.serve

    def noting(door: FrontDoor, found: Operation, request: Request) -> Response:
        met.append(found.id)
        return serve(door, found, request) if not found.tenant else Response("{}", status_code=200)

    monkeypatch.setattr(FrontDoor, "serve", noting)
    app(greedy(op.method, address(op).removeprefix("/")), None)
    assert met == [op.id]


@pytest.mark.ledger("S1-001")
@pytest.mark.parametrize(
    "path", ["", "v1", "v1/there/is/nothing", "v2/products", "v1/products/", "docs/../v1"]
)
def test_whatever_leads_nowhere_is_refused_in_one_form(path: str) -> None:
    answer = app(greedy("GET", path, {"accept-language": "zh"}), None)

    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["status"], problem["code"]) == (404, 404, "not_found")
    assert answer["headers"]["Content-Type"].startswith(CONTENT_TYPE)
    assert problem["request_id"] == answer["headers"]["X-Request-Id"]
    assert problem["title"] == "未找到"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "v1/there/is/nothing{n}", 404), ("PUT", "v1/products", 405)]
)
def test_whatever_leads_nowhere_has_the_limit_of_its_address(
    shop: Shop, method: str, path: str, status: int
) -> None:
    with configured(SOUK_IP_REQUESTS_PER_MINUTE="3"):
        limits.forget()
        answers = [app(greedy(method, path.format(n=n)), None) for n in range(5)]
    limits.forget()
    assert [answer["statusCode"] for answer in answers] == [status] * 3 + [429] * 2
    assert json.loads(answers[-1]["body"])["code"] == "rate_limited"
    assert answers[-1]["headers"]["Retry-After"] == "20"
    assert "Allow" not in answers[-1]["headers"]


def test_whatever_leads_nowhere_is_told_and_counted_under_one_name(shop: Shop) -> None:
    """A series for each made-up path would be a stranger's to pay with our money."""
    with logged() as lines:
        answers = [app(greedy("GET", f"v1/there/is/nothing{n}"), None) for n in range(3)]
        answers.append(app(greedy("PUT", "v1/products"), None))
    told = lines.of(event="request")
    assert [(one["path"], one["status"], one["operation"]) for one in told] == [("-", 404, "none")] * 3 + [
        ("-", 405, "none")
    ]
    assert [one["refusal"] for one in told] == ["not_found"] * 3 + ["method_not_allowed"]
    assert [one["request_id"] for one in told] == [answer["headers"]["X-Request-Id"] for answer in answers]
    assert {(one["operation"], one["status"]) for one in lines.metrics("requests")} == {("none", "4xx")}
    assert len(lines.metrics("requests")) == 4
    assert "nothing" not in str(lines.read())


def test_an_unknown_path_below_it_is_our_own_not_found(shop: Shop) -> None:
    answer = app(greedy("GET", "v1/there/is/nothing"), None)

    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (404, "not_found")


def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(shop: Shop) -> None:
    answer = app(greedy("DELETE", "v1/products"), None)

    assert answer["statusCode"] == 405
    assert answer["headers"]["Allow"] == "GET"


def test_a_preflight_is_answered_below_it(shop: Shop) -> None:
    asked = {"origin": "http://127.0.0.1:5173", "access-control-request-method": "GET"}

    answer = app(greedy("OPTIONS", "v1/products", asked), None)

    assert answer["statusCode"] == 204
