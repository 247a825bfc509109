"""What the six staff roles allow; everything else is denied."""

import pytest

from chalicelib.core.context import Actor
from chalicelib.identity.roles import ROLES, permissions_of
from chalicelib.identity.service import authenticate, forget_sessions
from tests.shop import Shop


def staff(*roles: str, tenant: str = "default") -> Actor:
    return Actor("staff", id="usr_x", roles=frozenset(roles), permissions=permissions_of(roles, tenant))


MATRIX = {
    #                     super_admin operations warehouse support finance shop_owner platform_owner
    "products:publish":    (True,      True,      False,    False,  False,  True,      False),
    "products:read":       (True,      True,      True,     True,   True,   True,      False),
    "inventory:adjust":    (True,      True,      True,     False,  False,  True,      False),
    "inventory:reserve":   (True,      True,      True,     False,  False,  True,      False),
    "card_keys:import":    (True,      True,      True,     False,  False,  True,      False),
    "card_keys:read":      (True,      True,      False,    False,  False,  True,      False),
    "orders:read":         (True,      True,      True,     True,   True,   True,      False),
    "orders:ship":         (True,      True,      True,     False,  False,  True,      False),
    "payments:read":       (True,      True,      False,    True,   True,   True,      False),
    "refunds:create":      (True,      False,     False,    True,   True,   True,      False),
    "events:resend":       (True,      True,      False,    False,  False,  False,      False),
    "jobs:run":            (True,      True,      False,    False,  False,  False,      True),
    "system:read":         (True,      True,      False,    False,  False,  False,      True),
    "settings:write":      (True,      False,     False,    False,  False,  True,      False),
    "settings:payments":   (True,      False,     False,    False,  False,  True,      False),
    "members:read":        (True,      True,      False,    True,   True,   True,      False),
    "points:read":         (True,      True,      False,    True,   True,   True,      False),
    "points:adjust":       (True,      True,      False,    False,  False,  True,      False),
    "anything:else":       (True,      False,     False,    False,  False,  False,      False),
    "platform:suspend":    (False,     False,     False,    False,  False,  False,     True),
}  # fmt: skip


@pytest.mark.parametrize("permission", MATRIX)
def test_each_role_may_do_what_its_job_needs(permission: str) -> None:
    assert tuple(staff(role).may(permission) for role in ROLES) == MATRIX[permission]


def test_two_roles_allow_what_either_allows() -> None:
    both = staff("warehouse", "finance")
    assert both.may("orders:ship")
    assert both.may("payments:close")
    assert not both.may("products:write")


def test_the_platform_owner_is_nobody_in_another_shop() -> None:
    assert staff("platform_owner").may("platform:suspend")
    assert not staff("platform_owner", "super_admin", tenant="acme").may("platform:suspend")
    assert staff("platform_owner", "super_admin", tenant="acme").may("orders:ship")


@pytest.mark.parametrize("permission", ["jobs:read", "jobs:run", "system:read"])
def test_what_is_of_all_shops_is_reached_from_the_platforms_own_shop_alone(permission: str) -> None:
    for role in ("super_admin", "operations", "platform_owner"):
        assert staff(role).may(permission)
        assert not staff(role, tenant="acme").may(permission)


def test_everything_does_not_mean_the_platform() -> None:
    everything = Actor("staff", permissions=frozenset({"*"}))
    assert everything.may("anything:else")
    assert not everything.may("platform:read")
    assert Actor("staff", permissions=frozenset({"platform:read"})).may("platform:read")


@pytest.mark.parametrize("role", ["", "root", "*", "SUPER_ADMIN", "super_admin "])
def test_a_role_we_do_not_know_allows_nothing(role: str) -> None:
    assert permissions_of([role], "default") == frozenset()


def test_the_session_tells_what_its_bearer_may_do(shop: Shop) -> None:
    admin, lin = shop.admin, shop.customer()
    forget_sessions()
    tenant, actor = authenticate(admin.token, True)
    assert (tenant, actor.kind, actor.id) == ("default", "staff", admin.id)
    assert actor.may("orders:ship")
    _, customer = authenticate(lin.access_token, True)
    assert (customer.kind, customer.permissions) == ("customer", frozenset())


def test_a_token_alone_allows_nothing(shop: Shop) -> None:
    _, actor = authenticate(shop.admin.access_token, False)
    assert actor.kind == "staff"
    assert not actor.may("orders:read")
