"""A shop's own roles: made, changed, taken away, by who may do all that the role may."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.identity import custom_roles
from chalicelib.identity.custom_roles import MOST, SCOPED, Role, every_role, role_ref
from chalicelib.identity.holders import RoleHolders, holders_ref
from chalicelib.identity.roles import MODULES_OF_SUPER_ADMINS, covers
from chalicelib.staff.permissions import is_known
from chalicelib.staff.schemas import WriteRole
from chalicelib.store import get, get_many, refuse_repeat, refuse_with, remember, transaction


class GrantsTooMuch(Forbidden):
    """`permissions` lists what the caller does not hold."""

    code = "grants_too_much"
    title = Text("Nobody grants what they do not hold", "不能授予自己没有的权限")
    detail = Text("Leave these out, or ask a super admin.", "请去掉这些权限，或联系超级管理员。")


class RoleInUse(Conflict):
    code = "role_in_use"
    title = Text("Members of staff still hold this role", "仍有员工拥有此角色")
    detail = Text("Take it from them first.", "请先收回他们的此角色。")


class TooManyRoles(Conflict):
    code = "too_many_roles"
    title = Text("A shop makes at most 100 roles", "每个店铺最多创建 100 个角色")
    detail = Text("Take away one that nobody needs.", "请删除不再需要的角色。")


def create(ctx: Context, wish: WriteRole) -> Role:
    """Store calls: 2 (a Query for their number, the transaction). Raises Invalid, GrantsTooMuch, TooManyRoles."""
    _check(ctx, wish)
    refuse_repeat(ctx)
    if len(every_role(ctx.tenant)) >= MOST:
        raise TooManyRoles
    role = Role(
        tenant=ctx.tenant,
        role_id=ctx.new_id("rol"),
        name=wish.name,
        permissions=frozenset(wish.permissions),
        own_customers_only=wish.own_customers_only,
        created_at=ctx.now,
    )
    with transaction(ctx) as tx:
        tx.put("role", role)
        remember(tx, role)
    return role


def read(ctx: Context, role_id: str) -> Role:
    """One GetItem. Raises NotFound."""
    role = get(Role, role_ref(ctx.tenant, role_id))
    if role is None:
        raise NotFound
    return role


def change(ctx: Context, role_id: str, wish: WriteRole, if_match: int | None) -> Role:
    """Good for everybody who holds it, at once here and within half a minute everywhere. Store calls: 2.

    Raises NotFound, Invalid, GrantsTooMuch (for what it allowed before, too), PreconditionFailed.
    """
    role = read(ctx, role_id)
    if if_match is not None and if_match != role.version:
        raise PreconditionFailed
    _check(ctx, wish)
    _check_holds(ctx, role.permissions)
    role.name, role.permissions = wish.name, frozenset(wish.permissions)
    role.own_customers_only = wish.own_customers_only
    with transaction(ctx) as tx:
        tx.replace("role", role)
    custom_roles.forget()
    return role


def take_away(ctx: Context, role_id: str) -> None:
    """Store calls: 2. Raises NotFound, RoleInUse."""
    ref, held = role_ref(ctx.tenant, role_id), holders_ref(ctx.tenant, role_id)
    found = get_many([ref, held])
    role = found.one(Role, ref)
    if role is None:
        raise NotFound
    _check_holds(ctx, role.permissions)
    nobody = RoleHolders.how_many.does_not_exist() | (RoleHolders.how_many == 0)
    with transaction(ctx) as tx:
        tx.delete("role", ref, was=role, when=Role.version == role.version)
        tx.delete("holders", held, when=nobody, refuse=refuse_with(RoleInUse))
    custom_roles.forget()


def _check(ctx: Context, wish: WriteRole) -> None:
    errors = [
        {"field": f"permissions.{place}", "code": code, "message": message}
        for place, one in enumerate(wish.permissions)
        for code, message in _wrong(one, own_only=wish.own_customers_only)
    ]
    if errors:
        raise Invalid(errors)
    _check_holds(ctx, frozenset(wish.permissions))


def _wrong(permission: str, *, own_only: bool) -> list[tuple[str, str]]:
    module = permission.partition(":")[0]
    if module in MODULES_OF_SUPER_ADMINS:
        return [("super_admins_only", "is for super admins alone")]
    if not is_known(permission):
        return [("permission_unknown", "is no permission: GET /v1/admin/permissions lists them")]
    if own_only and module not in SCOPED:
        return [("not_scoped", "knows nothing of whose customer a thing belongs to")]
    return []


def _check_holds(ctx: Context, wanted: frozenset[str]) -> None:
    lacking = sorted(one for one in wanted if not covers(ctx.actor.permissions, [one]))
    if lacking:
        raise GrantsTooMuch(permissions=lacking)
