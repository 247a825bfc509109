"""The API: one greedy path to one function behind an alias, and what the gateway itself answers.

Chalice writes a resource for each path. One for all of them keeps the template small, lets the app answer preflights
and unknown paths itself, and never meets the quota of resources; docs/decisions/0027-one-greedy-path.md.
"""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.errors import (
    Forbidden,
    Malformed,
    NotFound,
    SoukError,
    TooLarge,
    TooMany,
    Unavailable,
    UnsupportedMedia,
)
from chalicelib.http import problem
from chalicelib.http.answers import HEADERS

ALIAS = "live"
FUNCTION = "APIHandler"
"""Chalice's name for it."""
FUNCTION_NAME = "api"
"""Ours, after the stage's."""
ALIAS_ID = f"{FUNCTION}Alias{ALIAS}"
"""SAM's name for the alias it makes."""
API = "RestAPI"
STAGE = "api"
"""The gateway's stage, the first segment of the address. Ours is the parameter `Stage`."""

STAGE_ID = f"{API}{STAGE}Stage"
"""The translator's name for it."""
ACCESS_LOG = json.dumps(
    {
        "time": "$context.requestTime",
        "event": "gateway",
        "request_id": "$context.requestId",
        "trace": "$context.xrayTraceId",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "status": "$context.status",
        "answered_by": "$context.error.responseType",
        "waf": "$context.waf.status",
        "latency_ms": "$context.responseLatency",
    }
)
"""No query string and no header: they may hold what is nobody's business."""

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
"""Spelled out: the emulator reads no `x-amazon-apigateway-any-method`, and nothing else reaches us this way."""

_EXPOSED = "X-Request-Id,Retry-After"
_OURS = ("X-Content-Type-Options", "Cache-Control", "Strict-Transport-Security")
_SAYS: dict[str, tuple[int | None, SoukError]] = {
    "THROTTLED": (429, TooMany(retry_after=1)),
    "QUOTA_EXCEEDED": (429, TooMany(retry_after=60)),
    "REQUEST_TOO_LARGE": (413, TooLarge()),
    "UNSUPPORTED_MEDIA_TYPE": (415, UnsupportedMedia()),
    "WAF_FILTERED": (403, Forbidden()),
    "MISSING_AUTHENTICATION_TOKEN": (404, NotFound()),
    "INTEGRATION_TIMEOUT": (503, Unavailable(retry_after=2)),
    "INTEGRATION_FAILURE": (503, Unavailable(retry_after=2)),
    "DEFAULT_4XX": (None, Malformed()),
    "DEFAULT_5XX": (503, Unavailable(retry_after=2)),
}
"""What the gateway answers before or instead of us → its status, where there is one for all, and what we call it."""


def definition(binary_types: list[str]) -> dict[str, Any]:
    """The API's own document: `/` and everything below it, any method, to the alias."""
    invoke: dict[str, Any] = {
        "responses": {},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "passthroughBehavior": "when_no_match",
            "uri": {
                "Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
                f"${{{ALIAS_ID}}}/invocations"
            },
        },
    }
    rest = {"name": "proxy", "in": "path", "required": True, "type": "string"}
    return {
        "swagger": "2.0",
        "info": {"title": {"Fn::Sub": "souk-${Stage}"}, "version": "1"},
        "schemes": ["https"],
        "paths": {
            "/": {method: {**invoke} for method in METHODS},
            "/{proxy+}": {method: {"parameters": [rest], **invoke} for method in METHODS},
        },
        "x-amazon-apigateway-binary-media-types": binary_types,
        "x-amazon-apigateway-gateway-responses": responses(),
    }


def responses() -> dict[str, Any]:
    """Problem documents with CORS headers, so that a page's script can read them too.

    The gateway knows no shop's list of origins. What it says holds nothing of a caller's, so any page may read it, and
    without credentials.
    """
    headers = {
        "Content-Type": f"'{problem.CONTENT_TYPE}'",
        "Access-Control-Allow-Origin": "'*'",
        "Access-Control-Expose-Headers": f"'{_EXPOSED}'",
        **{name: f"'{HEADERS[name]}'" for name in _OURS},
        "X-Request-Id": "context.requestId",
    }
    parameters = {f"gatewayresponse.header.{name}": value for name, value in headers.items()}
    answers: dict[str, Any] = {}
    for kind, (status, error) in _SAYS.items():
        wait = getattr(error, "retry_after", None)
        retry = {"gatewayresponse.header.Retry-After": f"'{wait}'"} if wait else {}
        answers[kind] = {
            **({"statusCode": status} if status else {}),
            "responseParameters": {**parameters, **retry},
            "responseTemplates": {"application/json": _problem(error, known=status is not None)},
        }
    return answers


def _problem(error: SoukError, *, known: bool) -> str:
    """In both languages: the gateway does not know the reader's."""
    document = json.loads(problem.document(error, "en", "$context.requestId"))
    document["title"] = f"{error.title.say('en')} / {error.title.say('zh-CN')}"
    if not known:
        del document["status"]
    return json.dumps(document, ensure_ascii=False)
