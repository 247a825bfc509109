"""How a shop is written: with its row in the platform's directory and its hosts, in one transaction."""

from chalicelib.core.errors import Conflict, SoukError
from chalicelib.core.text import Text
from chalicelib.store import Transaction, Wire, refuse_with
from chalicelib.tenants import parameters
from chalicelib.tenants.entities import HOME, HostBinding, ParameterChange, Tenant, TenantRow, host_ref


class SlugTaken(Conflict):
    """A deleted shop keeps its slug: old links and old tokens must not lead into another's shop."""

    code = "slug_taken"
    title = Text("This slug is or was another shop's", "该店铺标识已被使用")
    detail = Text("Choose another slug.", "请更换店铺标识。")


class HostTaken(Conflict):
    code = "host_taken"
    title = Text("This host is bound to another shop", "该域名已绑定其他店铺")
    detail = Text("Take {host} off the other shop first.", "请先在另一店铺解绑 {host}。")


class TenantState(Conflict):
    code = "tenant_state"
    title = Text("The shop is not in a state for this", "店铺当前状态不允许此操作")
    detail = Text("The shop is {status}.", "店铺当前状态为 {status}。")


def put_new(tx: Transaction, tenant: Tenant) -> None:
    """Parts of a shop that is not there yet. Refuses with SlugTaken, HostTaken."""
    tx.put("tenant_row", TenantRow.of(tenant), refuse=refuse_with(SlugTaken))
    tx.put("tenant", tenant, refuse=refuse_with(SlugTaken))
    _bind(tx, tenant.slug, tenant.hosts)


def put_next(tx: Transaction, tenant: Tenant, *, had_hosts: list[str]) -> None:
    """The next version of a shop that was read, its row, the hosts it gained and lost, and what its parameters were.

    The row is written whole from the tenant, under the tenant's own version: it cannot fall behind, nor replace
    the mark of a deleted shop. Refuses with PreconditionFailed, TenantState, HostTaken.
    """
    tx.replace("tenant", tenant)
    row = TenantRow.of(tenant)
    tx.put_unless("tenant_row", row, or_when=TenantRow.status != "deleted", refuse=_gone)
    _bind(tx, tenant.slug, [host for host in tenant.hosts if host not in had_hosts])
    for host in had_hosts:
        if host not in tenant.hosts:
            unbind(tx, tenant.slug, host)
    _remember_changes(tx, tenant)


def _remember_changes(tx: Transaction, tenant: Tenant) -> None:
    """By whatever route a parameter changed, its history has it: it is read off the item itself."""
    assert tenant.as_read is not None  # noqa: S101 - a next version is of what was read
    changed = parameters.differences(Tenant.from_wire(tenant.as_read), tenant)
    for name, (before, after) in changed.items():
        change = ParameterChange(
            tenant=tenant.slug,
            name=name,
            at=tx.ctx.now,
            change_id=tx.ctx.new_id("pch"),
            before={} if before is None else {"value": before},
            after={} if after is None else {"value": after},
            actor_id=tx.ctx.actor.id,
            reason=tx.ctx.act.reason if tx.ctx.act else "",
        )
        tx.put(f"changed:{name}", change)


def _bind(tx: Transaction, slug: str, hosts: list[str]) -> None:
    for host in hosts:
        binding = HostBinding(tenant=HOME, host=host, slug=slug)
        tx.put(f"host:{host}", binding, refuse=refuse_with(HostTaken, host=host))


def unbind(tx: Transaction, slug: str, host: str) -> None:
    """Adds the part `host:<host>`."""
    tx.delete(f"host:{host}", host_ref(host), when=HostBinding.slug == slug)


def _gone(old: Wire | None) -> SoukError:
    return TenantState(status="deleted")
