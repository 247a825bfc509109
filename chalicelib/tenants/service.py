"""Which tenant a request is for, and what that shop is set to. A warm process asks once a minute."""

import contextlib
from datetime import datetime, timedelta

from chalicelib.core import clock
from chalicelib.core.context import Context, system
from chalicelib.core.errors import Conflict, Forbidden, NotFound
from chalicelib.core.text import Text
from chalicelib.store import get, transaction
from chalicelib.tenants.entities import Tenant, is_slug, tenant_ref

REMEMBERED_FOR = timedelta(seconds=60)
"""How long another process may go on with a setting, or serve a tenant, that was just changed."""

_known: dict[str, tuple[datetime, Tenant]] = {}


class TenantUnknown(NotFound):
    code = "tenant_unknown"
    title = Text("There is no such shop", "店铺不存在")
    detail = Text("Check the X-Tenant header.", "请检查 X-Tenant 请求头。")


class TenantSuspended(Forbidden):
    code = "tenant_suspended"
    title = Text("This shop is suspended", "该店铺已停用")
    detail = Text("Ask the platform to open it again.", "请联系平台恢复。")


REFUSALS = (TenantUnknown, TenantSuspended)
"""What `find` may raise."""


def find(slug: str) -> str:
    """The slug of a tenant that is open. At most one GetItem a minute.

    Raises TenantUnknown, TenantSuspended.
    """
    tenant = _tenant(slug)
    if tenant.status != "active":
        raise TenantSuspended
    return tenant.slug


def of(ctx: Context) -> Tenant:
    """The caller's tenant, open or not, to read only. At most one GetItem a minute. Raises TenantUnknown."""
    return _tenant(ctx.tenant)


def origins(slug: str) -> frozenset[str]:
    """The web origins a shop lists; none for a shop that is not there. At most one GetItem a minute."""
    with contextlib.suppress(TenantUnknown):
        return _tenant(slug).origins
    return frozenset()


def _tenant(slug: str) -> Tenant:
    now = clock.current().now()
    remembered = _known.get(slug)
    if remembered is not None and now - remembered[0] < REMEMBERED_FOR:
        return remembered[1]
    found = get(Tenant, tenant_ref(slug)) if is_slug(slug) else None
    if found is None:
        # not remembered: made-up slugs must not fill the memory
        raise TenantUnknown
    _known[slug] = (now, found)
    return found


def forget() -> None:
    """Ask the table again at the next look."""
    _known.clear()


def ensure(slug: str, name: str) -> Tenant:
    """Create the tenant unless it is there; safe twice at once. Store calls: 1, or 3 when it is new."""
    ref = tenant_ref(slug)
    known = get(Tenant, ref)
    if known is not None:
        return known
    with contextlib.suppress(Conflict), transaction(system(slug)) as tx:
        tx.put("tenant", Tenant(tenant=slug, name=name))
    return _tenant(slug)
