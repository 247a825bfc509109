"""The staff's member pages: list, find, look into, as far as one may see."""

import pytest

from chalicelib.core.errors import NotFound
from chalicelib.members import editing, reading
from chalicelib.members.filters import Filter
from tests.members.people import PASSWORD, USERS, adviser, member_of_staff
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def names(person: Person, query: str = "") -> list[str]:
    answer = person.get(f"{USERS}{query}")
    assert answer.status == 200, answer.text
    return [row["name"] for row in answer.json["data"]]


@pytest.mark.ledger("S4-135")
def test_customers_are_listed_newest_first_in_one_query(shop: Shop) -> None:
    for name in ("Lin", "Wei", "An"):
        shop.customer(name)
        shop.clock.advance(seconds=1)
    assert shop.admin
    with store_calls() as calls:
        assert names(shop.admin, "?limit=2") == ["An", "Wei"]
    assert calls == ["Query"]
    page = shop.admin.get(f"{USERS}?limit=2").json
    assert names(shop.admin, f"?limit=2&cursor={page['next_cursor']}") == ["Lin"]
    assert names(shop.admin, "?kind=staff") == ["Admin"]
    assert names(shop.admin, "?kind=gone") == []
    assert shop.admin.get(f"{USERS}?q=x&cursor={page['next_cursor']}").code == "cursor_invalid"


@pytest.mark.ledger("S4-135", "S4-019")
def test_members_are_found_by_name_level_tag_status_and_adviser(shop: Shop, lin: Person) -> None:
    helper = member_of_staff(shop, "support", name="Helper")
    shop.customer("Wei Linus")
    shop.clock.advance(seconds=1)
    body = {"level": "vip", "tags": ["wholesale", "north"], "adviser_id": helper.id}
    assert shop.admin.patch(f"{USERS}/{lin.id}", body).status == 200
    assert sorted(names(shop.admin, "?q=LIN")) == ["Lin", "Wei Linus"]
    assert names(shop.admin, "?level=vip") == ["Lin"]
    assert names(shop.admin, "?tag=north") == ["Lin"]
    assert names(shop.admin, f"?adviser_id={helper.id}&q=lin&status=active") == ["Lin"]
    assert names(shop.admin, "?tag=south") == []
    assert names(shop.admin, "?level=ordinary") == ["Wei Linus"]


def test_one_member_is_found_by_their_exact_login(shop: Shop, lin: Person) -> None:
    email = lin.user["email"]
    assert shop.admin.get("/v1/me").status == 200
    with store_calls() as calls:
        assert names(shop.admin, f"?login={email.upper()}") == ["Lin"]
    assert calls.count("GetItem") == 2
    assert names(shop.admin, "?login=nobody@example.com") == []
    assert shop.admin.get(f"{USERS}?login=!").json["errors"][0]["code"] == "login_invalid"


