"""Phones and mailboxes bound to an account, and taken off it."""

from typing import Any

import pytest

from tests.identity.people import (
    PHONE,
    asked_for,
    by_phone,
    by_wechat,
    log_in,
    register,
    said,
    wechat_here,
    wrong,
)
from tests.jobs import of_kind
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes

OTHER = "13900000002"


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def bound() -> set[str]:
    return {item["login"]["S"] for item in of_kind("login")}


@pytest.mark.ledger("S4-018")
def test_a_phone_is_bound_by_its_code_and_opens_the_account(lin: Person) -> None:
    code = asked_for(PHONE, "bind")
    answer = lin.put("/v1/me/phone", {"phone": "138-0000-0001", "code": code})
    assert (answer.status, answer.json["phone"]) == (200, PHONE)
    assert by_phone(PHONE, asked_for(PHONE, "sign_in")).json["user"]["id"] == lin.id
    assert log_in(PHONE).json["user"]["id"] == lin.id


@pytest.mark.ledger("S4-018", "S2-016")
def test_an_email_is_bound_by_its_code_and_the_old_one_is_free(lin: Person) -> None:
    old = lin.user["email"]
    code = asked_for("new@example.com", "bind")
    assert (
        lin.put("/v1/me/email", {"email": "New@Example.com", "code": code}).json["email"] == "new@example.com"
    )
    assert log_in("new@example.com").json["user"]["id"] == lin.id
    assert said(log_in(old)) == (401, "credentials_invalid")
    assert register(email=old).status == 201


def test_binding_the_same_phone_again_proves_it_and_changes_no_login(shop: Shop) -> None:
    made = register(phone=PHONE).json
    lin = Person(made["user"], made["access_token"], made["refresh_token"])
    answer = lin.put("/v1/me/phone", {"phone": PHONE, "code": asked_for(PHONE, "bind")})
    assert answer.status == 200
    assert PHONE in bound()
    (user,) = [item for item in of_kind("user") if item["user_id"]["S"] == lin.id]
    assert user["phone_verified_at"]


@pytest.mark.ledger("S4-053", "S4-208")
def test_the_phone_that_wechats_button_tells_is_bound(shop: Shop) -> None:
    with wechat_here():
        made = by_wechat("code-lin").json
        lin = Person(made["user"], made["access_token"], made["refresh_token"])
        answer = lin.put("/v1/me/phone", {"wechat_code": f"phone-{PHONE}"})
    assert (answer.status, answer.json["phone"]) == (200, PHONE)
    assert by_phone(PHONE, asked_for(PHONE, "sign_in")).json["user"]["id"] == lin.id


def test_a_bad_code_of_wechats_button_is_the_fields_fault_and_a_busy_wechat_is_not(lin: Person) -> None:
    with wechat_here(), nothing_changes():
        refused = lin.put("/v1/me/phone", {"wechat_code": "invalid"})
        assert said(refused) == (422, "invalid")
        assert refused.json["errors"][0]["code"] == "wechat_code_invalid"
        assert said(lin.put("/v1/me/phone", {"wechat_code": "busy"})) == (503, "wechat_busy")
    with nothing_changes():
        assert said(lin.put("/v1/me/phone", {"wechat_code": "x"})) == (503, "wechat_off")


@pytest.mark.ledger("S2-016")
def test_a_login_that_is_anothers_stays_theirs(lin: Person, shop: Shop) -> None:
    register(phone=PHONE, ip="203.0.113.9")
    code = asked_for(PHONE, "bind")
    answer = lin.put("/v1/me/phone", {"phone": PHONE, "code": code})
    assert said(answer) == (409, "login_taken")
    assert lin.get("/v1/me").json["phone"] is None


def test_a_wrong_code_is_the_fields_fault_and_not_the_tokens(lin: Person) -> None:
    code = asked_for(PHONE, "bind")
    answer = lin.put("/v1/me/phone", {"phone": PHONE, "code": wrong(code)})
    assert answer.status == 422
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [("code", "code_invalid")]
    assert PHONE not in bound()
    assert lin.put("/v1/me/phone", {"phone": PHONE, "code": code}).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": PHONE},
        {"code": "123456"},
        {"phone": "x", "code": "123456"},
        {"phone": PHONE, "code": "123456", "wechat_code": "x"},
        {"wechat_code": ""},
    ],
)
def test_half_a_proof_is_none(lin: Person, body: dict[str, Any]) -> None:
    with nothing_changes():
        assert lin.put("/v1/me/phone", body).status == 422


def test_a_login_is_taken_off_and_free_again(lin: Person) -> None:
    lin.put("/v1/me/phone", {"phone": PHONE, "code": asked_for(PHONE, "bind")})
    answer = lin.delete("/v1/me/phone")
    assert (answer.status, answer.json["phone"]) == (200, None)
    assert PHONE not in bound()
    with nothing_changes():
        assert lin.delete("/v1/me/phone").status == 200


def test_the_last_way_in_stays(lin: Person) -> None:
    with nothing_changes():
        assert said(lin.delete("/v1/me/email")) == (409, "last_way_in")
    lin.put("/v1/me/phone", {"phone": PHONE, "code": asked_for(PHONE, "bind")})
    assert lin.delete("/v1/me/email").status == 200
    with nothing_changes():
        assert said(lin.delete("/v1/me/phone")) == (409, "last_way_in")


def test_a_username_is_a_way_in_only_with_a_password(shop: Shop) -> None:
    made = register(email="lin@example.com", username="lin").json
    lin = Person(made["user"], made["access_token"], made["refresh_token"])
    assert lin.delete("/v1/me/email").status == 200
    assert log_in("lin").status == 200


def test_who_found_a_staff_session_open_binds_no_login_of_their_own(shop: Shop) -> None:
    """They would set a password by it, and prove that one wherever staff are asked for theirs."""
    admin = shop.admin
    shop.clock.advance(minutes=6)
    code = asked_for(PHONE, "bind")
    with nothing_changes():
        assert admin.delete("/v1/me/email").code == "confirmation_required"
    assert admin.put("/v1/me/phone", {"phone": PHONE, "code": code}).code == "confirmation_required"
    assert admin.get("/v1/me").json["phone"] is None
    body = {"password": "souk-local-admin"}
    assert send("POST", "/v1/auth/password/confirm", body, token=admin.token).status == 200
    assert admin.put("/v1/me/phone", {"phone": PHONE, "code": code}).json["phone"] == PHONE
