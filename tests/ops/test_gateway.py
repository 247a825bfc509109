"""The gateway's one greedy path, and what it answers by itself."""

import json
from typing import Any

import pytest

from app import app
from infra.package import gateway
from tests.shop import Shop


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
