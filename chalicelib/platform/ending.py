"""Ending a shop for good, in steps that may each be repeated; what lies between is `store.ranges.delete`.

    begin    the shop is marked, its hosts are free; nothing leads back
    …        everything of its key range goes, save the tenant itself
    finish   the tenant goes; its row stays, so that nobody gets its slug by accident

Whoever is killed anywhere runs it again from the start.
"""

from datetime import timedelta

from chalicelib.core.context import system
from chalicelib.store import Ref, get, transaction
from chalicelib.tenants import writing
from chalicelib.tenants.entities import HOME, Tenant, TenantRow, is_slug, tenant_ref, tenant_row_ref
from chalicelib.tenants.service import REMEMBERED_FOR

SETTLED_AFTER = REMEMBERED_FOR + timedelta(seconds=60)
"""So long after the suspension no process takes the shop for open, and no request that did is still at work."""


class CannotEnd(RuntimeError):
    """The shop may not be deleted, or not yet. The message says what to do."""


def begin(slug: str) -> bool:
    """Mark the shop; answers False when it was marked before. Store calls: at most 3. Raises CannotEnd."""
    ctx = system(HOME)
    tenant = check(slug)
    if tenant is None or tenant.status == "deleting":
        return False
    hosts, tenant.hosts, tenant.status = tenant.hosts, [], "deleting"
    with transaction(ctx) as tx:
        writing.put_next(tx, tenant, had_hosts=hosts)
    return True


def check(slug: str) -> Tenant | None:
    """The tenant, when it may be deleted; None when only its row is left. Store calls: at most 2. Raises CannotEnd."""
    if slug == HOME:
        raise CannotEnd(f"{HOME} is the platform's own shop: it cannot be deleted")
    tenant = get(Tenant, tenant_ref(slug)) if is_slug(slug) else None
    if tenant is None:
        if is_slug(slug) and get(TenantRow, tenant_row_ref(slug)) is not None:
            return None
        raise CannotEnd(f"there is no shop {slug!r}")
    if tenant.status == "deleting":
        return tenant
    if tenant.status != "suspended" or tenant.suspended_at is None:
        raise CannotEnd(
            f"{slug} is {tenant.status}: suspend it first (POST /v1/platform/tenants/{slug}/suspend)"
        )
    waits = tenant.suspended_at + SETTLED_AFTER - system(HOME).now
    if waits > timedelta(0):
        raise CannotEnd(
            f"{slug} was suspended a moment ago and may still be served: try again in "
            f"{int(waits.total_seconds()) + 1} seconds"
        )
    return tenant


def kept_to_the_end(slug: str) -> Ref:
    """What must outlast everything else of the range: as long as it is there, a second run knows where it is."""
    return tenant_ref(slug)


def finish(slug: str) -> None:
    """The tenant goes, its row says so. Nothing happens the second time. Store calls: at most 3."""
    tenant = get(Tenant, tenant_ref(slug))
    if tenant is None or tenant.status != "deleting":
        return
    ctx = system(HOME)
    row = TenantRow.of(tenant)
    row.status, row.deleted_at = "deleted", ctx.now
    with transaction(ctx) as tx:
        tx.delete("tenant", tenant.ref, when=Tenant.status == "deleting")
        tx.overwrite("tenant_row", row)
