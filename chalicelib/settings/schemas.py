"""API shapes of parameters and switches."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints

from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.http import Body, ListOf, Query, Timestamp, View
from chalicelib.settings.changing import Shown
from chalicelib.tenants.entities import SLUG_PATTERN, ParameterChange
from chalicelib.tenants.service import REMEMBERED_FOR
from chalicelib.tenants.values import Choices, KindName, Whole

ParameterName = Annotated[str, Field(pattern=r"^[a-z_.]{1,60}$", examples=["orders.pay_minutes"])]
Slug = Annotated[str, Field(pattern=SLUG_PATTERN, examples=["acme"])]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Setting = (
    bool
    | Annotated[int, Field(ge=0, le=10**15)]
    | Annotated[str, Field(max_length=300)]
    | Annotated[list[Word], Field(max_length=50)]
)


class SaidView(View):
    """Words in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, thing: Any) -> Self:
        text: Text = thing
        return cls(en=text.en, zh=text.zh)


class ParameterQuery(Query):
    group: Annotated[str | None, Field(pattern=r"^[a-z]{1,30}$")] = None
    """The word before the dot: `orders`, `storage` …"""
    changed: bool | None = None
    """Only those with a choice of the shop's own (`true`), or without one (`false`)."""


class ParameterView(View):
    name: str
    type: KindName
    description: SaidView
    value: bool | int | str | list[str]
    """What holds now."""
    chosen: bool | int | str | list[str] | None
    """The shop's own choice; null: the default holds."""
    default: bool | int | str | list[str]
    least: int | None
    most: int | None
    """Of a number: what this shop may choose."""
    unit: str | None
    options: list[str] | None
    changed_by: Literal["shop", "platform"]
    """Who may change it; the platform may change all of them."""
    in_effect_within_seconds: int
    """After a change, other processes may go on with the old value for as long."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        shown: Shown = thing
        one, tenant, stage = shown.parameter, shown.tenant, settings()
        return cls(
            name=one.name,
            type=one.kind.name,
            description=SaidView.of(one.what),
            value=one.in_force(tenant, stage),
            chosen=one.chosen(tenant),
            default=one.default(stage),
            least=one.kind.least if isinstance(one.kind, Whole) else None,
            most=one.most(tenant, stage),
            unit=one.kind.unit if isinstance(one.kind, Whole) else None,
            options=list(one.kind.options) if isinstance(one.kind, Choices) else None,
            changed_by=one.changed_by,
            in_effect_within_seconds=int(REMEMBERED_FOR.total_seconds()),
        )


class ParameterList(View):
    data: list[ParameterView]


class ChangeParameter(Body):
    value: Setting
    """Of the parameter's own type and within its range."""
    reason: Reason | None = None
    """For the record."""


class ChangeView(View):
    at: Timestamp
    actor_id: str
    before: bool | int | str | list[str] | None
    """Null: the default was in force."""
    after: bool | int | str | list[str] | None
    reason: str | None

    @classmethod
    def of(cls, thing: Any) -> Self:
        change: ParameterChange = thing
        return cls(
            at=change.at,
            actor_id=change.actor_id,
            before=change.before.get("value"),
            after=change.after.get("value"),
            reason=change.reason or None,
        )


class ChangePage(ListOf[ChangeView]):
    pass
