"""A password forgotten, reset, changed."""

from typing import Any

import pytest

from chalicelib.identity import session_list
from chalicelib.identity.entities import User, user_ref
from chalicelib.identity.service import forget_sessions
from chalicelib.store import update
from tests.identity import people
from tests.identity.people import (
    PASSWORD,
    PHONE,
    asked_for,
    by_phone,
    code_sent,
    forgot,
    log_in,
    me,
    refresh,
    register,
    said,
    wrong,
)
from tests.jobs import of_kind, stream
from tests.shop import Answer, Person, Shop, configured, send
from tests.unchanged import nothing_changes

NEW = "another horse entirely"


def reset(login: str, code: str, password: str = NEW) -> Answer:
    return people.reset(login, code, password)


def forgotten(login: str, to: str) -> str:
    return code_sent(to, lambda: forgot(login))


@pytest.fixture
def lin(shop: Shop) -> Person:
    made = register(email="lin@example.com", phone=PHONE, username="lin").json
    return Person(made["user"], made["access_token"], made["refresh_token"])


@pytest.mark.ledger("S4-050", "S2-013")
@pytest.mark.parametrize(
    ("login", "to"), [("lin@example.com", "lin@example.com"), (PHONE, PHONE), ("Lin ", PHONE)]
)
def test_a_forgotten_password_is_set_anew_by_a_code_and_every_session_ends(
    lin: Person, login: str, to: str
) -> None:
    code = forgotten(login, to)
    answer = reset(login, code)
    assert (answer.status, answer.text) == (204, "")
    assert said(log_in("lin")) == (401, "credentials_invalid")
    assert log_in("lin", NEW).status == 200
    assert said(me(lin.access_token)) == (401, "session_revoked")
    assert said(refresh(lin.refresh_token)) == (401, "session_revoked")
    assert said(reset(login, code, PASSWORD)) == (401, "code_invalid")


def test_a_username_leads_to_the_mailbox_where_there_is_no_phone_or_no_text_messages(shop: Shop) -> None:
    register(email="wei@example.com", username="wei")
    assert forgotten("wei", "wei@example.com")
    register(email="lu@example.com", phone=PHONE, username="lulu")
    with configured(SOUK_SMS="", SOUK_MAIL="sandbox"):
        assert forgot("lulu").status == 202
    register(username="nowhere")
    assert forgot("nowhere").status == 202
    stream()
    assert {item["to"]["S"] for item in of_kind("sandbox_letter")} >= {"wei@example.com"}


@pytest.mark.parametrize("login", ["nobody", "nobody@example.com", "#", "🙂"])
def test_who_has_no_account_learns_nothing_and_gets_nothing(shop: Shop, login: str) -> None:
    assert (forgot(login).status, forgot("lin2").status) == (202, 202)
    stream()
    assert of_kind("sandbox_letter") == []
    assert said(reset(login, "123456")) == (401, "code_invalid")


def test_a_code_for_a_login_that_went_meanwhile_sets_no_password(lin: Person) -> None:
    code = forgotten(PHONE, PHONE)
    assert lin.delete("/v1/me/phone").status == 200
    assert said(reset(PHONE, code)) == (401, "code_invalid")
    assert log_in("lin").status == 200


def test_a_wrong_code_sets_nothing(lin: Person) -> None:
    code = forgotten("lin", PHONE)
    assert said(reset("lin", wrong(code))) == (401, "code_invalid")
    assert log_in("lin").status == 200
    assert me(lin.access_token).status == 200


@pytest.mark.ledger("S2-013")
@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("password2024!", "password_common"),
        ("efghijklm123", "password_sequence"),
        ("lkjhgfdsa321", "password_sequence"),
        ("zyxwvutsrq", "password_sequence"),
        ("ababababab", "password_sequence"),
        ("lin@example.com", "password_is_login"),
    ],
)
def test_a_weak_password_is_refused_with_the_policy_and_the_code_stays_good(
    lin: Person, password: str, code: str
) -> None:
    sent = forgotten("lin@example.com", "lin@example.com")
    with nothing_changes():
        answer = reset("lin@example.com", sent, password)
    assert said(answer) == (422, "password_weak")
    assert [(error["field"], error["code"]) for error in answer.json["errors"]] == [("new_password", code)]
    assert answer.json["password_policy"] == {"shortest": 8, "longest": 128, "fewest_different": 4}
    assert reset("lin@example.com", sent).status == 204


