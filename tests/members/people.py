"""Staff of other roles than the admin, and a reader who sees only their own customers."""

from chalicelib.core.context import Actor, Context
from chalicelib.identity.entities import User, user_ref
from chalicelib.identity.roles import permissions_of
from chalicelib.identity.service import forget_sessions
from chalicelib.store import get
from tests.shop import Person, Shop, send

PASSWORD = "correct horse battery"
USERS = "/v1/admin/users"


def user_of(user_id: str) -> User:
    user = get(User, user_ref("default", user_id))
    assert user is not None
    return user


def member_of_staff(shop: Shop, *roles: str, name: str = "Staff") -> Person:
    person = shop.customer(name)
    body = {"roles": list(roles), "reason": "hired"}
    assert shop.admin.put(f"{USERS}/{person.id}/roles", body).status == 200
    return shop.sign_in(str(person.user["email"]), PASSWORD)


def adviser(person: Person) -> Context:
    """Who works with their own customers only."""
    permissions = permissions_of({"operations"}, "default")
    return Context("default", Actor("staff", id=person.id, permissions=permissions, sees_own_only=True))


def can_sign_in(person: Person) -> bool:
    body = {"login": person.user["email"], "password": PASSWORD}
    return send("POST", "/v1/auth/login", body, ip="192.0.2.77").status == 200


def is_signed_in(person: Person) -> bool:
    forget_sessions()
    return send("GET", "/v1/me", token=person.access_token).status == 200
