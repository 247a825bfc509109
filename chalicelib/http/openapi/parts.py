"""What the document says whatever the operations are: conventions, headers, parameters, the problem."""

from typing import Any

BEARER = "bearer"
_KEY = r"^[!-~]([ -~]*[!-~])?$"

DESCRIPTION = """\
JSON in and out, `snake_case`. Money is a whole number of minor units beside its currency. Times are RFC
3339 in UTC with milliseconds. Unknown fields in a body or a query are refused.

**Lists** take `limit` and `cursor`, and answer `data` and `next_cursor` (null on the last page). A
cursor is opaque, signed, and bound to its query.

**Problems** are RFC 9457 documents. `code` is stable; each operation lists the codes it can answer
with. A thing that is not yours is a thing that is not there: 404. A method that a path does not have is
a 405 `method_not_allowed`, a fault of ours a 500 `internal`.

**Idempotency**: the same `Idempotency-Key` with the same request is answered with the first answer,
byte for byte, and `Idempotent-Replayed: true`; with another request it is a 422
`idempotency_key_reused`.

**Permissions** (`x-permission`): `public`, `tokenless` (a token is not looked at), `customer` (anyone
signed in, over what is theirs), `either` (a customer, or a visitor over their guest cart), or the
`module:action` that a member of the staff must hold.
"""

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. Further members belong to the code, for example the `skus` of `out_of_stock`.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "In the language of Accept-Language."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What to do next, in the language of Accept-Language."},
        "code": {"type": "string", "description": "Stable; made for programs."},
        "request_id": {"type": "string", "description": "The same as X-Request-Id."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

HEADERS: dict[str, Any] = {
    "Allow": {"description": "The methods this path has.", "schema": {"type": "string"}},
    "ETag": {
        "description": "The version read or written; send it back in If-Match.",
        "schema": {"type": "string"},
    },
    "Idempotent-Replayed": {
        "description": "This is the first answer again; nothing was done twice.",
        "schema": {"const": "true"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {"schema": {"const": "Bearer"}},
    "X-Cost": {
        "description": "The store calls, read units and write units of this request; sent for X-Debug-Cost.",
        "schema": {"type": "string"},
        "example": "calls=3; rru=4.5; wru=12",
    },
    "X-Request-Id": {"description": "Joins this answer with our log.", "schema": {"type": "string"}},
}

PARAMETERS: dict[str, Any] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of titles, details and messages: `en` or `zh-CN`.",
        "schema": {"type": "string"},
        "example": "zh-CN",
    },
    "DebugCost": {
        "name": "X-Debug-Cost",
        "in": "header",
        "description": "Ask what this request costs: the answer carries X-Cost.",
        "schema": {"const": "1"},
    },
    "GuestCart": {
        "name": "X-Guest-Cart",
        "in": "header",
        "description": "A visitor's cart: an id that the device has made, as unguessable as a token.",
        "schema": {"type": "string"},
        "example": "gst_01KJPM2X00QZ5T8Y3W6V9B4C7D",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag that was read: a change made since is a 412 instead of a lost update.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag that is kept: while it still holds, the answer is 304 without a body.",
        "schema": {"type": "string"},
    },
    "Tenant": {
        "name": "X-Tenant",
        "in": "header",
        "description": "The slug of the shop, where no token says it. Absent: the shop whose host was asked.",
        "schema": {"type": "string"},
    },
}


def idempotency_key(required: bool) -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": "A new one for each intention, the same one for each retry. Kept for 48 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": _KEY},
        "example": "9f1c2a9e-5d0b-4a57-8a64-1f3b7c2d9e11",
    }


def parameter(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}
