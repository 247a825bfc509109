"""What a shop is set to: for its clients, and for its staff to read and change."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.core.settings import settings
from chalicelib.http import PUBLIC, Routes, staff
from chalicelib.tenants import editing, service
from chalicelib.tenants.editing import CurrencyFixed
from chalicelib.tenants.entities import Tenant
from chalicelib.tenants.parameters import SWITCHES
from chalicelib.tenants.schemas import BrandingView, Limits, SettingsView, Shipping, ShopConfig, WriteSettings
from chalicelib.tenants.writing import TenantState

routes = Routes("tenants")


@routes.get("/v1/config", permission=PUBLIC)
def read_config(ctx: Context) -> ShopConfig:
    """The shop's switches: money, language, looks, terms of carriage, how long things are held, the sandbox."""
    tenant, terms = service.of(ctx), service.terms(ctx)
    return ShopConfig(
        tenant=tenant.slug,
        name=tenant.name,
        currency=tenant.currency,
        locale=tenant.locale,
        time_zone=tenant.time_zone,
        branding=BrandingView.of(tenant.branding),
        sandbox=settings().sandbox,
        pay_minutes=terms.pay_minutes,
        confirm_days=terms.confirm_days,
        shipping=Shipping.of(tenant),
        limits=Limits.of(terms),
        switches={name: service.is_on(ctx, name) for name in SWITCHES},
    )


@routes.get("/v1/admin/settings", permission=staff("settings:read"), answer=SettingsView, errors=[NotFound])
def read_settings(ctx: Context) -> Tenant:
    """The shop's settings as they stand, and what follows from them. The ETag is what If-Match takes."""
    return editing.read(ctx)


@routes.put(
    "/v1/admin/settings",
    permission=staff("settings:write"),
    answer=SettingsView,
    errors=[NotFound, PreconditionFailed, CurrencyFixed, TenantState],
)
def write_settings(ctx: Context, body: WriteSettings, if_match: int | None) -> Tenant:
    """Change the shop's settings, all of them at once. In effect everywhere within a minute, without a deployment."""
    return editing.write(ctx, body, if_match)
