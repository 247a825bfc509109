"""Roles, who holds them, and the staff's menu."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.http import Idempotent, Routes, staff
from chalicelib.identity.custom_roles import Role, every_role
from chalicelib.identity.entities import User
from chalicelib.identity.holders import LastOfRole
from chalicelib.identity.roles import ROLES, roles_in
from chalicelib.identity.schemas import UserView
from chalicelib.staff import granting, menu, role_book
from chalicelib.staff.granting import NotActive
from chalicelib.staff.permissions import PERMISSIONS
from chalicelib.staff.role_book import GrantsTooMuch, RoleInUse, TooManyRoles
from chalicelib.staff.schemas import (
    Menu,
    MenuPage,
    PermissionList,
    RoleId,
    RoleList,
    RoleView,
    SetRoles,
    UserId,
    WriteRole,
)

routes = Routes("staff")


@routes.get("/v1/admin/menu", permission=staff("menu:read"))
def read_menu(ctx: Context) -> Menu:
    """The pages the caller's permissions open, in the caller's language."""
    pages = [MenuPage(**page) for page in menu.of(ctx.actor, ctx.locale)]
    return Menu(data=pages, permissions=sorted(ctx.actor.permissions))


@routes.get("/v1/admin/permissions", permission=staff("roles:read"))
def list_permissions(ctx: Context) -> PermissionList:
    """What a role may be made of."""
    return PermissionList(data=list(PERMISSIONS))


@routes.get("/v1/admin/roles", permission=staff("roles:read"))
def list_roles(ctx: Context) -> RoleList:
    """The built-in roles, then the shop's own."""
    built_in = [
        RoleView(id=name, name=name, built_in=True, permissions=sorted(allowed))
        for name, allowed in ROLES.items()
        if name in roles_in(ctx.tenant)
    ]
    return RoleList(data=[*built_in, *(RoleView.of(role) for role in every_role(ctx.tenant).values())])


@routes.post(
    "/v1/admin/roles",
    permission=staff("roles:grant"),
    status=201,
    answer=RoleView,
    sensitive=True,
    idempotent=Idempotent.ACCEPTED,
    errors=[Invalid, GrantsTooMuch, TooManyRoles],
)
def create_role(ctx: Context, body: WriteRole) -> Role:
    """A role of the shop's own."""
    return role_book.create(ctx, body)


@routes.get("/v1/admin/roles/{role_id}", permission=staff("roles:read"), answer=RoleView, errors=[NotFound])
def read_role(ctx: Context, role_id: RoleId) -> Role:
    """One of the shop's own roles. Its ETag is what If-Match takes."""
    return role_book.read(ctx, role_id)


@routes.put(
    "/v1/admin/roles/{role_id}",
    permission=staff("roles:grant"),
    answer=RoleView,
    sensitive=True,
    errors=[NotFound, Invalid, GrantsTooMuch, PreconditionFailed],
)
def change_role(ctx: Context, role_id: RoleId, body: WriteRole, if_match: int | None) -> Role:
    """Change what a role allows, for everybody who holds it: within half a minute."""
    return role_book.change(ctx, role_id, body, if_match)


@routes.delete(
    "/v1/admin/roles/{role_id}",
    permission=staff("roles:grant"),
    status=204,
    sensitive=True,
    errors=[NotFound, GrantsTooMuch, RoleInUse],
)
def delete_role(ctx: Context, role_id: RoleId) -> None:
    """Take away a role that nobody holds."""
    role_book.take_away(ctx, role_id)


@routes.put(
    "/v1/admin/users/{user_id}/roles",
    permission=staff("roles:grant"),
    answer=UserView,
    sensitive=True,
    errors=[NotFound, Invalid, GrantsTooMuch, LastOfRole, NotActive],
)
def set_roles(ctx: Context, user_id: UserId, body: SetRoles) -> User:
    """Give somebody exactly these roles, in every session of theirs."""
    return granting.set_roles(ctx, user_id, body)
