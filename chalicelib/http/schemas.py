"""The bases of every API shape: strict coming in, declared fields only going out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from chalicelib.core import clock

T = TypeVar("T")

Timestamp = Annotated[
    datetime,
    PlainSerializer(clock.to_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339 in UTC with milliseconds."""


def _not_zero(delta: int) -> int:
    if delta == 0:
        raise PydanticCustomError("zero", "must not be zero")
    return delta


Delta = Annotated[int, Field(ge=-(10**9), le=10**9), AfterValidator(_not_zero)]
"""How much a count changes by: up or down, never by nothing."""


def left_out() -> Any:
    """The default of a body's field that may be left out and be no null: `model_fields_set` says whether it came."""
    return Field(default=None, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class Body(BaseModel):
    """A request body. Unknown fields and wrong JSON types are refused; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Query(BaseModel):
    """Query parameters: text read into the declared types; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ListQuery(Query):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=2000)] = None


class View(BaseModel):
    """An answer: holds declared fields only, filled from an item, a card or values of the same names."""

    model_config = ConfigDict(from_attributes=True, extra="ignore", defer_build=True)

    @classmethod
    def of(cls, thing: Any) -> Self:
        """Override where a view is more than the fields of the same name."""
        return cls.model_validate(thing)


class ListOf(View, Generic[T]):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None

    @classmethod
    def page(cls, data: Iterable[Any], next_cursor: str | None) -> Self:
        return cls(data=list(data), next_cursor=next_cursor)
