"""Roles: what each allows, who may give them, and that the last super admin stays."""

from typing import Any

import pytest

from chalicelib.identity import passwords
from chalicelib.identity.roles import ROLES, covers
from chalicelib.identity.service import forget_sessions
from chalicelib.staff import granting
from chalicelib.staff.menu import MENU
from chalicelib.staff.permissions import ASKED_WITHIN, PERMISSIONS
from chalicelib.store import get_many
from tests.jobs import every_item
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes


def grant(shop: Shop, person: Person, *roles: str, by: Person | None = None) -> Answer:
    return (by or shop.admin).put(
        f"/v1/admin/users/{person.id}/roles", {"roles": list(roles), "reason": "hired"}
    )


def clerk(shop: Shop, *roles: str) -> Person:
    person = shop.customer()
    assert grant(shop, person, *roles).status == 200
    return person


def make_role(shop: Shop, *permissions: str, **more: Any) -> Answer:
    return shop.admin.post(
        "/v1/admin/roles", {"name": "Night shift", "permissions": list(permissions), **more}
    )


@pytest.mark.ledger("S4-182")
def test_a_role_is_good_at_once_in_a_session_that_stands(shop: Shop) -> None:
    person = shop.customer()
    assert person.get("/v1/admin/orders").status == 403
    answer = grant(shop, person, "warehouse")
    assert (answer.status, answer.json["roles"]) == (200, ["warehouse"])
    assert person.get("/v1/admin/orders").status == 200
    assert grant(shop, person).json["roles"] == []
    assert person.get("/v1/admin/orders").status == 403


@pytest.mark.ledger("S4-182")
@pytest.mark.parametrize("meanwhile", ["after the account was read", "before the roles were written"])
def test_no_session_that_begins_at_this_moment_keeps_a_role_that_is_taken(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    person = clerk(shop, "warehouse")
    begun: list[Person] = []

    def take_it(*given: Any) -> bool:
        monkeypatch.undo()
        assert grant(shop, person).status == 200
        return passwords.matches(*given)

    def sign_in(*given: Any) -> Any:
        monkeypatch.undo()
        begun.append(shop.sign_in(person.user["email"], "correct horse battery"))
        return get_many(*given)

    assert shop.admin.get("/v1/admin/orders").status == 200
    if meanwhile == "after the account was read":
        monkeypatch.setattr(passwords, "matches", take_it)
        begun.append(shop.sign_in(person.user["email"], "correct horse battery"))
    else:
        monkeypatch.setattr(granting, "get_many", sign_in)
        assert grant(shop, person).status == 200
    forget_sessions()
    (session,) = begun
    assert session.get("/v1/me").json["roles"] == []
    assert session.get("/v1/admin/orders").status == 403


@pytest.mark.ledger("S4-085")
@pytest.mark.parametrize("role", [role for role in ROLES if role != "super_admin"])
def test_only_a_super_admin_gives_roles(shop: Shop, role: str) -> None:
    person, other = clerk(shop, role), shop.customer()
    answer = grant(shop, other, "support", by=person)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert grant(shop, person, "super_admin", by=person).status == 403


@pytest.mark.ledger("S4-091")
@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("operations", "products:write", "refunds:approve"),
        ("warehouse", "orders:ship", "payments:read"),
        ("finance", "payments:read", "products:write"),
        ("support", "orders:read", "orders:ship"),
        ("shop_owner", "products:write", "roles:grant"),
    ],
)
def test_a_role_allows_its_own_work_and_no_more(role: str, may: str, may_not: str) -> None:
    held = ROLES[role]  # type: ignore[index]  # a parameter is any text to mypy
    assert covers(held, [may])
    assert not covers(held, [may_not])


def test_the_last_super_admin_can_not_be_demoted(shop: Shop) -> None:
    answer = grant(shop, shop.admin, "platform_owner")
    assert (answer.status, answer.code, answer.json["role"]) == (409, "last_of_role", "super_admin")
    assert "super_admin" in shop.admin.get("/v1/me").json["roles"]
    second = clerk(shop, "super_admin")
    assert grant(shop, shop.admin, *(set(shop.admin.user["roles"]) - {"super_admin"})).status == 200
    assert grant(shop, second, by=second).code == "last_of_role"


