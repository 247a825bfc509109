"""Closing an account: what goes, what stays, and who may not."""

from typing import Any

import pytest

from chalicelib.identity import session_list
from tests.identity.people import (
    PASSWORD,
    PHONE,
    asked_for,
    by_phone,
    by_wechat,
    log_in,
    me,
    refresh,
    register,
    said,
    wechat_here,
    wrong,
)
from tests.jobs import every_item, of_kind, stream, tick
from tests.payments.test_paying import pay
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes


def person(answer: Answer) -> Person:
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


def close(one: Person, **proof: Any) -> Answer:
    return send("DELETE", "/v1/me", proof or {"password": PASSWORD}, token=one.access_token)


@pytest.fixture
def lin(shop: Shop) -> Person:
    return person(register(email="lin@example.com", phone=PHONE, username="lin", name="Lin Yi"))


@pytest.mark.ledger("S4-055")
def test_nothing_personal_is_left_of_a_closed_account(lin: Person, shop: Shop) -> None:
    shop.address(lin)
    lin.put(f"/v1/cart/items/{shop.sku()}", {"quantity": 1})
    assert close(lin).status == 204
    stream()
    (user,) = [item for item in of_kind("user") if item["user_id"]["S"] == lin.id]
    assert user["status"]["S"] == "closed"
    assert user["closed_at"]
    left = str([item for item in every_item() if item["kind"]["S"] not in ("rate", "lockout")])
    for personal in ("Lin Yi", "lin@example.com", PHONE, "13800000000", "argon2id$v=19$m=64,t=2,p=1$lin"):
        assert personal not in left
    assert {"address_book", "cart"}.isdisjoint(item["kind"]["S"] for item in every_item())


@pytest.mark.ledger("S4-055")
def test_every_session_ends_and_no_login_leads_in(lin: Person) -> None:
    phone = person(log_in("lin"))
    close(lin)
    for one in (lin, phone):
        assert said(me(one.access_token)) == (401, "session_revoked")
        assert said(refresh(one.refresh_token)) == (401, "session_revoked")
    for login in ("lin", PHONE, "lin@example.com"):
        assert said(log_in(login)) == (401, "credentials_invalid")


@pytest.mark.ledger("S4-055")
def test_the_logins_are_free_for_somebody_new(lin: Person) -> None:
    close(lin)
    again = register(email="lin@example.com", username="lin")
    assert again.status == 201
    assert again.json["user"]["id"] != lin.id
    assert by_phone(PHONE, asked_for(PHONE, "sign_in")).json["user"]["id"] not in (
        lin.id,
        again.json["user"]["id"],
    )


@pytest.mark.ledger("S4-055")
def test_orders_stay_without_saying_whose_door_they_went_to(lin: Person, shop: Shop) -> None:
    order = shop.order(lin, shop.sku(), note="leave it with Mrs Wu")
    lin.post(f"/v1/orders/{order['id']}/cancel")
    stream()
    assert len(of_kind("notification")) == 1
    assert close(lin).status == 204
    stream()
    kept = shop.admin.get(f"/v1/admin/orders/{order['id']}").json
    assert (kept["status"], kept["totals"], kept["note"]) == ("cancelled", order["totals"], None)
    to = kept["ship_to"]
    assert (to["recipient"], to["phone"], to["line1"], to["postal_code"]) == ("", "", "", None)
    assert (to["province"], to["district"]) == ("Zhejiang", "Xihu")
    assert of_kind("notification") == []


def test_many_orders_are_dealt_with_a_few_at_a_time(lin: Person, shop: Shop, monkeypatch: Any) -> None:
    from chalicelib.orders import leaving

    monkeypatch.setattr(leaving, "_PAGE", 2)
    sku = shop.sku(stock=50)
    for _ in range(5):
        lin.post(f"/v1/orders/{shop.order(lin, sku)['id']}/cancel")
    close(lin)
    for _ in range(4):
        stream(times=2)
    assert recipients() == {""}
    shop.clock.advance(minutes=10)
    for _ in range(5):
        tick()
        stream()
    assert of_kind("event") == []


def recipients() -> set[str]:
    return {item["ship_to"]["M"]["recipient"]["S"] for item in of_kind("order")}


@pytest.mark.ledger("S4-055")
def test_an_order_that_was_removed_from_the_list_says_no_more_than_the_others(
    lin: Person, shop: Shop
) -> None:
    sku = shop.sku()
    orders = [shop.order(lin, sku, note="leave it with Mrs Wu")["id"] for _ in range(2)]
    for order in orders:
        lin.post(f"/v1/orders/{order}/cancel")
    assert lin.delete(f"/v1/orders/{orders[0]}").status == 204
    assert close(lin).status == 204
    for _ in range(2):
        stream(times=2)
    assert recipients() == {""}
    assert "Mrs Wu" not in str(of_kind("order"))


