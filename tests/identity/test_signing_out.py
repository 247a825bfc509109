"""Signing out: here at once, elsewhere within five seconds."""

import pytest

from chalicelib.identity import session_memory
from chalicelib.identity.service import forget_sessions
from tests.faults import losing_answers
from tests.identity.people import log_in, log_out, me, refresh, said
from tests.jobs import of_kind
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


@pytest.mark.ledger("S0-017", "S4-049")
def test_signing_out_stops_both_tokens_at_once(lin: Person) -> None:
    assert me(lin.access_token).status == 200
    answer = log_out(lin.refresh_token)
    assert (answer.status, answer.text) == (204, "")
    assert said(me(lin.access_token)) == (401, "session_revoked")
    assert said(refresh(lin.refresh_token)) == (401, "session_revoked")


def test_another_process_notices_within_five_seconds(
    lin: Person, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert me(lin.access_token).status == 200
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(session_memory, "ended", lambda *_: None)
        log_out(lin.refresh_token)
    shop.clock.advance(seconds=4.9)
    assert me(lin.access_token).status == 200
    shop.clock.advance(seconds=0.1)
    assert said(me(lin.access_token)) == (401, "session_revoked")


def test_a_process_that_never_saw_the_session_asks_the_table(lin: Person) -> None:
    log_out(lin.refresh_token)
    forget_sessions()
    assert said(me(lin.access_token)) == (401, "session_revoked")


def test_a_read_that_was_under_way_does_not_revive_a_session(lin: Person, shop: Shop) -> None:
    log_out(lin.refresh_token)
    (session,) = session_memory._seen
    session_memory.stands(session, shop.clock.now(), frozenset())
    assert said(me(lin.access_token)) == (401, "session_revoked")


def test_signing_out_twice_is_as_good_as_once(lin: Person) -> None:
    log_out(lin.refresh_token)
    with nothing_changes():
        assert log_out(lin.refresh_token).status == 204


def test_a_token_that_was_exchanged_still_signs_out(lin: Person) -> None:
    latest = refresh(lin.refresh_token).json
    assert log_out(lin.refresh_token).status == 204
    assert said(refresh(latest["refresh_token"])) == (401, "session_revoked")


def test_signing_out_ends_one_session_and_no_other(lin: Person) -> None:
    phone = log_in(lin.user["email"]).json
    log_out(lin.refresh_token)
    assert me(phone["access_token"]).status == 200


def test_signing_out_is_one_store_call_and_a_lost_answer_does_not_matter(lin: Person) -> None:
    with losing_answers("UpdateItem", times=1), store_calls() as calls:
        assert log_out(lin.refresh_token).status == 204
    assert calls == ["UpdateItem", "UpdateItem"]
    assert said(me(lin.access_token)) == (401, "session_revoked")


def test_signing_out_of_a_session_that_is_not_there_makes_none(lin: Person) -> None:
    from chalicelib.identity import refresh_tokens

    gone = refresh_tokens.issue("default", lin.id, "ses_01KJ0000000000000000000000")
    with nothing_changes():
        assert log_out(gone.text).status == 204
    assert len(of_kind("session")) == 1


@pytest.mark.parametrize("garbage", ["", "x", "a#b", "é", "A" * 500])
def test_garbage_signs_nobody_out(lin: Person, garbage: str) -> None:
    with nothing_changes():
        assert said(log_out(garbage)) == (401, "refresh_invalid")
    assert me(lin.access_token).status == 200


def test_unknown_fields_are_refused(lin: Person) -> None:
    body = {"refresh_token": lin.refresh_token, "everywhere": True}
    with nothing_changes():
        assert send("POST", "/v1/auth/logout", body).status == 422