def test_nobody_takes_part_in_two_changes_at_once(shop: Shop) -> None:
    """The same roles again change nothing and are no act."""
    person = clerk(shop, "support")
    before = shop.admin.get("/v1/admin/audit-log").json["data"]
    assert grant(shop, person, "support").status == 200
    assert shop.admin.get("/v1/admin/audit-log").json["data"] == before


def test_a_role_nobody_knows_is_refused(shop: Shop) -> None:
    person = shop.customer()
    for role in ("owner", "rol_01KJPM2X00QZ5T8Y3W6V9B4C7D"):
        answer = grant(shop, person, role)
        assert (answer.status, answer.json["errors"][0]["code"]) == (422, "role_unknown")
    assert person.get("/v1/me").json["roles"] == []


def test_a_person_who_is_not_there_gets_no_role(shop: Shop) -> None:
    answer = shop.admin.put("/v1/admin/users/usr_01KJPM2X00QZ5T8Y3W6V9B4C7D/roles", {"roles": ["support"]})
    assert answer.status == 404


def test_giving_a_role_asks_for_the_password_again(shop: Shop) -> None:
    admin, person = shop.admin, shop.customer()
    shop.clock.advance(minutes=6)
    assert grant(shop, person, "support").code == "confirmation_required"
    wrong = send("POST", "/v1/auth/password/confirm", {"password": "not it"}, token=admin.token)
    assert (wrong.status, wrong.code) == (401, "credentials_invalid")
    assert grant(shop, person, "support").status == 403
    send("POST", "/v1/auth/password/confirm", {"password": "souk-local-admin"}, token=admin.token)
    assert grant(shop, person, "support").status == 200
    shop.clock.advance(minutes=6)
    assert grant(shop, person).status == 403


def test_proving_a_password_is_tried_five_times(shop: Shop) -> None:
    admin = shop.admin
    answers = [
        send("POST", "/v1/auth/password/confirm", {"password": "not it"}, token=admin.token).status
        for _ in range(6)
    ]
    assert answers == [401] * 5 + [429]


def test_a_shops_own_role_is_made_changed_and_taken_away(shop: Shop) -> None:
    role = make_role(shop, "orders:read", "orders:ship")
    assert role.status == 201
    person = clerk(shop, role.json["id"])
    assert person.get("/v1/admin/orders").status == 200
    assert person.get("/v1/admin/payments").status == 403
    url = f"/v1/admin/roles/{role.json['id']}"
    changed = shop.admin.put(
        url, {"name": "Tellers", "permissions": ["payments:read"]}, headers={"if-match": '"0"'}
    )
    assert (changed.status, changed.json["permissions"]) == (200, ["payments:read"])
    assert person.get("/v1/admin/orders").status == 403
    assert person.get("/v1/admin/payments").status == 200
    assert shop.admin.delete(url).code == "role_in_use"
    grant(shop, person)
    assert shop.admin.delete(url).status == 204
    assert shop.admin.get(url).status == 404


def test_a_role_that_is_taken_away_while_it_is_given_is_given_to_nobody(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = make_role(shop, "orders:read").json["id"]
    holder, other = clerk(shop, role), shop.customer()

    def read_and_take_away(*given: Any) -> Any:
        monkeypatch.undo()
        found = get_many(*given)
        assert grant(shop, holder).status == 200
        assert shop.admin.delete(f"/v1/admin/roles/{role}").status == 204
        return found

    monkeypatch.setattr(granting, "get_many", read_and_take_away)
    answer = grant(shop, other, role)
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "role_unknown")
    assert all("kind" in item for item in every_item())
    assert other.get("/v1/me").json["roles"] == []


def test_a_lost_update_of_a_role_is_refused(shop: Shop) -> None:
    role = make_role(shop, "orders:read").json["id"]
    body = {"name": "Night shift", "permissions": ["orders:ship"]}
    assert shop.admin.put(f"/v1/admin/roles/{role}", body).status == 200
    late = shop.admin.put(f"/v1/admin/roles/{role}", body, headers={"if-match": '"0"'})
    assert late.status == 412
    assert shop.admin.get(f"/v1/admin/roles/{role}").json["permissions"] == ["orders:ship"]


@pytest.mark.parametrize(
    ("permission", "code"),
    [
        ("roles:grant", "super_admins_only"),
        ("platform:tenants", "super_admins_only"),
        ("products:fly", "permission_unknown"),
        ("nothing:*", "permission_unknown"),
    ],
)
def test_a_role_is_made_of_permissions_there_are(shop: Shop, permission: str, code: str) -> None:
    answer = make_role(shop, "orders:read", permission)
    assert answer.status == 422
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [("permissions.1", code)]
    assert len(shop.admin.get("/v1/admin/roles").json["data"]) == len(ROLES)