def test_a_disabled_account_is_not_opened_by_a_reset(lin: Person) -> None:
    update(User, user_ref("default", lin.id), set={"status": "disabled"})
    code = forgotten("lin", PHONE)
    assert said(reset("lin", code)) == (403, "account_disabled")


def test_who_reset_a_password_need_not_wait_for_the_wrong_ones_before(lin: Person) -> None:
    for _ in range(5):
        log_in(PHONE, "not the password")
    assert log_in(PHONE).status == 429
    assert reset(PHONE, forgotten(PHONE, PHONE)).status == 204
    assert log_in(PHONE, NEW).status == 200


def test_a_reset_killed_before_the_sessions_ended_has_them_ended_by_its_event(
    lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = forgotten("lin", PHONE)
    with monkeypatch.context() as killed:
        killed.setattr(session_list, "end_all", lambda *_, **__: None)
        reset("lin", code)
    assert refresh(lin.refresh_token).status == 200
    later = log_in("lin", NEW).json
    stream()
    forget_sessions()
    assert said(me(lin.access_token)) == (401, "session_revoked")
    assert said(me(later["access_token"])) == (401, "session_revoked"), "it began in the same instant"


def change(person: Person, current: str = PASSWORD, password: str = NEW) -> Answer:
    body = {"current_password": current, "new_password": password}
    return send("POST", "/v1/auth/password/change", body, token=person.access_token)


@pytest.mark.ledger("S2-013")
def test_a_changed_password_ends_every_other_session(lin: Person) -> None:
    phone = log_in("lin").json
    assert change(lin).status == 204
    assert me(lin.access_token).status == 200
    assert said(me(phone["access_token"])) == (401, "session_revoked")
    assert said(log_in("lin")) == (401, "credentials_invalid")
    assert log_in("lin", NEW).status == 200


def test_a_session_that_begins_after_the_change_outlives_its_event(lin: Person, shop: Shop) -> None:
    change(lin)
    shop.clock.advance(seconds=1)
    later = log_in("lin", NEW).json
    stream(times=2)
    forget_sessions()
    assert me(later["access_token"]).status == 200
    assert me(lin.access_token).status == 200


def test_the_current_password_is_asked_for_and_cannot_be_guessed(lin: Person, shop: Shop) -> None:
    with nothing_changes():
        for _ in range(5):
            assert said(change(lin, "not the password")) == (403, "password_wrong")
        assert said(change(lin)) == (429, "rate_limited")
    shop.clock.advance(seconds=30)
    assert change(lin).status == 204


def test_who_has_no_password_sets_one_by_a_code(shop: Shop) -> None:
    made = by_phone(PHONE, asked_for(PHONE, "sign_in")).json
    person = Person(made["user"], made["access_token"], made["refresh_token"])
    assert said(change(person, "anything at all")) == (403, "password_wrong")
    assert reset(PHONE, forgotten(PHONE, PHONE)).status == 204
    assert log_in(PHONE, NEW).status == 200


def test_a_weak_new_password_is_named_before_the_current_one_is_looked_at(lin: Person) -> None:
    with nothing_changes():
        assert said(change(lin, "not the password", PHONE)) == (422, "password_weak")


def test_a_password_changed_twice_at_once_is_changed_once(
    lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.identity import proving

    def twin(ctx: Any, user: User, given: str) -> None:
        update(User, user.ref, set={"password_hash": "of the twin"})

    monkeypatch.setattr(proving, "by_password", twin)
    assert said(change(lin)) == (403, "password_wrong")
