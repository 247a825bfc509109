"""Parameters and switches: looked at, changed, put back to their default, and how they came to be what they are."""

from dataclasses import dataclass
from typing import Literal

from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, Invalid, NotFound
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.store import Page, items, transaction
from chalicelib.tenants import editing, writing
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import ParameterChange, Tenant
from chalicelib.tenants.parameters import PARAMETERS, Parameter
from chalicelib.tenants.values import Setting
from chalicelib.tenants.writing import TenantState

By = Literal["shop", "platform"]


class ParameterOfPlatform(Forbidden):
    code = "parameter_of_platform"
    title = Text("Only the platform changes this", "该参数仅平台可修改")
    detail = Text("Ask the platform to change {name} for you.", "请联系平台修改 {name}。")


@dataclass(frozen=True, slots=True)
class Shown:
    """A parameter as it is in one shop."""

    parameter: Parameter
    tenant: Tenant

    @property
    def version(self) -> int:
        """The shop's: parameters are written with it."""
        return self.tenant.version


def listed(slug: str, group: str | None, *, changed: bool | None) -> list[Shown]:
    """All parameters of a shop as they stand in the table, or those of one group, or those with (without) a choice of
    the shop's own. One GetItem. Raises NotFound."""
    tenant = editing.read_to_change(slug, None)
    return [
        Shown(one, tenant)
        for one in PARAMETERS.values()
        if group in (None, one.group) and changed in (None, one.chosen(tenant) is not None)
    ]


def read(slug: str, name: str) -> Shown:
    """One GetItem. Raises NotFound."""
    return Shown(_declared(name), editing.read_to_change(slug, None))


def change(ctx: Context, slug: str, name: str, value: Setting | None, if_match: int | None, by: By) -> Shown:
    """The shop's choice becomes `value`; None: the default again. Here at once, elsewhere within a minute.

    Store calls: 2, 1 where nothing changes. Raises NotFound, ParameterOfPlatform, Invalid, PreconditionFailed,
    TenantState.
    """
    parameter = _declared(name)
    if parameter.changed_by == "platform" and by == "shop":
        raise ParameterOfPlatform(name=name)
    tenant = editing.read_to_change(slug, if_match)
    if tenant.status in ("deleting", "deleted"):
        raise TenantState(status=tenant.status)
    fault = None if value is None else parameter.fault(value, tenant, settings())
    if fault is not None:
        raise Invalid.field("value", fault.code, fault.said.say(ctx.locale, **fault.fields))
    if parameter.chosen(tenant) == value and type(parameter.chosen(tenant)) is type(value):
        return Shown(parameter, tenant)
    parameter.choose(tenant, value)
    with transaction(ctx) as tx:
        writing.put_next(tx, tenant, had_hosts=tenant.hosts)
    tenants.forget()
    return Shown(parameter, tenant)


def history(slug: str, name: str, *, limit: int, cursor: str | None) -> Page[ParameterChange]:
    """How a parameter changed, newest first. One Query. Raises NotFound, CursorInvalid."""
    _declared(name)
    return items(
        ParameterChange, slug, ParameterChange.key, name=name, limit=limit, cursor=cursor, newest_first=True
    )


def _declared(name: str) -> Parameter:
    if name not in PARAMETERS:
        raise NotFound
    return PARAMETERS[name]
