"""One plausible example for a JSON schema: always the same, always valid, readable by a person."""

import re
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_ULID = "01KJPM2X00QZ5T8Y3W6V9B4C7D"
_AT = "2026-03-02T01:00:00.000Z"
_ID_PATTERN = re.compile(r"\^([a-z]+)_\[0-7\]")
_NOUN = re.compile(r"[A-Z][a-z]+")
_PREFIXES = {
    "address": "adr",
    "audit": "aud",
    "customer": "usr",
    "dead": "evt",
    "event": "evt",
    "notification": "ntf",
    "order": "ord",
    "payment": "pay",
    "product": "prd",
    "resent": "evt",
    "role": "rol",
    "shipment": "shp",
    "upload": "upl",
    "user": "usr",
}
_BY_NAME: dict[str, Any] = {
    "attributes": {"size": "M"},
    "available": 10,
    "carrier": "SF Express",
    "city": "Hangzhou",
    "code": "CUP-M",
    "content_type": "image/png",
    "country": "CN",
    "currency": "CNY",
    "description": "A cup for tea.",
    "district": "Xihu",
    "email": "lin@example.com",
    "file_name": "cup.png",
    "image": "https://images.example.com/cup.jpg",
    "images": "https://images.example.com/cup.jpg",
    "line1": "1 Lake Road",
    "locale": "zh-CN",
    "name": "Lin",
    "origins": "https://shop.example.com",
    "note": "Please ring twice.",
    "number": "26030201000012345678",
    "password": "correct horse battery",
    "path": "/v1/admin/orders",
    "permissions": "orders:read",
    "phone": "13800000000",
    "postal_code": "310000",
    "province": "Zhejiang",
    "reason": "Changed my mind.",
    "recipient": "Lin",
    "roles": "warehouse",
    "sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "title": "A cup",
    "url": "https://files.example.com/cup.png",
    "tracking_number": "SF1234567890",
    "username": "lin",
}


class NoExample(ValueError):
    """The schema has a form this module does not know: teach it, or give the field `examples`."""


class Examples:
    """Examples of schemas whose references point into `components`."""

    def __init__(self, components: Mapping[str, Schema]) -> None:
        self._components = components
        self._open: list[str] = []
        """The references being followed: a tree of categories ends after its first branch."""

    def of(self, schema: Schema, name: str = "") -> Any:
        """An example of `schema`; `name` is the field it stands in."""
        known, value = _given(schema)
        if known:
            return value
        if "$ref" in schema:
            return self._referred(schema["$ref"].rpartition("/")[2], name)
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            return self.of(choices[0], name)
        match schema.get("type"):
            case "object":
                return self._object(schema, name)
            case "array":
                return self._array(schema, name)
            case _:
                return _plain(schema, name)

    def _referred(self, model: str, name: str) -> Any:
        self._open.append(model)
        try:
            return self.of(self._components[model], name)
        finally:
            self._open.pop()

    def _array(self, schema: Schema, name: str) -> list[Any]:
        items = schema.get("items", {})
        if items.get("$ref", "").rpartition("/")[2] in self._open:
            return []
        return [self.of(items, name)]

    def _object(self, schema: Schema, name: str) -> dict[str, Any]:
        if "properties" not in schema:
            named = _BY_NAME.get(name)
            return named if isinstance(named, dict) else {}
        required = schema.get("required", ())
        noun = _NOUN.match(schema.get("title", ""))
        own_id = f"{noun.group().lower()}_id" if noun else "id"
        return {
            field: self.of(inner, own_id if field == "id" else field)
            for field, inner in schema["properties"].items()
            if field in required or inner.get("default", ...) is not None
        }


def _given(schema: Schema) -> tuple[bool, Any]:
    """What the schema itself says a value may be."""
    if schema.get("examples"):
        return True, schema["examples"][0]
    if schema.get("enum"):
        return True, schema.get("default", schema["enum"][0])
    for fixed in ("const", "default"):
        if schema.get(fixed) is not None:
            return True, schema[fixed]
    return False, None


def _plain(schema: Schema, name: str) -> Any:
    match schema.get("type"):
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            return _number(schema, name)
        case kind:
            return True if kind == "boolean" else None


def _number(schema: Schema, name: str) -> Any:
    named = _BY_NAME.get(name)
    number = named if isinstance(named, int) else 1999 if name == "amount" else 1
    number = max(number, schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
    return min(number, schema.get("maximum", number))


def _text(schema: Schema, name: str) -> str:
    for candidate in _candidates(schema, name):
        if isinstance(candidate, str) and _fits(candidate, schema):
            return candidate
    raise NoExample(f"{name}: no example fits {dict(schema)}")


def _candidates(schema: Schema, name: str) -> list[Any]:
    """The most telling first."""
    found = [_BY_NAME.get(name)]
    if known := _ID_PATTERN.match(schema.get("pattern", "")):
        found.append(f"{known.group(1)}_{_ULID}")
    if schema.get("format") == "date-time" or name == "at" or name.endswith("_at"):
        found.append(_AT)
    if name == "id" or name.endswith("_id"):
        noun = name.removesuffix("id").removesuffix("_") or "id"
        found.append(f"{_PREFIXES.get(noun, noun[:3])}_{_ULID}")
    return [*found, name.replace("_", " "), name, "text", "a", "1", "CNY", "cup-m"]


def _fits(text: str, schema: Schema) -> bool:
    fits = schema.get("minLength", 1) <= len(text) <= schema.get("maxLength", len(text))
    return fits and re.search(schema.get("pattern", ""), text) is not None
