"""Staff carry out what a customer asked for: their account closes, and what the shop knew of them goes."""

from typing import Any

import pytest

from chalicelib.addresses import book as address_rules
from tests.jobs import every_item, of_kind, stream
from tests.members.people import PASSWORD, USERS, is_signed_in, member_of_staff
from tests.payments.test_paying import pay
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def erase(shop: Shop, person: Person, **more: Any) -> Answer:
    return shop.admin.post(f"{USERS}/{person.id}/erase", {"reason": "asked for by letter"}, **more)


def buy_key(shop: Shop, person: Person) -> str:
    card = shop.sku(kind="card_key", stock=1)
    order = person.post("/v1/orders", {"items": [{"sku_id": card, "quantity": 1}]}).json
    pay(person, order["id"])
    stream()
    return str(order["id"])


@pytest.mark.ledger("S4-146")
def test_what_the_shop_knew_of_a_person_goes_and_their_orders_stay(shop: Shop, lin: Person) -> None:
    order = buy_key(shop, lin)
    shop.address(lin)
    lin.post("/v1/me/devices", {"platform": "web", "name": "Browser", "push_token": "secret-token"})
    lin.put("/v1/me/notifications/preferences", {"time_zone": "Europe/Berlin"})
    assert erase(shop, lin).status == 204
    assert not is_signed_in(lin)
    stream(times=2)
    for kind in (
        "address_book",
        "device_book",
        "notification_preferences",
        "inbox",
        "spending",
        "notification",
    ):
        assert of_kind(kind) == []
    assert not [item for item in every_item() if str(lin.user["email"]) in str(item)]
    assert shop.admin.get(f"{USERS}?kind=gone").json["data"][0]["status"] == "closed"
    assert shop.admin.get(f"{USERS}/{lin.id}/orders").json["data"][0]["id"] == order
    again = {"email": lin.user["email"], "password": PASSWORD}
    assert send("POST", "/v1/auth/register", again, ip="192.0.2.3").status == 201


@pytest.mark.ledger("S4-146")
def test_an_erasure_is_done_once(shop: Shop, lin: Person) -> None:
    assert erase(shop, lin, key="e1").status == 204
    assert erase(shop, lin, key="e1").headers["idempotent-replayed"] == "true"
    with nothing_changes():
        assert erase(shop, lin, key="e2").code == "account_gone"


@pytest.mark.ledger("S4-146")
def test_nobody_is_erased_with_open_orders_or_roles_or_by_themselves(shop: Shop, lin: Person) -> None:
    shop.order(lin, shop.sku())
    support = member_of_staff(shop, "support")
    with nothing_changes():
        assert erase(shop, lin).code == "account_has_open_orders"
        assert erase(shop, support).code == "account_is_staff"
        assert erase(shop, shop.admin).code == "own_account"
        assert support.post(f"{USERS}/{lin.id}/erase", {"reason": "x"}).status == 403


@pytest.mark.ledger("S4-146")
def test_what_came_with_a_merged_account_is_exported_and_forgotten_too(shop: Shop, lin: Person) -> None:
    twin = shop.customer("Lin again")
    order = shop.order(twin, shop.sku(), note="for my aunt")
    twin.post(f"/v1/orders/{order['id']}/cancel")
    shop.admin.post(f"{USERS}/{lin.id}/merge", {"from_user_id": twin.id, "reason": "asked for"})
    stream()
    assert order["id"] in lin.get("/v1/me/export?section=orders").text
    erase(shop, lin)
    stream(times=2)
    assert not [item for item in of_kind("order") if "for my aunt" in str(item) or "13800000000" in str(item)]


@pytest.mark.ledger("S4-146")
def test_what_was_left_of_a_merged_account_goes_with_the_one_it_was_merged_into(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin, third = shop.customer("Lin again"), shop.customer("Lin a third time")
    monkeypatch.setattr(address_rules, "MOST", 1)
    shop.address(lin)
    shop.address(twin)
    order = shop.order(third, shop.sku(), note="for my aunt")["id"]
    third.post(f"/v1/orders/{order}/cancel")
    stream()
    third.delete(f"/v1/orders/{order}")
    for into, gone in ((twin, third), (lin, twin)):
        answer = shop.admin.post(f"{USERS}/{into.id}/merge", {"from_user_id": gone.id, "reason": "asked for"})
        assert answer.status == 200, answer.text
    stream()
    assert of_kind("notification")
    assert shop.admin.get(f"{USERS}/{twin.id}").json["addresses"]
    assert erase(shop, lin).status == 204
    for _ in range(2):
        stream(times=2)
    assert of_kind("address_book") == of_kind("notification") == []
    assert "for my aunt" not in str(of_kind("order"))