@pytest.mark.ledger("S4-055")
def test_what_a_request_wrote_while_the_account_closed_goes_too(
    lin: Person, shop: Shop, monkeypatch: Any
) -> None:
    """A process may take a session for standing for five seconds more."""
    sku = shop.sku()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(session_list, "end_all", lambda *_, **__: None)
        assert close(lin).status == 204
        stream()
        order = shop.order(lin, sku)
        lin.post(f"/v1/orders/{order['id']}/cancel")
    assert recipients() == {"Lin"}
    shop.clock.advance(minutes=10)
    tick()
    stream()
    assert recipients() == {""}
    assert of_kind("address_book") == []


@pytest.mark.ledger("S4-055")
def test_an_order_that_had_not_ended_is_looked_at_again_a_day_later(
    lin: Person, shop: Shop, monkeypatch: Any
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(session_list, "end_all", lambda *_, **__: None)
        assert close(lin).status == 204
        order = shop.order(lin, shop.sku())
    for _ in range(2):
        stream()
    assert recipients() == {"Lin"}
    shop.clock.advance(hours=1)
    tick()
    assert shop.admin.get(f"/v1/admin/orders/{order['id']}").json["status"] == "cancelled"
    shop.clock.advance(days=1)
    tick()
    assert recipients() == {""}


def test_an_account_with_open_orders_stays(lin: Person, shop: Shop) -> None:
    card = shop.sku(kind="card_key", stock=1)
    order = shop.order(lin, shop.sku())
    with nothing_changes():
        answer = close(lin)
    assert said(answer) == (409, "account_has_open_orders")
    assert answer.json["open"] == {"pending_payment": 1}
    pay(lin, order["id"])
    assert close(lin).json["open"] == {"paid": 1}
    assert me(lin.access_token).status == 200
    assert card


def test_staff_cannot_leave_with_their_roles(shop: Shop) -> None:
    admin = shop.admin
    with nothing_changes():
        answer = close(admin, password="souk-local-admin")
    assert said(answer) == (409, "account_is_staff")
    assert admin.get("/v1/me").status == 200


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        ({"password": "not the password"}, (403, "password_wrong")),
        ({"code": "123456"}, (422, "invalid")),
        ({"wechat_code": "code-lin"}, (422, "invalid")),
        ({"password": PASSWORD, "sure": True}, (422, "invalid")),
    ],
)
def test_who_has_a_password_proves_it(lin: Person, proof: dict[str, Any], code: tuple[int, str]) -> None:
    with nothing_changes():
        assert said(close(lin, **proof)) == code


def test_the_password_cannot_be_guessed_with_a_session_in_hand(lin: Person) -> None:
    statuses = [close(lin, password=f"guess number {n}").status for n in range(7)]
    assert statuses == [403] * 5 + [429] * 2


def test_who_has_no_password_closes_by_a_code_to_their_own_phone(shop: Shop) -> None:
    lin = person(by_phone(PHONE, asked_for(PHONE, "sign_in")))
    assert close(lin, wechat_code="code-x").status in (422, 503)
    code = asked_for(PHONE, "confirm")
    assert said(close(lin, code=wrong(code))) == (422, "invalid")
    assert said(send("DELETE", "/v1/me", {}, token=lin.access_token)) == (422, "invalid")
    assert close(lin, code=code).status == 204
    assert said(me(lin.access_token)) == (401, "session_revoked")


def test_a_code_of_another_purpose_closes_nothing(shop: Shop) -> None:
    lin = person(by_phone(PHONE, asked_for(PHONE, "sign_in")))
    assert close(lin, code=asked_for(PHONE, "bind")).status == 422
    assert me(lin.access_token).status == 200


def test_who_came_through_wechat_closes_through_wechat(shop: Shop) -> None:
    with wechat_here():
        lin = person(by_wechat("code-lin"))
        with nothing_changes():
            assert said(close(lin, wechat_code="code-wei")) == (422, "invalid")
            assert said(close(lin, wechat_code="invalid")) == (422, "invalid")
        assert close(lin, wechat_code="code-lin").status == 204
        assert by_wechat("code-lin").json["user"]["id"] != lin.id


def test_a_session_that_another_process_still_believes_in_finds_nobody(lin: Person, monkeypatch: Any) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(session_list, "end_all", lambda *_, **__: None)
        close(lin)
    with nothing_changes():
        assert said(lin.get("/v1/me")) == (404, "not_found")
        assert said(lin.patch("/v1/me", {"name": "Back"})) == (404, "not_found")
    stream()
    assert said(me(lin.access_token)) == (401, "session_revoked")
