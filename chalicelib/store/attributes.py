"""The attributes an item may declare: PynamoDB's, with exact types both for mypy and at run time.

PynamoDB checks neither constructor arguments nor values, lets `Decimal` through to the wire, and types a
nullable attribute as if it were always there. These do not.
"""

import json
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, TypeAdapter
from pynamodb.attributes import Attribute

from chalicelib.core import clock

Wire = dict[str, Any]
T = TypeVar("T")


class Typed(Attribute[T], Generic[T]):
    """An attribute that refuses a value of another type, with its own name in the message."""

    accepts: tuple[type, ...] = ()

    def __init__(self, *, default: Any = None, null: bool | None = None) -> None:
        super().__init__(null=bool(null), default=default)

    def __set__(self, instance: Any, value: T) -> None:  # type: ignore[override]  # None only where declared
        super().__set__(instance, value)

    def checked(self, value: Any) -> Any:
        if not isinstance(value, self.accepts) or (isinstance(value, bool) and bool not in self.accepts):
            raise TypeError(f"{self.attr_name} takes {self.accepts}, not {type(value).__name__}")
        return value


class Text(Typed[str]):
    attr_type = "S"
    accepts = (str,)

    def serialize(self, value: Any) -> str:
        return cast(str, self.checked(value))


class OptionalText(Typed[str | None]):
    attr_type = "S"
    accepts = (str,)

    def __init__(self, *, default: None = None) -> None:
        super().__init__(null=True)

    def serialize(self, value: Any) -> str:
        return cast(str, self.checked(value))


class Int(Typed[int]):
    """A whole number, exact to 38 digits. There is no float and no Decimal in the table."""

    attr_type = "N"
    accepts = (int,)

    def serialize(self, value: Any) -> str:
        return str(self.checked(value))

    def deserialize(self, value: Any) -> int:
        return int(value)


class OptionalInt(Typed[int | None]):
    attr_type = "N"
    accepts = (int,)

    def __init__(self, *, default: None = None) -> None:
        super().__init__(null=True)

    def serialize(self, value: Any) -> str:
        return str(self.checked(value))

    def deserialize(self, value: Any) -> int:
        return int(value)


class Flag(Typed[bool]):
    attr_type = "BOOL"
    accepts = (bool,)

    def serialize(self, value: Any) -> bool:
        return cast(bool, self.checked(value))


class Instant(Typed[datetime]):
    """RFC 3339 text in UTC with milliseconds, so that it sorts; naive times are refused."""

    attr_type = "S"
    accepts = (datetime,)

    def serialize(self, value: Any) -> str:
        return clock.to_text(self.checked(value))

    def deserialize(self, value: Any) -> datetime:
        return clock.from_text(value)


class OptionalInstant(Typed[datetime | None]):
    attr_type = "S"
    accepts = (datetime,)

    def __init__(self, *, default: None = None) -> None:
        super().__init__(null=True)

    def serialize(self, value: Any) -> str:
        return clock.to_text(self.checked(value))

    def deserialize(self, value: Any) -> datetime:
        return clock.from_text(value)


class Expiry(Typed[datetime | None]):
    """The table's TTL: epoch seconds. Real TTL lags for days, so readers compare it with now themselves."""

    attr_type = "N"
    accepts = (datetime,)

    def __init__(self, *, default: None = None) -> None:
        super().__init__(null=True)

    def serialize(self, value: Any) -> str:
        return str(int(self.checked(value).timestamp()))

    def deserialize(self, value: Any) -> datetime:
        return datetime.fromtimestamp(int(value), tz=clock.current().now().tzinfo)


class Bytes(Typed[bytes]):
    attr_type = "B"
    accepts = (bytes,)

    def serialize(self, value: Any) -> bytes:
        return cast(bytes, self.checked(value))

    def deserialize(self, value: Any) -> bytes:
        return bytes(value)


class OptionalBytes(Typed[bytes | None]):
    attr_type = "B"
    accepts = (bytes,)

    def __init__(self, *, default: None = None) -> None:
        super().__init__(null=True)

    def serialize(self, value: Any) -> bytes:
        return cast(bytes, self.checked(value))

    def deserialize(self, value: Any) -> bytes:
        return bytes(value)


class Words(Typed[frozenset[str]]):
    """A set of strings, changed by ADD and DELETE without a read. DynamoDB keeps no empty set: absent is empty."""

    attr_type = "SS"
    accepts = (frozenset, set, list)

    def __init__(self, *, default: Any = None) -> None:
        super().__init__(null=True, default=frozenset)

    def serialize(self, value: Any) -> list[str] | None:
        return sorted(self.checked(value)) or None

    def deserialize(self, value: Any) -> frozenset[str]:
        return frozenset(value)


class Value(Typed[T], Generic[T]):
    """Pydantic value objects stored as a map or a list, readable in the console, validated when read."""

    def __init__(self, of: Any, *, default: Any = None, null: bool | None = None) -> None:
        super().__init__(default=default, null=null)
        self._of = of
        self._adapter: TypeAdapter[Any] | None = None
        origin = getattr(of, "__origin__", of)
        self.attr_type = "L" if origin in (list, tuple) else "M"

    def _adapt(self) -> TypeAdapter[Any]:
        if self._adapter is None:
            self._adapter = TypeAdapter(self._of)
        return self._adapter

    def serialize(self, value: Any) -> Any:
        wire = marshal(self._adapt().dump_python(value, mode="json", exclude_none=True))
        return wire[self.attr_type]

    def deserialize(self, value: Any) -> Any:
        return self._adapt().validate_python(unmarshal({self.attr_type: value}))


def marshal(value: Any) -> Wire:
    """Plain JSON values to DynamoDB's wire form. Floats are refused."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case list() | tuple():
            return {"L": [marshal(inner) for inner in value]}
        case dict():
            return {"M": {str(key): marshal(inner) for key, inner in value.items()}}
        case BaseModel():
            return marshal(value.model_dump(mode="json", exclude_none=True))
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be stored")


def unmarshal(wire: Wire) -> Any:
    ((kind, value),) = wire.items()
    match kind:
        case "N":
            return int(value) if "." not in value and "E" not in value.upper() else float(value)
        case "L":
            return [unmarshal(inner) for inner in value]
        case "M":
            return {key: unmarshal(inner) for key, inner in value.items()}
        case "NULL":
            return None
        case "SS" | "NS":
            return sorted(value)
        case _:
            return value


def as_json(wire: Wire) -> str:
    return json.dumps(unmarshal({"M": wire}), ensure_ascii=False, sort_keys=True, default=str)
