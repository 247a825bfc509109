"""The platform's hand on shops that are there: list, read, configure, suspend, open again."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.platform.fields import ceilings_above_the_stage, hosts_of
from chalicelib.platform.schemas import ConfigureShop, ShopQuery
from chalicelib.store import Page, again, items, remember, rows, transaction
from chalicelib.tenants import editing, writing
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import HOME, Branding, Ceilings, Tenant, TenantRow
from chalicelib.tenants.writing import TenantState


class HomeStaysOpen(Conflict):
    """Nobody could open it again: whoever may, is in it."""

    code = "home_stays_open"
    title = Text("The platform's own shop cannot be suspended", "平台自有店铺不能停用")
    detail = Text("Suspend one of the other shops.", "请选择其他店铺。")


def listed(ctx: Context, query: ShopQuery) -> Page[dict[str, Any]]:
    """Shops by slug; those in one status, or all. One Query. Raises CursorInvalid."""
    limit, cursor, home = query.limit, query.cursor, ctx.tenant
    if query.status is not None:
        return rows(
            home, TenantRow.in_status, limit=limit, cursor=cursor, newest_first=False, status=query.status
        )
    page = items(TenantRow, home, TenantRow.key, limit=limit, cursor=cursor)
    return Page([one.row() for one in page.data], page.next_cursor)


def read(slug: str) -> Tenant:
    """One GetItem. Raises NotFound."""
    return editing.read_to_change(slug, None)


def configure(ctx: Context, slug: str, wish: ConfigureShop, if_match: int | None) -> Tenant:
    """Change what is given. Store calls: 2; more only after a lost race, and then only without `if_match`.

    Raises NotFound, Invalid, CurrencyFixed, HostTaken, TenantState, PreconditionFailed.
    """
    if if_match is not None:
        return _configure_once(ctx, slug, wish, if_match)
    return again(lambda: _configure_once(ctx, slug, wish, None), PreconditionFailed)


def _configure_once(ctx: Context, slug: str, wish: ConfigureShop, if_match: int | None) -> Tenant:
    tenant = editing.read_to_change(slug, if_match)
    if tenant.status == "deleting":
        raise TenantState(status=tenant.status)
    had_hosts = tenant.hosts
    _apply(tenant, wish)
    with transaction(ctx) as tx:
        writing.put_next(tx, tenant, had_hosts=had_hosts)
    tenants.forget()
    return tenant


def _apply(tenant: Tenant, wish: ConfigureShop) -> None:
    time_zone, currency = wish.time_zone or tenant.time_zone, wish.currency or tenant.currency
    hosts, problems = hosts_of(tenant.hosts if wish.hosts is None else wish.hosts)
    problems += editing.unfit(time_zone, currency)
    if wish.ceilings is not None:
        problems += ceilings_above_the_stage(wish.ceilings)
    if problems:
        raise Invalid(problems)
    editing.change_currency(tenant, currency)
    tenant.name, tenant.locale = wish.name or tenant.name, wish.locale or tenant.locale
    tenant.time_zone, tenant.hosts = time_zone, hosts
    if wish.branding is not None:
        tenant.branding = Branding(**wish.branding.model_dump())
    if wish.ceilings is not None:
        tenant.ceilings = Ceilings(**wish.ceilings.model_dump())


def suspend(ctx: Context, slug: str, reason: str) -> Tenant:
    """Close a shop to visitors, customers and staff: here at once, everywhere within a minute.

    What it owes goes on: callbacks of providers are settled, its jobs run. A shop that is suspended stays so, for
    the reason it was. Store calls: 2. Raises NotFound, HomeStaysOpen, TenantState.
    """
    if slug == HOME:
        raise HomeStaysOpen
    return again(lambda: _suspend_once(ctx, slug, reason), PreconditionFailed)


def _suspend_once(ctx: Context, slug: str, reason: str) -> Tenant:
    tenant = editing.read_to_change(slug, None)
    if tenant.status == "suspended":
        return tenant
    tenant.suspended_at, tenant.suspended_for = ctx.now, reason
    return _moved(ctx, tenant, "suspended")


def reopen(ctx: Context, slug: str) -> Tenant:
    """Open a suspended shop again, within a minute everywhere. An open one stays open.

    Store calls: 2. Raises NotFound, TenantState.
    """
    return again(lambda: _reopen_once(ctx, slug), PreconditionFailed)


def _reopen_once(ctx: Context, slug: str) -> Tenant:
    tenant = editing.read_to_change(slug, None)
    if tenant.status == "active":
        return tenant
    tenant.suspended_at, tenant.suspended_for = None, None
    return _moved(ctx, tenant, "active")


def _moved(ctx: Context, tenant: Tenant, status: str) -> Tenant:
    """Nothing leads out of a deletion."""
    if tenant.status == "deleting":
        raise TenantState(status=tenant.status)
    tenant.status = status
    with transaction(ctx) as tx:
        writing.put_next(tx, tenant, had_hosts=tenant.hosts)
        remember(tx, tenant)
    tenants.forget()
    return tenant
