"""Which tenant a request is for, and what that shop is set to. A warm process asks once a minute.

Every cold start imports this, and few requests ask for a parameter: who declares those is imported where it is needed
(docs/decisions/0019-a-request-imports-its-domain.md).
"""

import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.core import clock, process
from chalicelib.core.context import Context, system
from chalicelib.core.errors import Conflict, Forbidden, NotFound, SoukError, Unavailable
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.store import Wire, get, transaction, update
from chalicelib.tenants import hosts
from chalicelib.tenants.entities import Tenant, is_slug, tenant_ref

if TYPE_CHECKING:
    from chalicelib.tenants.terms import InForce
    from chalicelib.tenants.values import Setting

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
"""What `find` and `choose` may raise."""


def choose(slug: str, host: str) -> str:
    """The tenant of somebody without a token: the one they name, else the one their host is bound to.

    At most two GetItems a minute. Raises TenantUnknown, TenantSuspended.
    """
    return find(slug or hosts.shop_at(host))


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


def terms(ctx: Context) -> "InForce":
    """The limits and times that hold in the caller's shop. At most one GetItem a minute. Raises TenantUnknown."""
    from chalicelib.tenants import terms as rules

    return rules.in_force(of(ctx), settings())


def parameter(ctx: Context, name: str) -> "Setting":
    """What a parameter is in the caller's shop. At most one GetItem a minute. Raises TenantUnknown."""
    from chalicelib.tenants.parameters import PARAMETERS

    return PARAMETERS[name].in_force(of(ctx), settings())


def is_on(ctx: Context, switch: str) -> bool:
    """Whether the caller's shop has this on. At most one GetItem a minute. Raises TenantUnknown."""
    return parameter(ctx, switch) is True


def origins(slug: str, host: str) -> frozenset[str]:
    """The web origins a shop lists, by default the one its host is bound to; none for a shop that is not there.

    At most two GetItems a minute.
    """
    with contextlib.suppress(TenantUnknown):
        return _tenant(slug or hosts.shop_at(host)).origins
    return frozenset()


def _tenant(slug: str) -> Tenant:
    now = clock.current().now()
    remembered = _known.get(slug)
    is_known = remembered is not None and now - remembered[0] < REMEMBERED_FOR
    process.looked_up("tenants", known=is_known)
    if remembered is not None and is_known:
        return remembered[1]
    found = get(Tenant, tenant_ref(slug)) if is_slug(slug) else None
    if found is None:
        # not remembered: made-up slugs must not fill the memory
        _known.pop(slug, None)
        raise TenantUnknown
    _known[slug] = (now, found)
    return found


def forget() -> None:
    """Ask the table again at the next look."""
    _known.clear()
    hosts.forget()


def fix_currency(ctx: Context, currency: str) -> None:
    """From now on the shop's money is in `currency`. To be called before anything is priced in it.

    Store calls: 1 the first time in a shop's life, then none. Raises Unavailable when the currency was changed
    within this minute: by the next try this process knows of it.
    """
    if of(ctx).currency_fixed:
        return
    fixed = update(
        Tenant,
        tenant_ref(ctx.tenant),
        set={"currency_fixed": True},
        add={"version": 1},
        when=Tenant.currency == currency,
        mine=lambda stood: stood.currency_fixed and stood.currency == currency,
        refuse=_another_currency,
    )
    _known[ctx.tenant] = (ctx.now, fixed)


def _another_currency(old: Wire | None) -> SoukError:
    forget()
    return Unavailable(retry_after=1)


def ensure(slug: str, name: str) -> Tenant:
    """Create the tenant unless it is there; safe twice at once. Store calls: 1, or 3 when it is new."""
    from chalicelib.tenants import writing

    ref = tenant_ref(slug)
    known = get(Tenant, ref)
    if known is not None:
        return known
    ctx = system(slug)
    with contextlib.suppress(Conflict), transaction(ctx) as tx:
        writing.put_new(tx, Tenant(tenant=slug, name=name, created_at=ctx.now))
    return _tenant(slug)