def test_who_sees_a_masked_login_cannot_guess_what_is_hidden(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_LOGINS_AN_HOUR", 3)
    support = member_of_staff(shop, "support")
    guesses = [f"?login=cust{n}@example.com" for n in range(3)]
    assert [names(support, guess) for guess in guesses] == [[]] * 3
    found = support.get(f"{USERS}?login={lin.user['email']}")
    assert (found.status, found.code) == (429, "rate_limited")
    assert names(support, "?q=lin") == ["Lin"]
    assert [names(shop.admin, guess) for guess in guesses * 2] == [[]] * 6
    shop.clock.advance(hours=1)
    assert names(support, f"?login={lin.user['email']}") == ["Lin"]


@pytest.mark.ledger("S2-014")
def test_a_member_is_one_call_with_orders_counted(shop: Shop, lin: Person) -> None:
    shop.order(lin, shop.sku())
    assert shop.admin
    with store_calls() as calls:
        seen = shop.admin.get(f"{USERS}/{lin.id}")
    assert calls == ["BatchGetItem"]
    assert seen.json["email"] == lin.user["email"]
    assert (seen.json["orders"]["pending_payment"], seen.json["addresses"]) == (1, 1)
    assert (seen.json["has_password"], seen.json["has_wechat"], seen.json["status"]) == (
        True,
        False,
        "active",
    )
    assert seen.headers["etag"]


@pytest.mark.ledger("S4-185")
def test_a_members_orders_addresses_and_sessions_are_lists_of_their_own(shop: Shop, lin: Person) -> None:
    order = shop.order(lin, shop.sku())
    page = shop.admin.get(f"{USERS}/{lin.id}/orders")
    assert [one["id"] for one in page.json["data"]] == [order["id"]]
    assert shop.admin.get(f"{USERS}/{lin.id}/orders?status=paid").json["data"] == []
    address = shop.admin.get(f"{USERS}/{lin.id}/addresses").json["data"]
    assert [(one["phone"], one["is_default"]) for one in address] == [("13800000000", True)]
    session = shop.admin.get(f"{USERS}/{lin.id}/sessions").json["data"]
    assert [(one["way"], one["ended_at"]) for one in session] == [("register", None)]
    shop.clock.advance(days=31)
    admin = shop.sign_in("admin@souk.test", "souk-local-admin")
    ended = admin.get(f"{USERS}/{lin.id}/sessions").json["data"]
    assert ended[0]["ended_at"] == ended[0]["expires_at"]


@pytest.mark.ledger("S4-143", "S4-185")
def test_a_members_sign_ins_are_listed_those_that_failed_too(shop: Shop, lin: Person) -> None:
    shop.clock.advance(seconds=1)
    send(
        "POST",
        "/v1/auth/login",
        {"login": lin.user["email"], "password": "wrong horse battery"},
        ip="192.0.2.9",
    )
    shop.clock.advance(seconds=1)
    shop.sign_in(str(lin.user["email"]), PASSWORD)
    seen = shop.admin.get(f"{USERS}/{lin.id}/sign-ins").json["data"]
    assert [(one["outcome"], one["client_ip"]) for one in seen][:2] == [
        ("signed_in", "203.0.113.7"),
        ("credentials_invalid", "192.0.2.9"),
    ]
    support = member_of_staff(shop, "support")
    assert "203.0.113.7" not in support.get(f"{USERS}/{lin.id}/sign-ins").text


def test_a_member_without_anything_has_empty_lists(shop: Shop) -> None:
    made = shop.admin.post(USERS, {"login": "wei_2036"}).json
    for what in ("orders", "addresses", "sessions", "sign-ins"):
        assert shop.admin.get(f"{USERS}/{made['id']}/{what}").json["data"] == []


def test_support_sees_masked_contact_data_and_changes_nothing(shop: Shop, lin: Person) -> None:
    shop.address(lin)
    support = member_of_staff(shop, "support")
    seen = support.get(f"{USERS}/{lin.id}")
    assert seen.json["name"] == "Lin"
    assert seen.json["email"] == "c***@example.com"
    texts = [
        support.get(f"{USERS}/{lin.id}{rest}").text for rest in ("", "/addresses", "/sessions", "/orders")
    ]
    texts.append(support.get(f"{USERS}?q=lin").text)
    assert not [
        text for text in texts if "13800000000" in text or lin.user["email"] in text or "Lake" in text
    ]
    with nothing_changes():
        assert support.patch(f"{USERS}/{lin.id}", {"level": "vip"}).status == 403
        assert support.get(f"{USERS}/export").status == 403
        assert support.post(f"{USERS}/{lin.id}/disable", {"reason": "x"}).status == 403


def test_customers_and_other_shops_see_no_members(shop: Shop, lin: Person) -> None:
    assert lin.get(USERS).status == 403
    assert send("GET", USERS).status == 401
    nobody = "usr_00000000000000000000000000"
    for rest in ("", "/orders", "/addresses", "/sessions", "/sign-ins"):
        assert shop.admin.get(f"{USERS}/{nobody}{rest}").status == 404


@pytest.mark.ledger("S2-014")
def test_who_sees_their_own_customers_sees_no_others(shop: Shop, lin: Person) -> None:
    helper = member_of_staff(shop, "support", name="Helper")
    wei = shop.customer("Wei")
    shop.admin.patch(f"{USERS}/{wei.id}", {"adviser_id": helper.id})
    ctx = adviser(helper)
    seen = reading.listed(ctx, "customer", Filter(), limit=10, cursor=None)
    assert [row["name"] for row in seen.data] == ["Wei"]
    assert reading.listed(ctx, "customer", Filter(q="Lin"), limit=10, cursor=None).data == []
    assert reading.detail(ctx, wei.id).user.name == "Wei"
    assert reading.with_login(ctx, str(lin.user["email"])) == []
    for look in (reading.detail, reading.addresses_of, reading.member):
        with pytest.raises(NotFound):
            look(ctx, lin.id)
    with nothing_changes(), pytest.raises(NotFound):
        editing.edit(ctx, lin.id, {"name": "Mine"}, None)


def test_a_summary_is_one_call(shop: Shop, lin: Person) -> None:
    shop.order(lin, shop.sku())
    assert lin.get("/v1/me").status == 200
    with store_calls() as calls:
        seen = lin.get("/v1/me/summary").json
    assert calls == ["BatchGetItem"]
    assert (seen["name"], seen["level"], seen["unread_notifications"]) == ("Lin", "ordinary", 0)
    assert seen["orders"]["pending_payment"] == 1
    assert (seen["default_address"]["city"], seen["default_address"]["is_default"]) == ("Hangzhou", True)


def test_a_summary_of_somebody_new_is_empty(lin: Person) -> None:
    seen = lin.get("/v1/me/summary").json
    assert seen["default_address"] is None
    assert not any(seen["orders"].values())
