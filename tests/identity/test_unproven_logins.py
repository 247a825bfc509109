"""Logins that somebody gave and nobody proved: whoever proves them owns them, and nobody else comes in with them."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.core.context import system
from chalicelib.identity import accounts, bindings, entering, passwords, profile, session_list
from chalicelib.identity.entities import User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.identity.service import forget_sessions
from chalicelib.store import get, transaction, update
from tests.identity import people
from tests.identity.people import (
    PASSWORD,
    PHONE,
    asked_for,
    by_phone,
    by_wechat,
    code_sent,
    forgot,
    log_in,
    me,
    outbox,
    refresh,
    register,
    said,
    wechat_here,
)
from tests.jobs import of_kind, stream
from tests.shop import Answer, Person, Shop
from tests.unchanged import nothing_changes

NEW = "another horse entirely"
MINE = "mine@example.com"
"""A mailbox that who squats a login of another can read."""


def reset(login: str, code: str, password: str = NEW) -> Answer:
    return people.reset(login, code, password)


def person(answer: Answer) -> Person:
    assert answer.status in (200, 201), answer.text
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


def prove_email(who: Person, email: str = MINE) -> Answer:
    return who.put("/v1/me/email", {"email": email, "code": asked_for(email, "bind")})


def owners() -> dict[str, str]:
    return {item["login"]["S"]: item["user_id"]["S"] for item in of_kind("login")}


def stored(user_id: str) -> User:
    user = get(User, user_ref("default", user_id))
    assert user is not None
    return user


def give_role(user_id: str) -> None:
    user = stored(user_id)
    user.roles = frozenset({"support"})
    with transaction(system("default")) as tx:
        tx.replace("user", user)


def sign_in_as_owner() -> Person:
    return person(by_phone(PHONE, asked_for(PHONE, "sign_in")))


@pytest.fixture
def squatter(shop: Shop) -> Person:
    return person(register(email=MINE, phone=PHONE, username="squatter"))


def test_who_proves_a_phone_takes_the_account_in_which_nothing_was_proven(squatter: Person) -> None:
    owner = sign_in_as_owner()
    assert owner.id == squatter.id
    shown = owner.get("/v1/me").json
    assert (shown["phone"], shown["email"]) == (PHONE, None)
    assert {MINE, "squatter"}.isdisjoint(owners())
    for login in (PHONE, MINE, "squatter"):
        assert said(log_in(login)) == (401, "credentials_invalid")
    assert said(me(squatter.access_token)) == (401, "session_revoked")
    assert said(refresh(squatter.refresh_token)) == (401, "session_revoked")
    assert refresh(owner.refresh_token).status == 200


def test_who_proves_an_email_by_a_reset_takes_the_account_and_the_other_logins_go(shop: Shop) -> None:
    squatter = person(register(email="lin@example.com", phone=PHONE, username="lin"))
    code = code_sent("lin@example.com", lambda: forgot("lin@example.com"))
    assert reset("lin@example.com", code).status == 204
    assert stored(squatter.id).email_verified_at is not None
    assert PHONE not in owners()
    assert said(log_in("lin")) == said(log_in(PHONE, NEW)) == (401, "credentials_invalid")
    assert log_in("lin", NEW).json["user"]["id"] == squatter.id, "a username stays beside a password"
    assert said(refresh(squatter.refresh_token)) == (401, "session_revoked")
    assert sign_in_as_owner().id != squatter.id


def test_a_phone_in_an_account_with_a_proven_email_goes_to_a_new_account_of_who_proves_it(
    squatter: Person,
) -> None:
    assert prove_email(squatter).status == 200
    owner = sign_in_as_owner()
    assert owner.id != squatter.id
    assert owner.get("/v1/me").json["phone"] == PHONE
    assert squatter.get("/v1/me").json["phone"] is None
    assert said(log_in(PHONE)) == (401, "credentials_invalid")
    assert log_in(MINE).json["user"]["id"] == squatter.id
    assert sign_in_as_owner().id == owner.id


def test_a_phone_in_an_account_of_wechat_goes_to_a_new_account_of_who_proves_it(shop: Shop) -> None:
    with wechat_here():
        squatter = person(by_wechat("code-lin"))
        user = stored(squatter.id)
        user.phone = PHONE
        with transaction(system("default")) as tx:
            accounts.bind(tx, user, [Login("phone", PHONE)])
            tx.replace("user", user)
        assert sign_in_as_owner().id != squatter.id
        assert person(by_wechat("code-lin")).id == squatter.id
    assert squatter.get("/v1/me").json["phone"] is None


def test_who_was_evicted_binds_the_phone_again_only_by_a_code_that_came_there(squatter: Person) -> None:
    prove_email(squatter)
    owner = sign_in_as_owner()
    assert squatter.put("/v1/me/phone", {"phone": PHONE, "code": "123456"}).status == 422
    code = asked_for(PHONE, "bind")
    assert said(squatter.put("/v1/me/phone", {"phone": PHONE, "code": code})) == (409, "login_taken")
    assert owners()[PHONE] == owner.id


def test_a_password_is_not_reset_by_an_unproven_login_beside_a_proven_one(squatter: Person) -> None:
    code = code_sent(PHONE, lambda: forgot(PHONE))
    prove_email(squatter)
    assert said(reset(PHONE, code)) == (401, "code_invalid"), "sent before the other login was proven"
    assert log_in(MINE).json["user"]["id"] == squatter.id
    assert stored(squatter.id).phone_verified_at is None


def test_a_code_to_reset_is_not_sent_to_an_unproven_login_beside_a_proven_one(squatter: Person) -> None:
    prove_email(squatter)
    known, unknown = forgot(PHONE), forgot("13900000000")
    assert (known.status, known.json) == (unknown.status, unknown.json)
    assert outbox(PHONE) == []
    assert code_sent(MINE, lambda: forgot("squatter")), "the phone comes first, but this is the proven one"


def test_a_login_that_another_only_gave_is_bound_by_who_proves_it(squatter: Person, shop: Shop) -> None:
    prove_email(squatter)
    lin = shop.customer("Lin")
    bound = lin.put("/v1/me/phone", {"phone": PHONE, "code": asked_for(PHONE, "bind")})
    assert (bound.status, bound.json["phone"]) == (200, PHONE)
    assert owners()[PHONE] == lin.id
    assert squatter.get("/v1/me").json["phone"] is None
    assert sign_in_as_owner().id == lin.id


def test_a_login_that_another_only_gave_takes_the_place_of_the_one_before(
    squatter: Person, shop: Shop
) -> None:
    squatter.put("/v1/me/phone", {"phone": PHONE, "code": asked_for(PHONE, "bind")})
    lin = shop.customer("Lin")
    assert prove_email(lin).status == 200
    assert lin.user["email"] not in owners()
    assert owners()[MINE] == lin.id


def test_a_disabled_account_keeps_the_login_nobody_proved(squatter: Person, shop: Shop) -> None:
    prove_email(squatter)
    update(User, user_ref("default", squatter.id), set={"status": "disabled"})
    assert said(by_phone(PHONE, asked_for(PHONE, "sign_in"))) == (403, "account_disabled")
    shop.clock.advance(seconds=61)
    code = asked_for(PHONE, "bind")
    assert said(shop.customer("Lin").put("/v1/me/phone", {"phone": PHONE, "code": code})) == (
        409,
        "login_taken",
    )


def test_staff_are_not_taken_over_by_a_phone_nobody_proved(squatter: Person) -> None:
    give_role(squatter.id)
    owner = sign_in_as_owner()
    assert owner.id != squatter.id
    assert owner.user["roles"] == []
    assert log_in("squatter").json["user"]["roles"] == ["support"]
    assert stored(squatter.id).phone is None


def test_the_only_way_in_of_staff_is_neither_opened_nor_lost_by_a_code(shop: Shop) -> None:
    staff = person(register(phone=PHONE))
    give_role(staff.id)
    before, code = (owners(), of_kind("user")), asked_for(PHONE, "sign_in")
    assert said(by_phone(PHONE, code)) == (401, "code_invalid")
    lin = shop.customer("Lin")
    assert (owners()[PHONE], stored(staff.id).phone) == (staff.id, PHONE)
    assert [user for user in of_kind("user") if user["user_id"]["S"] != lin.id] == before[1]
    shop.clock.advance(seconds=61)
    bound = lin.put("/v1/me/phone", {"phone": PHONE, "code": asked_for(PHONE, "bind")})
    assert said(bound) == (409, "login_taken")
    assert log_in(PHONE).json["user"]["roles"] == ["support"]


@pytest.mark.parametrize("login", [PHONE, MINE, "squatter"])
def test_the_password_of_staff_is_not_reset_by_a_login_nobody_proved(squatter: Person, login: str) -> None:
    code = code_sent(PHONE if login == "squatter" else login, lambda: forgot(login))
    give_role(squatter.id)
    assert said(reset(login, code)) == (401, "code_invalid")
    assert log_in(login).status == 200


def test_no_code_to_reset_is_sent_to_staff_who_proved_nothing(shop: Shop) -> None:
    assert forgot("admin@souk.test").status == 202
    assert outbox("admin@souk.test") == []


def test_staff_who_proved_their_email_reset_by_it(squatter: Person) -> None:
    prove_email(squatter)
    give_role(squatter.id)
    assert reset(MINE, code_sent(MINE, lambda: forgot(MINE))).status == 204
    assert log_in("squatter", NEW).status == 200


def test_a_code_for_the_username_that_is_under_way_dies_with_the_account_s_passing(shop: Shop) -> None:
    """It went to a phone of whoever held the account before."""
    register(email="lin@example.com", phone="13900000009", username="squatter")
    code = code_sent("13900000009", lambda: forgot("squatter"))
    assert (
        reset("lin@example.com", code_sent("lin@example.com", lambda: forgot("lin@example.com"))).status
        == 204
    )
    assert said(reset("squatter", code, "a third horse entirely")) == (401, "code_invalid")
    assert log_in("squatter", NEW).status == 200


def during(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], Any]) -> None:
    """`act` happens right after the next call of this function has read what it reads."""
    real = getattr(module, name)

    def slow(*given: Any) -> Any:
        monkeypatch.setattr(module, name, real)
        read = real(*given)
        act()
        return read

    monkeypatch.setattr(module, name, slow)


def test_an_email_proven_while_the_phone_s_owner_comes_is_faster_and_the_owner_gets_a_new_account(
    squatter: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, mine = asked_for(MINE, "bind"), asked_for(PHONE, "sign_in")
    body = {"email": MINE, "code": theirs}
    during(monkeypatch, entering, "get", lambda: squatter.put("/v1/me/email", body))
    owner = person(by_phone(PHONE, mine))
    assert owner.id != squatter.id
    assert (owners()[PHONE], owners()[MINE]) == (owner.id, squatter.id)


def test_an_email_proven_after_the_phone_s_owner_came_is_bound_to_nothing(
    squatter: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, mine = asked_for("other@example.com", "bind"), asked_for(PHONE, "sign_in")
    came: list[Answer] = []
    during(monkeypatch, profile, "of", lambda: came.append(by_phone(PHONE, mine)))
    answer = squatter.put("/v1/me/email", {"email": "other@example.com", "code": theirs})
    assert said(answer) == (401, "session_revoked")
    assert person(came[0]).id == squatter.id
    assert owners().keys() & {MINE, "other@example.com"} == set()
    assert stored(squatter.id).email is None


def test_a_session_of_before_binds_and_unbinds_nothing_even_before_its_end_was_written(
    squatter: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process was killed in between, or another one believes the session for some seconds more."""
    code = asked_for("other@example.com", "bind")
    with monkeypatch.context() as killed:
        killed.setattr(session_list, "end_all", lambda *_, **__: None)
        sign_in_as_owner()
    assert squatter.get("/v1/me").status == 200
    before = owners()
    for answer in (
        squatter.put("/v1/me/email", {"email": "other@example.com", "code": code}),
        squatter.put("/v1/me/phone", {"phone": PHONE, "code": asked_for(PHONE, "bind")}),
    ):
        assert said(answer) == (401, "session_revoked")
    assert (owners(), stored(squatter.id).phone) == (before, PHONE)
    stream()
    forget_sessions()
    assert said(me(squatter.access_token)) == (401, "session_revoked")


