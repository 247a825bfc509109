"""API shapes of roles and of who holds them."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from chalicelib.core import ids
from chalicelib.http import Body, Timestamp, View
from chalicelib.identity.custom_roles import Role

RoleId = Annotated[str, Field(pattern=ids.pattern("rol"))]
UserId = Annotated[str, Field(pattern=ids.pattern("usr"))]
PermissionName = Annotated[str, Field(pattern=r"^[a-z_]+:([a-z_]+|\*)$", max_length=60)]
RoleWord = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,40}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class WriteRole(Body):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
    permissions: Annotated[list[PermissionName], Field(min_length=1, max_length=100)]
    own_customers_only: bool = False
    """Only over the customers that its holder looks after. Who holds another role over everybody besides, and may do
    more by this one, works with their own customers alone."""
    reason: Reason | None = None


class SetRoles(Body):
    roles: Annotated[list[RoleWord], Field(max_length=10)]
    """All roles the person is to hold; none makes them a customer again."""
    reason: Reason | None = None


class RoleView(View):
    id: str
    name: str
    built_in: bool
    permissions: list[str]
    own_customers_only: bool = False
    created_at: Timestamp | None = None

    @classmethod
    def of(cls, thing: Any) -> Self:
        role: Role = thing
        return cls(
            id=role.role_id,
            name=role.name,
            built_in=False,
            permissions=sorted(role.permissions),
            own_customers_only=role.own_customers_only,
            created_at=role.created_at,
        )


class RoleList(View):
    data: list[RoleView]


class PermissionList(View):
    data: list[str]


class MenuPage(View):
    key: str
    title: str
    path: str


class Menu(View):
    data: list[MenuPage]
    permissions: list[str]
    """What the caller may do: `*` is everything, `module:*` all of a module."""
