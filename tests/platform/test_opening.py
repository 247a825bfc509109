"""Opening a shop: all of it or nothing, and only by the platform's owner."""

from typing import Any

import pytest

from chalicelib.identity.entities import User, user_ref
from chalicelib.store import client, get
from chalicelib.store.client import table_name
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import TenantRow, tenant_row_ref
from tests.faults import killed_at, losing_answers
from tests.jobs import every_item, of_kind
from tests.platform.shops import PASSWORD, URL, boss_of, config, customer_of, opened, slugs, wish
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes


@pytest.mark.ledger("S4-195")
def test_a_shop_is_opened_with_somebody_who_may_do_everything_in_it(shop: Shop) -> None:
    made = opened(shop, locale="en", time_zone="Europe/Berlin", currency="EUR", hosts=["Shop.Example.COM"])
    assert (made["slug"], made["status"], made["hosts"]) == ("acme", "active", ["shop.example.com"])
    assert (made["locale"], made["time_zone"], made["currency"]) == ("en", "Europe/Berlin", "EUR")
    boss = boss_of("acme")
    assert boss.user["roles"] == ["super_admin"]
    sold = {
        "title": "A cup",
        "kind": "physical",
        "skus": [{"price": {"amount": 5, "currency": "EUR"}, "attributes": {}}],
    }
    assert boss.post("/v1/admin/products", sold).status == 201
    assert config({"x-tenant": "acme"})["name"] == "Acme"
    assert shop.admin.get(f"{URL}/acme").json | {"currency_fixed": False} == made


def test_what_was_opened_can_be_opened_once(shop: Shop) -> None:
    opened(shop)
    with nothing_changes():
        again = shop.admin.post(URL, wish(name="Another"))
    assert (again.status, again.code) == (409, "slug_taken")
    home = shop.admin.post(URL, wish("default"))
    assert (home.status, home.code) == (409, "slug_taken")


def test_the_same_key_gives_the_same_bytes_and_keeps_no_password(shop: Shop) -> None:
    first = shop.admin.post(URL, wish(), key="once")
    second = shop.admin.post(URL, wish(), key="once")
    assert (second.status, second.text, second.headers["idempotent-replayed"]) == (201, first.text, "true")
    other = shop.admin.post(URL, wish(name="Other"), key="once")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert PASSWORD not in str(every_item())


@pytest.mark.parametrize("after", [False, True])
def test_killed_in_the_middle_it_is_there_as_a_whole_or_not_at_all(shop: Shop, after: bool) -> None:
    token = shop.admin.token
    with killed_at(1, after=after), pytest.raises(BaseException):  # noqa: B017, PT011 - the process is gone
        send("POST", URL, wish(hosts=["a.example.com"]), token=token, headers={"idempotency-key": "k"})
    parts = {kind: len(of_kind(kind)) for kind in ("tenant", "tenant_row", "host", "login")}
    assert parts in (
        {"tenant": 1, "tenant_row": 1, "host": 0, "login": 1},
        {"tenant": 2, "tenant_row": 2, "host": 1, "login": 2},
    )
    again = send("POST", URL, wish(hosts=["a.example.com"]), token=token, headers={"idempotency-key": "k"})
    assert again.status == 201
    assert len(of_kind("tenant")) == 2


