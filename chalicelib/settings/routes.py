"""A shop's parameters and switches: for its own staff, and for the platform."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.http import ListQuery, Routes, staff
from chalicelib.settings import changing
from chalicelib.settings.changing import ParameterOfPlatform, Shown
from chalicelib.settings.schemas import (
    ChangePage,
    ChangeParameter,
    ChangeView,
    ParameterList,
    ParameterName,
    ParameterQuery,
    ParameterView,
    Slug,
)
from chalicelib.tenants.writing import TenantState

routes = Routes("settings")

_READ, _WRITE = staff("settings:read"), staff("settings:write")
_LOOK, _CONFIGURE = staff("platform:read"), staff("platform:configure")
_ERRORS = [NotFound, PreconditionFailed, TenantState]


@routes.get("/v1/admin/settings/parameters", permission=_READ, errors=[NotFound])
def list_parameters(ctx: Context, query: ParameterQuery) -> ParameterList:
    """Everything this shop can be set to: what holds, what it may be, and who may change it."""
    shown = changing.listed(ctx.tenant, query.group, changed=query.changed)
    return ParameterList(data=[ParameterView.of(one) for one in shown])


@routes.get(
    "/v1/admin/settings/parameters/{parameter}", permission=_READ, answer=ParameterView, errors=[NotFound]
)
def read_parameter(ctx: Context, parameter: ParameterName) -> Shown:
    """One parameter. The ETag is what If-Match takes: the version of all settings of the shop."""
    return changing.read(ctx.tenant, parameter)


@routes.put(
    "/v1/admin/settings/parameters/{parameter}",
    permission=_WRITE,
    answer=ParameterView,
    errors=[*_ERRORS, ParameterOfPlatform],
)
def change_parameter(
    ctx: Context, parameter: ParameterName, body: ChangeParameter, if_match: int | None
) -> Shown:
    """Change one parameter. In effect everywhere within a minute, without a deployment."""
    return changing.change(ctx, ctx.tenant, parameter, body.value, if_match, "shop")


@routes.delete(
    "/v1/admin/settings/parameters/{parameter}",
    permission=_WRITE,
    answer=ParameterView,
    errors=[*_ERRORS, ParameterOfPlatform],
)
def reset_parameter(ctx: Context, parameter: ParameterName, if_match: int | None) -> Shown:
    """Have the default again; the same where it holds already."""
    return changing.change(ctx, ctx.tenant, parameter, None, if_match, "shop")


@routes.get("/v1/admin/settings/parameters/{parameter}/history", permission=_READ, errors=[NotFound])
def list_parameter_changes(ctx: Context, parameter: ParameterName, query: ListQuery) -> ChangePage:
    """How a parameter changed, by whatever route: who, when, from what to what; newest first."""
    page = changing.history(ctx.tenant, parameter, limit=query.limit, cursor=query.cursor)
    return ChangePage.page([ChangeView.of(one) for one in page.data], page.next_cursor)


@routes.get("/v1/platform/tenants/{slug}/parameters", permission=_LOOK, errors=[NotFound])
def list_shop_parameters(ctx: Context, slug: Slug, query: ParameterQuery) -> ParameterList:
    """The same of any shop, for the platform."""
    shown = changing.listed(slug, query.group, changed=query.changed)
    return ParameterList(data=[ParameterView.of(one) for one in shown])


@routes.put(
    "/v1/platform/tenants/{slug}/parameters/{parameter}",
    permission=_CONFIGURE,
    answer=ParameterView,
    errors=_ERRORS,
)
def change_shop_parameter(
    ctx: Context, slug: Slug, parameter: ParameterName, body: ChangeParameter, if_match: int | None
) -> Shown:
    """Change a parameter of a shop, also one that the shop itself may not change."""
    return changing.change(ctx, slug, parameter, body.value, if_match, "platform")


@routes.delete(
    "/v1/platform/tenants/{slug}/parameters/{parameter}",
    permission=_CONFIGURE,
    answer=ParameterView,
    errors=_ERRORS,
)
def reset_shop_parameter(ctx: Context, slug: Slug, parameter: ParameterName, if_match: int | None) -> Shown:
    """Take a shop's choice away: the default holds again."""
    return changing.change(ctx, slug, parameter, None, if_match, "platform")
