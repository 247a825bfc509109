"""Switches: what a shop has switched off is refused clearly, and everything else goes on."""

import pytest

from tests.identity.people import PHONE, asked_for, by_phone, log_in, register, said
from tests.kyc.papers import papers
from tests.payments.test_paying import pay
from tests.settings.parameters import put, switch_off
from tests.shop import Shop, send
from tests.unchanged import nothing_changes


@pytest.mark.ledger("S4-193")
def test_where_registration_is_closed_strangers_stay_out_and_customers_get_in(shop: Shop) -> None:
    assert register(email="lin@example.com").status == 201
    switch_off(shop.admin, "accounts.registration")
    with nothing_changes():
        assert said(register(email="wang@example.com")) == (403, "registration_closed")
    assert log_in("lin@example.com").status == 200
    opened = shop.admin.post("/v1/admin/users", {"login": "mei@example.com", "name": "Mei"})
    assert opened.status == 201, "staff open accounts all the same"
    put(shop.admin, "accounts.registration", value=True)
    assert register(email="wang@example.com").status == 201


def test_where_registration_is_closed_a_code_opens_known_accounts_only(shop: Shop) -> None:
    assert by_phone(PHONE, asked_for(PHONE, "sign_in")).status == 200
    switch_off(shop.admin, "accounts.registration")
    shop.clock.advance(minutes=2)
    assert by_phone(PHONE, asked_for(PHONE, "sign_in")).status == 200
    stranger = "13900000000"
    assert said(by_phone(stranger, asked_for(stranger, "sign_in"))) == (403, "registration_closed")


@pytest.mark.ledger("S4-193")
def test_where_guest_carts_are_off_visitors_are_asked_to_sign_in(shop: Shop) -> None:
    sku = shop.sku()
    switch_off(shop.admin, "cart.guests")
    with nothing_changes():
        assert said(send("PUT", f"/v1/cart/items/{sku}", {"quantity": 1})) == (403, "guest_carts_off")
    assert send("GET", "/v1/cart").status == 200
    assert shop.customer().put(f"/v1/cart/items/{sku}", {"quantity": 1}).status == 200


def test_where_reminders_are_off_a_customer_is_told_so(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    pay(lin, order["id"])
    switch_off(shop.admin, "orders.reminders")
    token = lin.token
    with nothing_changes():
        answer = send("POST", f"/v1/orders/{order['id']}/remind", {}, token=token)
        assert said(answer) == (403, "reminders_off")
    put(shop.admin, "orders.reminders", value=True)
    assert lin.post(f"/v1/orders/{order['id']}/remind").status == 200


def test_where_verification_is_off_no_document_is_taken(shop: Shop) -> None:
    lin = shop.customer()
    switch_off(shop.admin, "kyc.submissions")
    assert said(lin.post("/v1/me/kyc", papers())) == (403, "kyc_submissions_off")
    assert lin.get("/v1/me/kyc").json["status"] == "none"
    put(shop.admin, "kyc.submissions", value=True)
    assert lin.post("/v1/me/kyc", papers()).status == 201