def test_a_session_of_before_takes_no_login_off(squatter: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(session_list, "end_all", lambda *_, **__: None)
        owner = sign_in_as_owner()
        assert prove_email(owner).status == 200
    with nothing_changes():
        assert said(squatter.delete("/v1/me/phone")) == (401, "session_revoked")
    assert owner.delete("/v1/me/phone").status == 200


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_session_opened_while_the_owner_comes_ends_though_it_began_later(
    squatter: Person, shop: Shop, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    code = asked_for(PHONE, "sign_in")
    late: list[Person] = []

    def sign_in_late() -> None:
        shop.clock.advance(seconds=2)
        late.append(person(log_in(MINE)))

    during(monkeypatch, entering, "get", sign_in_late)
    with monkeypatch.context() as killed:
        if is_killed:
            killed.setattr(session_list, "end_all", lambda *_, **__: None)
        owner = person(by_phone(PHONE, code))
    stream()
    forget_sessions()
    assert owner.id == squatter.id
    assert said(me(late[0].access_token)) == said(refresh(late[0].refresh_token)) == (401, "session_revoked")
    assert me(owner.access_token).status == 200


def test_a_password_that_is_being_looked_at_while_the_owner_comes_opens_nothing(
    squatter: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = asked_for(PHONE, "sign_in")
    during(monkeypatch, passwords, "matches", lambda: by_phone(PHONE, code))
    assert said(log_in("squatter", PASSWORD)) == (401, "credentials_invalid")
    (standing,) = [item for item in of_kind("session") if "revoked_at" not in item]
    assert standing["way"]["S"] == "phone"


def test_a_login_that_becomes_proven_while_another_binds_it_is_taken(
    squatter: Person, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove_email(squatter)
    lin, code = shop.customer("Lin"), asked_for(PHONE, "bind")

    def proven() -> None:
        user = stored(squatter.id)
        user.phone_verified_at = shop.clock.now()
        with transaction(system("default")) as tx:
            tx.replace("user", user)

    during(monkeypatch, bindings, "_squatter", proven)
    assert said(lin.put("/v1/me/phone", {"phone": PHONE, "code": code})) == (409, "login_taken")
    assert owners()[PHONE] == squatter.id
