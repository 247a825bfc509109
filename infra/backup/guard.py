"""Whether a shop may be written over now: shut, and long enough that no process takes it for open."""

from __future__ import annotations

from chalicelib.core.context import system
from chalicelib.platform.ending import SETTLED_AFTER
from chalicelib.store import get
from chalicelib.tenants.entities import HOME, Tenant, tenant_ref
from infra.backup.plan import CannotRestore


def check_shut(slug: str, *, really: bool) -> None:
    """Raises CannotRestore for a shop that takes orders. One that is not there takes none."""
    tenant = get(Tenant, tenant_ref(slug))
    if tenant is not None and tenant.status == "deleting":
        raise CannotRestore(
            f"{slug} is half deleted, and nothing opens it again: let the deletion end "
            f'(make tenant ARGS="delete {slug} --yes-really {slug}"), then restore it'
        )
    if tenant is None or really:
        return
    if tenant.status == "active":
        way = (
            "it cannot be suspended: choose a quiet hour and add"
            if slug == HOME
            else f"suspend it first (POST /v1/platform/tenants/{slug}/suspend), or add"
        )
        raise CannotRestore(f"{slug} is open and takes orders: {way} --yes-really {slug}")
    waits = (tenant.suspended_at or system(HOME).now) + SETTLED_AFTER - system(HOME).now
    if tenant.status == "suspended" and waits.total_seconds() > 0:
        raise CannotRestore(
            f"{slug} was suspended a moment ago and may still be served: try again in "
            f"{int(waits.total_seconds()) + 1} seconds"
        )
