"""Refresh tokens: each is good once, one that comes again was stolen, a lost answer is not a theft."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import ids
from chalicelib.core.context import Context
from chalicelib.identity import refresh_tokens, signing_in
from chalicelib.identity.refresh_tokens import RefreshInvalid
from chalicelib.identity.service import forget_sessions
from chalicelib.store.meter import metering
from tests.faults import answering, losing_answers
from tests.identity.people import forged, log_in, log_out, me, refresh, register, said
from tests.jobs import of_kind
from tests.shop import Person, Shop, configured, send
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


@pytest.mark.ledger("S0-018", "S4-049")
def test_a_refresh_answers_new_tokens_and_the_old_one_is_spent(lin: Person, shop: Shop) -> None:
    answer = refresh(lin.refresh_token)
    assert answer.status == 200
    assert answer.json["expires_in"] == 900
    assert answer.json["refresh_token"] != lin.refresh_token
    assert answer.json["access_token"] != lin.access_token
    assert me(answer.json["access_token"]).json["id"] == lin.id


@pytest.mark.ledger("S0-018")
def test_twenty_refreshes_in_a_row_keep_one_session(lin: Person, shop: Shop) -> None:
    token = lin.refresh_token
    for _ in range(20):
        shop.clock.advance(minutes=20)
        answer = refresh(token)
        assert answer.status == 200
        token = answer.json["refresh_token"]
    assert me(answer.json["access_token"]).status == 200
    (session,) = of_kind("session")
    assert session["generation"]["N"] == "21"


@pytest.mark.ledger("S0-018")
def test_a_token_that_comes_again_ends_the_whole_family(lin: Person, shop: Shop) -> None:
    second = refresh(lin.refresh_token).json
    third = refresh(second["refresh_token"]).json
    assert said(refresh(lin.refresh_token)) == (401, "refresh_reused")
    assert said(refresh(third["refresh_token"])) == (401, "session_revoked")
    for access_token in (lin.access_token, second["access_token"], third["access_token"]):
        assert said(me(access_token)) == (401, "session_revoked")
    assert log_in(lin.user["email"]).status == 200


@pytest.mark.ledger("S0-018")
def test_a_lost_answer_or_a_second_tab_within_ten_seconds_gets_the_same_token(
    lin: Person, shop: Shop
) -> None:
    second = refresh(lin.refresh_token).json
    shop.clock.advance(seconds=10)
    with nothing_changes():
        repeated = refresh(lin.refresh_token)
    assert repeated.json["refresh_token"] == second["refresh_token"]
    assert me(repeated.json["access_token"]).status == 200
    assert refresh(second["refresh_token"]).status == 200


def test_a_token_two_exchanges_old_is_no_lost_answer_however_fresh(lin: Person, shop: Shop) -> None:
    refresh(refresh(lin.refresh_token).json["refresh_token"])
    assert said(refresh(lin.refresh_token)) == (401, "refresh_reused")


def test_a_lost_answer_does_not_revive_a_session_that_ended(lin: Person, shop: Shop) -> None:
    second = refresh(lin.refresh_token).json
    log_out(second["refresh_token"])
    with nothing_changes():
        assert said(refresh(lin.refresh_token)) == (401, "session_revoked")


def test_a_thief_who_repeats_an_exchange_in_time_is_found_out_at_the_next(lin: Person, shop: Shop) -> None:
    """Both hold the same token now: the second of them to use it, a while later, shows that there are two."""
    mine = refresh(lin.refresh_token).json["refresh_token"]
    stolen = refresh(lin.refresh_token).json["refresh_token"]
    shop.clock.advance(minutes=14)
    thiefs = refresh(stolen).json["refresh_token"]
    shop.clock.advance(seconds=11)
    assert said(refresh(mine)) == (401, "refresh_reused")
    assert said(refresh(thiefs)) == (401, "session_revoked")


def test_a_lost_answer_across_a_change_of_keys_ends_nothing(lin: Person, shop: Shop) -> None:
    second = refresh(lin.refresh_token).json["refresh_token"]
    with configured(SOUK_JWT_KEYS="t2:" + "n" * 40 + ",t1:" + "k" * 40):
        with nothing_changes():
            assert said(refresh(lin.refresh_token)) == (401, "refresh_superseded")
        assert refresh(second).status == 200


def test_the_next_token_cannot_be_told_without_our_key(lin: Person) -> None:
    token = refresh_tokens.read(lin.refresh_token)
    ours = token.renewed()
    with configured(SOUK_JWT_KEYS="t2:" + "n" * 40):
        assert token.renewed().secret != ours.secret
    assert token.renewed() == ours


def test_the_same_replay_a_moment_later_is_reuse(lin: Person, shop: Shop) -> None:
    second = refresh(lin.refresh_token).json
    shop.clock.advance(seconds=10.001)
    assert said(refresh(lin.refresh_token)) == (401, "refresh_reused")
    assert said(refresh(second["refresh_token"])) == (401, "session_revoked")


def test_a_reuse_ends_one_session_and_no_other(lin: Person, shop: Shop) -> None:
    phone = log_in(lin.user["email"]).json
    refresh(refresh(lin.refresh_token).json["refresh_token"])
    assert said(refresh(lin.refresh_token)) == (401, "refresh_reused")
    assert refresh(phone["refresh_token"]).status == 200


def test_a_refresh_is_one_store_call(lin: Person) -> None:
    with store_calls() as calls:
        answer = refresh(lin.refresh_token)
    assert calls == ["UpdateItem"]
    with metering() as meter:
        signing_in.refresh(Context(tenant="default"), refresh_tokens.read(answer.json["refresh_token"]))
    assert meter.calls == 1


def test_thirty_days_without_a_refresh_end_a_session(lin: Person, shop: Shop) -> None:
    shop.clock.advance(days=29)
    token = refresh(lin.refresh_token).json["refresh_token"]
    shop.clock.advance(days=29, hours=23)
    token = refresh(token).json["refresh_token"]
    shop.clock.advance(days=30)
    with nothing_changes():  # the item may lie there for days: it does not count
        assert said(refresh(token)) == (401, "refresh_invalid")


def test_a_refresh_works_beside_an_expired_access_token(lin: Person, shop: Shop) -> None:
    shop.clock.advance(hours=1)
    answer = send("POST", "/v1/auth/refresh", {"refresh_token": lin.refresh_token}, token=lin.access_token)
    assert answer.status == 200


def test_a_refresh_whose_answer_was_lost_between_us_and_the_table_succeeds(lin: Person) -> None:
    with losing_answers("UpdateItem", times=1) as sent:
        answer = refresh(lin.refresh_token)
    assert answer.status == 200
    assert sent.calls == 2
    assert refresh(answer.json["refresh_token"]).status == 200


@pytest.mark.parametrize("code", ["TransactionConflictException", "ThrottlingException"])
def test_a_busy_table_is_asked_again(lin: Person, code: str) -> None:
    with answering("UpdateItem", code, times=2):
        assert refresh(lin.refresh_token).status == 200


def changed(token: str, **parts: str) -> str:
    known = refresh_tokens.read(token)
    return refresh_tokens.RefreshToken(
        **{name: parts.get(name, getattr(known, name)) for name in known.__slots__}
    ).text


@pytest.mark.parametrize(
    "part",
    [
        {"tenant": "other"},
        {"tenant": "def#ault"},
        {"tenant": "../.."},
        {"user_id": "usr_01KJ0000000000000000000000"},
        {"user_id": "usr_01KJ0000000000000000000000#SESSION"},
        {"session_id": "ses_01KJ0000000000000000000000"},
        {"session_id": "#"},
        {"secret": ""},
        {"secret": "x" * 64},
    ],
)
def test_a_token_that_names_another_place_is_invalid(lin: Person, part: dict[str, str]) -> None:
    with nothing_changes():
        assert said(refresh(changed(lin.refresh_token, **part))) == (401, "refresh_invalid")
    assert refresh(lin.refresh_token).status == 200


@pytest.mark.parametrize(
    "garbage",
    ["", "x", "….", "a.b.c.d", "null", "=" * 10, "A" * 401, "\u0000", "%00", "ZGVmYXVsdA", "é" * 20],
)
def test_garbage_is_invalid_and_costs_no_store_call(shop: Shop, garbage: str) -> None:
    with store_calls() as calls:
        assert said(refresh(garbage)) == (401, "refresh_invalid")
    assert calls == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"refresh_token": None},
        {"refresh_token": 7},
        {"refresh_token": "x" * 2001},
        {"refresh_token": "x", "scope": "admin"},
    ],
)
def test_a_body_of_the_wrong_form_is_refused(shop: Shop, body: dict[str, object]) -> None:
    assert send("POST", "/v1/auth/refresh", body).status == 422


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(lin: Person) -> None:
    assert said(refresh(lin.access_token)) == (401, "refresh_invalid")
    assert said(me(lin.refresh_token)) == (401, "token_malformed")


def test_roles_taken_from_the_session_reach_the_next_access_token(shop: Shop) -> None:
    token = refresh(shop.admin.refresh_token).json["access_token"]
    forget_sessions()
    assert send("GET", "/v1/me", token=token, headers={"x-debug-cost": "1"}).headers["x-cost"]


def test_a_forged_staff_claim_gives_nothing_without_our_key(lin: Person) -> None:
    assert said(me(forged(lin.access_token, key=b"x" * 40, staff=True))) == (401, "token_signature")


@given(st.text(max_size=500))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        token = refresh_tokens.read(text)
    except RefreshInvalid:
        return
    assert refresh_tokens.read(token.text) == token


def test_a_token_survives_its_own_spelling_and_is_bounded() -> None:
    from datetime import UTC, datetime

    at = datetime(2036, 3, 2, tzinfo=UTC)
    token = refresh_tokens.issue("t" * 40, ids.new_id("usr", at), ids.new_id("ses", at))
    assert refresh_tokens.read(token.text) == token
    assert len(token.text) < 400
    assert token.renewed().secret != token.secret


def test_registering_opens_a_session_like_any_other(shop: Shop) -> None:
    assert refresh(register(username="lin").json["refresh_token"]).status == 200
