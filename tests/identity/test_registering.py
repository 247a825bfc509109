"""Registering: one account a login, signed in at once."""

from typing import Any

import pytest

from chalicelib.identity.common_passwords import COMMON
from tests.identity.people import PASSWORD, log_in, me, register, said
from tests.jobs import of_kind
from tests.shop import Answer, Shop, send
from tests.unchanged import nothing_changes


@pytest.mark.ledger("S1-007", "S4-049")
@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("email", " Lin@Example.COM ", "lin@example.com"),
        ("phone", "+86 138-0000-0000", "+8613800000000"),
        ("phone", "１３８００００００００", "13800000000"),
        ("username", "Lin.W_1", "lin.w_1"),
    ],
)
def test_a_customer_registers_with_any_login_and_is_signed_in(
    shop: Shop, field: str, given: str, kept: str
) -> None:
    answer = register(**{field: given}, name="  林 ")
    assert answer.status == 201
    assert answer.json["user"] | {field: kept, "name": "林", "roles": []} == answer.json["user"]
    assert answer.json["expires_in"] == 900
    assert me(answer.json["access_token"]).json == answer.json["user"]
    assert log_in(given).status == log_in(kept).status == 200


def test_all_three_logins_lead_to_one_account(shop: Shop) -> None:
    made = register(email="lin@example.com", phone="13800000000", username="lin")
    ids = {log_in(login).json["user"]["id"] for login in ("lin@example.com", "13800000000", "LIN")}
    assert ids == {made.json["user"]["id"]}


@pytest.mark.ledger("S0-001", "S2-016")
def test_a_login_that_is_taken_is_refused_and_nothing_is_registered(shop: Shop) -> None:
    register(email="lin@example.com", phone="13800000000")
    with nothing_changes():
        answer = register(email="LIN@example.com", phone="138 0000 0000", username="free")
    assert said(answer) == (409, "login_taken")
    assert answer.json["taken"] == ["email", "phone"]
    assert log_in("free").status == 401


@pytest.mark.ledger("S0-001")
def test_the_password_is_kept_as_an_argon2id_hash_and_nowhere_else(shop: Shop) -> None:
    register(email="lin@example.com", name="Lin")
    (user,) = [item for item in of_kind("user") if item["name"]["S"] == "Lin"]
    assert user["password_hash"]["S"].startswith("$argon2id$v=19$m=64,t=2,p=1$")
    assert PASSWORD not in str([of_kind(kind) for kind in ("user", "login", "session")])


def test_a_refresh_token_is_kept_only_as_a_digest(shop: Shop) -> None:
    token = register(email="lin@example.com").json["refresh_token"]
    assert token not in str(of_kind("session"))


def refused_field(answer: Answer) -> tuple[str, str]:
    (error,) = answer.json["errors"]
    return error["field"], error["code"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "email", "login_missing"),
        ({"email": None}, "email", "login_missing"),
        ({"email": "lin"}, "email", "email_invalid"),
        ({"email": "lin#1@example.com"}, "email", "email_invalid"),
        ({"email": "lin@example.com\n"}, "email", None),
        ({"email": "a" * 65 + "@example.com"}, "email", "email_invalid"),
        ({"email": "a@" + "b" * 253 + ".com"}, "email", "string_too_long"),
        ({"phone": "12345"}, "phone", "phone_invalid"),
        ({"phone": "+86#13800000000"}, "phone", "phone_invalid"),
        ({"username": "13800000000"}, "username", "username_invalid"),
        ({"username": "lin#admin"}, "username", "username_invalid"),
        ({"username": "ab"}, "username", "username_invalid"),
        ({"email": 7}, "email", "string_type"),
        ({"email": ["a@example.com"]}, "email", "string_type"),
        ({"email": "a@example.com", "roles": ["super_admin"]}, "roles", "extra_forbidden"),
        ({"email": "a@example.com", "name": "x" * 51}, "name", "string_too_long"),
        ({"email": "a@example.com", "name": "a\u0007b"}, "name", "string_pattern_mismatch"),
        ({"email": "a@example.com", "password": "x" * 300}, "password", "string_too_long"),
        ({"email": "a@example.com", "password": "seven77"}, "password", "string_too_short"),
        ({"email": "a@example.com", "password": None}, "password", "string_type"),
        ({"email": "a@example.com", "password": "PassWord123"}, "password", "password_common"),
        ({"email": "lin@example.com", "password": "Lin@Example.com"}, "password", "password_is_login"),
    ],
)
def test_a_field_that_will_not_do_is_named_and_nothing_is_registered(
    shop: Shop, body: dict[str, Any], field: str, code: str | None
) -> None:
    if code is None:
        assert register(**body).status == 201  # white space around a login means nothing
        return
    with nothing_changes():
        answer = register(**body)
    assert answer.status == 422
    assert refused_field(answer) == (field, code)


def test_every_login_that_will_not_do_is_named(shop: Shop) -> None:
    answer = register(email="x", phone="y", username="z")
    assert [error["field"] for error in answer.json["errors"]] == ["email", "phone", "username"]


def test_a_missing_password_is_refused(shop: Shop) -> None:
    answer = send("POST", "/v1/auth/register", {"email": "lin@example.com"})
    assert refused_field(answer) == ("password", "missing")


@pytest.mark.parametrize(
    "raw", [b"{", b"[]", b'"x"', b"", b'{"email":"\\ud800@x.com","password":"12 34 56 78"}']
)
def test_a_body_that_cannot_be_read_is_the_clients_error(shop: Shop, raw: bytes) -> None:
    with nothing_changes():
        assert send("POST", "/v1/auth/register", raw=raw).status in (400, 422)


def test_a_password_of_128_characters_in_any_script_works(shop: Shop) -> None:
    long = "密码🔑e\u0301" * 25 + "xyz"
    assert len(long) == 128
    assert register(username="lin", password=long).status == 201
    assert log_in("lin", long.replace("e\u0301", "é")).status == 200


def test_one_address_registers_twenty_times_in_ten_minutes(shop: Shop) -> None:
    statuses = [register(username=f"lin{n}").status for n in range(21)]
    assert statuses == [201] * 20 + [429]
    assert register(username="another", ip="203.0.113.8").status == 201
    shop.clock.advance(minutes=10)
    assert register(username="later").status == 201


def test_the_same_login_in_another_shop_is_another_person(shop: Shop) -> None:
    from chalicelib.tenants import service as tenants

    tenants.ensure("other", "Other")
    here = register(username="lin")
    there = send(
        "POST", "/v1/auth/register", {"username": "lin", "password": PASSWORD}, headers={"x-tenant": "other"}
    )
    assert (here.status, there.status) == (201, 201)
    assert here.json["user"]["id"] != there.json["user"]["id"]


def test_common_passwords_are_lower_case_and_long_enough_to_matter() -> None:
    assert all(word == word.casefold() and 8 <= len(word) <= 128 for word in COMMON)
