"""Every answer tells browsers to be careful, whoever made it."""

from typing import Any

import pytest
from werkzeug.test import Client

from app import app
from chalicelib.http import answers
from infra.local.wsgi import MOST_BODY_BYTES, WsgiFace
from tests.http.described import OPERATIONS, address
from tests.shop import Shop, send

GUARDED = {name.lower(): value for name, value in answers.HEADERS.items()}


def missing(headers: dict[str, Any], *but: str) -> set[str]:
    return {name for name, value in GUARDED.items() if headers.get(name) != value and name not in but}


def test_what_is_no_page_may_load_nothing_and_stand_in_no_frame() -> None:
    assert GUARDED["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert GUARDED["x-content-type-options"] == "nosniff"
    assert GUARDED["strict-transport-security"].startswith("max-age=63072000")
    assert GUARDED["referrer-policy"] == "no-referrer"
    assert GUARDED["cross-origin-resource-policy"] == "same-origin"
    assert GUARDED["cache-control"] == "no-store"


def test_every_operation_answers_with_them(shop: Shop) -> None:
    faults = {}
    for op in OPERATIONS:
        own = {"cache-control"} if op.wants_if_none_match else set()
        own |= {"cache-control", "content-security-policy"} if op.tag == "docs" else set()
        found = missing(send(op.method, address(op), {}).headers, *own)
        if found:
            faults[op.id] = found
    assert faults == {}


@pytest.mark.parametrize(
    "context",
    [
        {"resourcePath": "/v1/nowhere", "httpMethod": "GET"},
        {"resourcePath": "/v1/orders", "httpMethod": "TRACE"},
        {"httpMethod": "GET"},
        {},
    ],
)
def test_a_request_that_leads_nowhere_is_answered_with_them(context: dict[str, Any]) -> None:
    before = len(app.routes)
    answer = app({"requestContext": context, "headers": None}, None)
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    assert missing(headers) == set()
    assert headers["content-type"] == "application/problem+json"
    assert answer["statusCode"] in (404, 405)
    assert len(app.routes) == before, "a made-up path must not grow the table of routes"


def test_an_answer_that_chalice_makes_by_itself_has_them() -> None:
    assert answers.guarded({"statusCode": 500})["headers"] == answers.HEADERS
    own = answers.guarded({"headers": {"cache-control": "no-cache"}})["headers"]
    assert own["cache-control"] == "no-cache"
    assert "Cache-Control" not in own


def test_the_docs_page_keeps_what_it_needs_and_no_more() -> None:
    page = send("GET", "/docs")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cross-origin-opener-policy"] == "same-origin"


def test_a_body_over_the_limit_is_refused_with_them() -> None:
    answer = Client(WsgiFace(app)).post(
        "/api/v1/auth/login", environ_overrides={"CONTENT_LENGTH": str(MOST_BODY_BYTES + 1)}
    )
    assert answer.status_code == 413
    assert missing({name.lower(): value for name, value in answer.headers}) == set()
