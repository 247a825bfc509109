"""Sessions and accounts under races, on an engine that is atomic under threads."""

from functools import partial

import pytest

from chalicelib.identity import bootstrap, passwords
from tests.identity.people import (
    PHONE,
    asked_for,
    by_phone,
    by_wechat,
    code_sent,
    forgot,
    log_in,
    me,
    refresh,
    register,
    reset,
    said,
    wechat_here,
    wrong,
)
from tests.jobs import of_kind
from tests.races.parallel import at_once
from tests.shop import Person, Shop, configured

WRONG = "not the password"
NEW = "another horse entirely"
pytestmark = pytest.mark.emulator


@pytest.mark.ledger("S0-018")
def test_twenty_refreshes_with_one_token_are_one_exchange_and_all_get_its_answer(live_shop: Shop) -> None:
    lin = live_shop.customer()
    answers = at_once([partial(refresh, lin.refresh_token) for _ in range(20)])
    assert {answer.status for answer in answers} == {200}
    (next_token,) = {answer.json["refresh_token"] for answer in answers}
    (session,) = of_kind("session")
    assert session["generation"]["N"] == "2"
    assert refresh(next_token).status == 200


def test_a_login_registered_by_eight_at_once_has_one_owner(live_shop: Shop) -> None:
    registered = [
        partial(register, email="lin@example.com", username=f"lin{n}", ip=f"198.51.100.{n}") for n in range(8)
    ]
    statuses = sorted(answer.status for answer in at_once(registered))
    assert statuses == [201] + [409] * 7
    bindings = [item["login"]["S"] for item in of_kind("login")]
    assert bindings.count("lin@example.com") == 1
    assert len(bindings) == 3  # the winner's two and the admin's: the losers left nothing


@pytest.mark.ledger("S2-013")
def test_of_two_hundred_wrong_passwords_at_once_five_reach_the_hash(
    live_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = live_shop.customer()
    hashed: list[str] = []
    real = passwords.matches

    def counted(known: str, given: str) -> bool:
        hashed.append(given)
        return real(known, given)

    monkeypatch.setattr(passwords, "matches", counted)
    with configured(SOUK_IP_LIMIT_FACTOR="100"):
        answers = at_once([partial(log_in, lin.user["email"], WRONG)] * 200)
        assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 195
        assert len(hashed) == 5
        assert {answer.headers["retry-after"] for answer in answers if answer.status == 429} == {"30"}
        assert me(lin.access_token).status == 200, "who is signed in stays so"
        live_shop.clock.advance(seconds=30)
        again = at_once([partial(log_in, lin.user["email"], WRONG)] * 50)
        assert sorted(answer.status for answer in again) == [401] + [429] * 49
        live_shop.clock.advance(seconds=60)
        assert log_in(lin.user["email"]).status == 200


def test_tries_at_once_from_many_addresses_are_all_counted(live_shop: Shop) -> None:
    email = live_shop.customer().user["email"]
    spread = [partial(log_in, email, WRONG, ip=f"198.51.{100 + n // 9}.{n % 9 + 2}") for n in range(110)]
    assert sorted(answer.status for answer in at_once(spread)) == [401] * 100 + [429] * 10


@pytest.mark.ledger("S4-047")
def test_sixteen_first_sign_ins_of_one_wechat_account_are_one_person(live_shop: Shop) -> None:
    with wechat_here():
        answers = at_once([partial(by_wechat, "code-lin")] * 16)
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["user"]["id"] for answer in answers}) == 1
    assert len(of_kind("user")) == 2  # the admin, and Lin