def test_a_role_over_ones_own_customers_holds_nothing_else(shop: Shop) -> None:
    answer = make_role(shop, "orders:read", own_customers_only=True)
    assert answer.json["errors"][0]["code"] == "not_scoped"


def test_what_a_role_allows_over_ones_own_customers_is_good_over_no_others(shop: Shop) -> None:
    role = make_role(shop, "members:read", "members:reveal", "members:write", own_customers_only=True).json[
        "id"
    ]
    adviser, lin, wei = clerk(shop, "support", role), shop.customer("Lin"), shop.customer("Wei")
    assert shop.admin.patch(f"/v1/admin/users/{wei.id}", {"adviser_id": adviser.id}).status == 200
    assert adviser.get(f"/v1/admin/users/{wei.id}").json["email"] == wei.user["email"]
    assert str(lin.user["email"]) not in adviser.get("/v1/admin/users").text
    with nothing_changes():
        assert adviser.patch(f"/v1/admin/users/{lin.id}", {"name": "Mine"}).status == 404
        assert adviser.post(f"/v1/admin/users/{lin.id}/disable", {"reason": "x"}).status == 404
    assert adviser.patch(f"/v1/admin/users/{wei.id}", {"tags": ["north"]}).status == 200


def test_a_role_over_ones_own_customers_that_adds_nothing_narrows_nothing(shop: Shop) -> None:
    role = make_role(shop, "members:read", own_customers_only=True).json["id"]
    both, lin = clerk(shop, "support", role), shop.customer("Lin")
    assert both.get(f"/v1/admin/users/{lin.id}").json["name"] == "Lin"


def test_a_role_of_another_shop_means_nothing_here(shop: Shop) -> None:
    assert shop.admin.get("/v1/admin/roles/rol_01KJPM2X00QZ5T8Y3W6V9B4C7D").status == 404
    assert shop.admin.delete("/v1/admin/roles/rol_01KJPM2X00QZ5T8Y3W6V9B4C7D").status == 404


@pytest.mark.ledger("S4-183", "S4-091")
def test_the_menu_follows_permissions(shop: Shop) -> None:
    assert [page["key"] for page in shop.admin.get("/v1/admin/menu").json["data"]] == [
        page.key for page in MENU
    ]
    teller = clerk(shop, make_role(shop, "payments:read").json["id"])
    menu = teller.get("/v1/admin/menu", headers={"accept-language": "zh-CN"}).json
    assert [(page["key"], page["title"]) for page in menu["data"]] == [("payments", "支付")]
    assert shop.customer().get("/v1/admin/menu").status == 403


def test_every_page_of_the_menu_is_a_list_its_permission_opens() -> None:
    from app import app

    lists = {(op.path, op.permission.name) for op in app.operations if op.method == "GET"}
    assert {(page.path, page.permission) for page in MENU} <= lists


def test_the_list_of_permissions_is_that_of_the_routes() -> None:
    from app import app

    asked = {op.permission.name for op in app.operations if op.permission.kind == "staff"}
    assert {one for one in asked if not one.startswith("platform:")} == set(PERMISSIONS) - ASKED_WITHIN


def test_permissions_and_roles_are_listed(shop: Shop) -> None:
    assert shop.admin.get("/v1/admin/permissions").json["data"] == list(PERMISSIONS)
    make_role(shop, "orders:read")
    names = [role["name"] for role in shop.admin.get("/v1/admin/roles").json["data"]]
    assert names == [*ROLES, "Night shift"]


@pytest.mark.parametrize(
    ("held", "wanted", "covered"),
    [
        ({"*"}, ["products:write"], True),
        ({"*"}, ["platform:read"], False),
        ({"platform:*"}, ["platform:*"], True),
        ({"products:*"}, ["products:write", "products:*"], True),
        ({"products:write"}, ["products:*"], False),
        ({"products:*"}, ["orders:read"], False),
        ({"products:*"}, ["*"], False),
        (set(), [], True),
    ],
)
def test_nobody_grants_what_they_do_not_hold(held: set[str], wanted: list[str], *, covered: bool) -> None:
    assert covers(frozenset(held), wanted) is covered
