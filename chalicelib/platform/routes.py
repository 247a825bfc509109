"""The platform owner's routes. Their permission is in no other role, not even in the one that may do everything."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.http import Idempotent, ListQuery, Routes, staff
from chalicelib.identity.accounts import LoginTaken
from chalicelib.platform import backups, opening, running
from chalicelib.platform.backups import BackupUnderWay
from chalicelib.platform.running import HomeStaysOpen
from chalicelib.platform.schemas import (
    BackupPage,
    BackupView,
    ConfigureShop,
    OpenShop,
    SayWhy,
    ShopPage,
    ShopQuery,
    ShopRow,
    ShopView,
    Slug,
    TakeBackup,
    WindowView,
)
from chalicelib.store.backups import Backup
from chalicelib.tenants.editing import CurrencyFixed
from chalicelib.tenants.entities import Tenant
from chalicelib.tenants.writing import HostTaken, SlugTaken, TenantState

routes = Routes("platform")


@routes.post(
    "/v1/platform/tenants",
    permission=staff("platform:open"),
    status=201,
    answer=ShopView,
    idempotent=Idempotent.ACCEPTED,
    errors=[SlugTaken, HostTaken, LoginTaken, Invalid],
)
def open_tenant(ctx: Context, body: OpenShop) -> Tenant:
    """Open a shop, with its hosts and its first admin. Its slug stays reserved, also after it is deleted."""
    return opening.open_shop(ctx, body)


@routes.get("/v1/platform/tenants", permission=staff("platform:read"))
def list_tenants(ctx: Context, query: ShopQuery) -> ShopPage:
    """All shops, or those in one status, by slug."""
    page = running.listed(ctx, query)
    return ShopPage.page([ShopRow.of(row) for row in page.data], page.next_cursor)


@routes.get(
    "/v1/platform/tenants/{slug}", permission=staff("platform:read"), answer=ShopView, errors=[NotFound]
)
def read_tenant(ctx: Context, slug: Slug) -> Tenant:
    """One shop. Its ETag is what If-Match takes."""
    return running.read(slug)


@routes.patch(
    "/v1/platform/tenants/{slug}",
    permission=staff("platform:configure"),
    answer=ShopView,
    errors=[NotFound, PreconditionFailed, CurrencyFixed, HostTaken, TenantState],
)
def configure_tenant(ctx: Context, slug: Slug, body: ConfigureShop, if_match: int | None) -> Tenant:
    """Change what is given of a shop. In effect everywhere within a minute."""
    return running.configure(ctx, slug, body, if_match)


@routes.post(
    "/v1/platform/tenants/{slug}/suspend",
    permission=staff("platform:suspend"),
    answer=ShopView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, HomeStaysOpen, TenantState],
)
def suspend_tenant(ctx: Context, slug: Slug, body: SayWhy) -> Tenant:
    """Close a shop to visitors, customers and staff, everywhere within a minute. Money on its way still arrives."""
    return running.suspend(ctx, slug, body.reason)


@routes.post(
    "/v1/platform/tenants/{slug}/reopen",
    permission=staff("platform:suspend"),
    answer=ShopView,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, TenantState],
)
def reopen_tenant(ctx: Context, slug: Slug, body: SayWhy) -> Tenant:
    """Open a suspended shop again."""
    return running.reopen(ctx, slug)


@routes.get("/v1/platform/backups", permission=staff("platform:read"))
def list_backups(ctx: Context, query: ListQuery) -> BackupPage:
    """Backups of the whole table, newest first, how far back any second can be had, and how to restore."""
    page, window = backups.listed(query.limit, query.cursor)
    return BackupPage(
        data=[BackupView.of(one) for one in page.data],
        next_cursor=page.next_cursor,
        point_in_time=WindowView.of(window),
    )


@routes.post(
    "/v1/platform/backups",
    permission=staff("platform:back_up"),
    status=201,
    answer=BackupView,
    idempotent=Idempotent.ACCEPTED,
    errors=[BackupUnderWay],
)
def take_backup(ctx: Context, body: TakeBackup) -> Backup:
    """Take a backup of the whole table now. It is complete at once, whatever is written while it is made."""
    return backups.take(ctx)