@pytest.mark.ledger("S4-048")
def test_a_code_used_by_eight_at_once_opens_one_session(live_shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    answers = at_once([partial(by_phone, PHONE, code)] * 5)
    assert sorted(answer.status for answer in answers) == [200] + [401] * 4
    assert len(of_kind("session")) == 1


def test_a_code_is_tried_five_times_however_many_guess_at_once(live_shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    with configured(SOUK_IP_LIMIT_FACTOR="100"):
        at_once([partial(by_phone, PHONE, wrong(code, n)) for n in range(40)])
        assert said(by_phone(PHONE, code)) == (401, "code_invalid")


def test_a_phone_bound_by_two_at_once_has_one_owner(live_shop: Shop) -> None:
    people = [live_shop.customer("Lin"), live_shop.customer("Wei")]
    with wechat_here():
        answers = at_once(
            [partial(one.put, "/v1/me/phone", {"wechat_code": f"phone-{PHONE}"}) for one in people]
        )
    assert sorted(answer.status for answer in answers) == [200, 409]
    owners = [item["user_id"]["S"] for item in of_kind("user") if item.get("phone", {}).get("S") == PHONE]
    (binding,) = [item for item in of_kind("login") if item["login"]["S"] == PHONE]
    assert owners == [binding["user_id"]["S"]]


def test_of_two_who_prove_two_logins_of_one_account_at_once_one_takes_it(live_shop: Shop) -> None:
    given = register(email="wei@example.com", phone=PHONE).json["user"]["id"]
    theirs = code_sent("wei@example.com", lambda: forgot("wei@example.com"))
    mine = asked_for(PHONE, "sign_in")
    signed_in, was_reset = at_once(
        [partial(by_phone, PHONE, mine), partial(reset, "wei@example.com", theirs, NEW)]
    )
    assert signed_in.status == 200
    owners = {item["login"]["S"]: item["user_id"]["S"] for item in of_kind("login")}
    if was_reset.status == 204:
        assert owners["wei@example.com"] == given != owners[PHONE]
    else:
        assert said(was_reset) == (401, "code_invalid")
        assert owners[PHONE] == given
        assert "wei@example.com" not in owners
    assert owners[PHONE] == signed_in.json["user"]["id"]
    assert me(signed_in.json["access_token"]).status == 200


@pytest.mark.parametrize("_", range(4))
def test_an_account_is_its_squatters_or_its_owners_when_both_prove_a_login_at_once(
    live_shop: Shop, _: int
) -> None:
    made = register(email="wei@example.com", phone=PHONE).json
    squatter = Person(made["user"], made["access_token"], made["refresh_token"])
    theirs, mine = asked_for("wei@example.com", "bind"), asked_for(PHONE, "sign_in")
    body = {"email": "wei@example.com", "code": theirs}
    signed_in, bound = at_once([partial(by_phone, PHONE, mine), partial(squatter.put, "/v1/me/email", body)])
    owners = {item["login"]["S"]: item["user_id"]["S"] for item in of_kind("login")}
    assert signed_in.status == 200
    assert owners[PHONE] == signed_in.json["user"]["id"]
    if bound.status == 200:
        assert owners["wei@example.com"] == squatter.id != owners[PHONE]
    else:
        assert said(bound) == (401, "session_revoked")
        assert owners[PHONE] == squatter.id
        assert "wei@example.com" not in owners
        assert said(log_in("wei@example.com")) == (401, "credentials_invalid")


def test_one_code_of_an_unproven_phone_used_by_five_at_once_moves_it_once(live_shop: Shop) -> None:
    made = register(email="wei@example.com", phone=PHONE).json
    squatter = Person(made["user"], made["access_token"], made["refresh_token"])
    code = asked_for("wei@example.com", "bind")
    assert squatter.put("/v1/me/email", {"email": "wei@example.com", "code": code}).status == 200
    answers = at_once([partial(by_phone, PHONE, asked_for(PHONE, "sign_in"))] * 5)
    assert sorted(answer.status for answer in answers) == [200] + [401] * 4
    assert len(of_kind("user")) == 3  # the admin, the squatter, the owner
    assert len(of_kind("session")) == 2


def test_two_first_starts_at_once_make_one_admin(live_table: None) -> None:
    at_once([bootstrap.ensure_first_admin] * 4)
    assert len(of_kind("user")) == len(of_kind("login")) == len(of_kind("tenant")) == 1