def test_a_lost_answer_opens_one_shop(shop: Shop) -> None:
    """The retry meets its own write; the key knows what it answered."""
    token = shop.admin.token
    with losing_answers("TransactWriteItems", times=1):
        answer = send("POST", URL, wish(), token=token, headers={"idempotency-key": "once"})
    assert (answer.status, answer.json["slug"]) == (201, "acme")
    assert len(of_kind("tenant")) == 2


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "slug": ({"slug": "Acme Inc"}, "slug"),
    "slug with a separator": ({"slug": "a#b"}, "slug"),
    "no name": ({"name": " "}, "name"),
    "locale": ({"locale": "fr"}, "locale"),
    "zone": ({"time_zone": "Mars/Olympus"}, "time_zone"),
    "zone as a path": ({"time_zone": "../../etc/passwd"}, "time_zone"),
    "zone in lower case": ({"time_zone": "asia/shanghai"}, "time_zone"),
    "currency": ({"currency": "ABC"}, "currency"),
    "gold": ({"currency": "XAU"}, "currency"),
    "host": ({"hosts": ["fine.example.com", "127.0.0.1"]}, "hosts.1"),
    "bare host": ({"hosts": ["localhost"]}, "hosts.0"),
    "host with a path": ({"hosts": ["a.example.com/x"]}, "hosts.0"),
    "colour": ({"branding": {"color": "red"}}, "branding.color"),
    "script": ({"branding": {"logo_url": "javascript:alert(1)"}}, "branding.logo_url"),
    "ceiling": ({"ceilings": {"open_orders": 10**6}}, "ceilings.open_orders"),
    "no orders at all": ({"ceilings": {"open_orders": 0}}, "ceilings.open_orders"),
    "login": ({"admin": {"login": "not a login", "password": PASSWORD}}, "admin.login"),
    "short password": ({"admin": {"login": "boss@acme.example.com", "password": "short"}}, "admin.password"),
    "first guess": (
        {"admin": {"login": "boss@acme.example.com", "password": "password123"}},
        "admin.password",
    ),
    "status": ({"status": "suspended"}, "status"),
    "a tenant of its own": ({"tenant": "default"}, "tenant"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_will_not_do_is_named(shop: Shop, case: str) -> None:
    fields, named = BAD[case]
    token = shop.admin.token
    with nothing_changes():
        answer = send("POST", URL, {**wish(), **fields}, token=token)
    assert answer.status == 422
    assert named in [error["field"] for error in answer.json["errors"]]


def test_shops_are_listed_by_slug_and_by_status(shop: Shop) -> None:
    for slug in ("cups", "bowls", "vases"):
        opened(shop, slug)
    shop.admin.post(f"{URL}/cups/suspend", {"reason": "x"})
    assert slugs(shop.admin.get(URL)) == ["bowls", "cups", "default", "vases"]
    assert slugs(shop.admin.get(f"{URL}?status=active")) == ["bowls", "default", "vases"]
    assert slugs(shop.admin.get(f"{URL}?status=suspended")) == ["cups"]
    page = shop.admin.get(f"{URL}?limit=3")
    rest = shop.admin.get(f"{URL}?limit=3&cursor={page.json['next_cursor']}")
    assert (slugs(rest), rest.json["next_cursor"]) == (["vases"], None)
    strange = shop.admin.get(f"{URL}?status=active&cursor={page.json['next_cursor']}")
    assert (strange.status, strange.code) == (400, "cursor_invalid")


def test_the_directory_shows_what_the_shop_is(shop: Shop) -> None:
    opened(shop, name="杯子")
    shop.admin.patch(f"{URL}/acme", {"name": "碗", "currency": "JPY"})
    row = get(TenantRow, tenant_row_ref("acme"))
    assert row is not None
    assert (row.name, row.currency, row.status) == ("碗", "JPY", "active")
    (listed,) = [row for row in shop.admin.get(URL).json["data"] if row["slug"] == "acme"]
    assert (listed["name"], listed["currency"]) == ("碗", "JPY")


def everyone_else(shop: Shop) -> dict[str, Person]:
    """A customer, a super admin of this very tenant without the role, and the boss and a customer of another shop."""
    opened(shop)
    lesser = shop.customer()
    give(lesser, "default", "super_admin", "operations", "shop_owner")
    intruder = customer_of("acme", "intruder")
    give(intruder, "acme", "super_admin", "platform_owner")
    return {
        "a customer": shop.customer(),
        "a super admin here": shop.sign_in(lesser.user["email"], PASSWORD),
        "a super admin there": boss_of("acme"),
        "somebody there who carries the word": _signed_in("acme", "intruder"),
    }


def give(person: Person, tenant: str, *roles: str) -> None:
    user = get(User, user_ref(tenant, person.id))
    assert user is not None
    user.roles = frozenset(roles)
    client.client().put_item(TableName=table_name(), Item=user.wire())


def _signed_in(tenant: str, login: str) -> Person:
    answer = send(
        "POST", "/v1/auth/login", {"login": login, "password": PASSWORD}, headers={"x-tenant": tenant}
    )
    assert "platform_owner" in answer.json["user"]["roles"]
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


@pytest.mark.rule("B17")
@pytest.mark.ledger("S2-030", "S4-195")
def test_nobody_but_the_platform_owner_touches_shops(shop: Shop) -> None:
    people = everyone_else(shop)
    asked = [
        ("GET", URL, None),
        ("POST", URL, wish("mine")),
        ("GET", f"{URL}/acme", None),
        ("PATCH", f"{URL}/acme", {"name": "Mine"}),
        ("POST", f"{URL}/acme/suspend", {"reason": "x"}),
        ("POST", f"{URL}/acme/reopen", {"reason": "x"}),
        ("GET", f"{URL}/nowhere", None),
    ]
    with nothing_changes():
        answers = {
            (name, method, url): send(method, url, body, token=person.token)
            for name, person in people.items()
            for method, url, body in asked
        }
        visitors = [send(method, url, body) for method, url, body in asked]
    assert {one.status for one in visitors} == {401}
    assert {key: one.status for key, one in answers.items()} == dict.fromkeys(answers, 403)


def test_a_shop_that_is_not_there_is_a_404(shop: Shop) -> None:
    for url in (f"{URL}/nowhere", f"{URL}/Not-A-Slug", f"{URL}/a%23b"):
        assert shop.admin.get(url).status == 404
    assert shop.admin.patch(f"{URL}/nowhere", {"name": "x"}).status == 404
    assert shop.admin.post(f"{URL}/nowhere/suspend", {"reason": "x"}).status == 404
    assert shop.admin.post(f"{URL}/nowhere/reopen", {"reason": "x"}).status == 404


def test_a_twin_that_opens_the_same_slug_first_wins_whole(shop: Shop) -> None:
    """Two owners, one slug: the second's admin has no account there."""
    opened(shop)
    second = {**wish(), "admin": {"login": "late@acme.example.com", "password": PASSWORD}}
    assert shop.admin.post(URL, second).code == "slug_taken"
    late = {"login": "late@acme.example.com", "password": PASSWORD}
    assert send("POST", "/v1/auth/login", late, headers={"x-tenant": "acme"}).status == 401
    assert tenants.find("acme") == "acme"


def test_who_does_not_hold_the_platform_gives_it_to_nobody(shop: Shop) -> None:
    opened(shop)
    second, friend = shop.customer(), shop.customer()
    give(second, "default", "super_admin")
    second = shop.sign_in(second.user["email"], PASSWORD)
    owner = {"roles": ["platform_owner"], "reason": "a favour"}
    for person in (friend, second):
        answer = second.put(f"/v1/admin/users/{person.id}/roles", owner)
        assert (answer.status, answer.code) == (403, "grants_too_much")
    lin = customer_of("acme")
    there = boss_of("acme").put(f"/v1/admin/users/{lin.id}/roles", owner)
    assert (there.status, there.json["errors"][0]["code"]) == (422, "role_unknown")
    assert "platform_owner" not in [
        role["name"] for role in boss_of("acme").get("/v1/admin/roles").json["data"]
    ]
    assert shop.admin.put(f"/v1/admin/users/{friend.id}/roles", owner).status == 200


def test_the_first_admin_of_a_shop_is_the_last_of_their_role(shop: Shop) -> None:
    opened(shop)
    boss = boss_of("acme")
    answer = boss.put(f"/v1/admin/users/{boss.id}/roles", {"roles": [], "reason": "x"})
    assert (answer.status, answer.code) == (409, "last_of_role")


def test_what_is_done_to_a_shop_stands_in_the_platforms_log_with_its_reason(shop: Shop) -> None:
    opened(shop)
    shop.admin.post(f"{URL}/acme/suspend", {"reason": "unpaid bills"})
    acts = {item["act"]["S"]: item for item in of_kind("audit_entry")}
    assert {item["tenant"]["S"] for item in acts.values()} == {"default"}
    suspended = acts["platform_suspend_tenant"]
    assert (suspended["reason"]["S"], suspended["targets"]["M"]["slug"]["S"]) == ("unpaid bills", "acme")
    assert "argon2" not in str(acts)
