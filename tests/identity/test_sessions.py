"""My sessions: where they are, and ending one from elsewhere."""

import pytest

from chalicelib.identity.service import forget_sessions
from tests.identity.people import log_in, log_out, me, refresh, said
from tests.jobs import of_kind
from tests.shop import Answer, Person, Shop
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def person(answer: Answer) -> Person:
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


def test_a_session_says_how_and_where_it_began(lin: Person, shop: Shop) -> None:
    shop.clock.advance(minutes=5)
    phone = person(log_in(lin.user["email"], ip="198.51.100.20"))
    refresh(phone.refresh_token)
    first, second = phone.get("/v1/auth/sessions").json["data"]
    assert (first["way"], first["is_current"], first["client_ip"]) == ("password", True, "198.51.100.20")
    assert (second["way"], second["is_current"]) == ("register", False)
    assert first["refreshed_at"] == "2036-03-02T01:05:00.000Z"
    assert second["refreshed_at"] is None
    assert set(first) == {
        "id", "way", "is_current", "client_ip", "user_agent", "created_at", "refreshed_at",
    }  # fmt: skip


def test_sessions_that_have_ended_are_not_shown_and_pages_follow_one_another(lin: Person) -> None:
    others = [person(log_in(lin.user["email"])) for _ in range(4)]
    log_out(others[0].refresh_token)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = lin.get("/v1/auth/sessions?limit=3" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [one["id"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 4


def test_a_session_is_ended_from_another_at_once(lin: Person) -> None:
    phone = person(log_in(lin.user["email"]))
    (gone,) = [one["id"] for one in lin.get("/v1/auth/sessions").json["data"] if not one["is_current"]]
    assert lin.delete(f"/v1/auth/sessions/{gone}").status == 204
    assert said(me(phone.access_token)) == (401, "session_revoked")
    assert said(refresh(phone.refresh_token)) == (401, "session_revoked")
    assert me(lin.access_token).status == 200
    with nothing_changes():
        assert said(lin.delete(f"/v1/auth/sessions/{gone}")) == (404, "not_found")


def test_ones_own_session_may_be_ended_too(lin: Person) -> None:
    (mine,) = lin.get("/v1/auth/sessions").json["data"]
    assert lin.delete(f"/v1/auth/sessions/{mine['id']}").status == 204
    assert said(me(lin.access_token)) == (401, "session_revoked")


@pytest.mark.rule("B17")
def test_nobody_ends_anothers_session(lin: Person, shop: Shop) -> None:
    eve = shop.customer("Eve")
    (mine,) = lin.get("/v1/auth/sessions").json["data"]
    with nothing_changes():
        assert said(eve.delete(f"/v1/auth/sessions/{mine['id']}")) == (404, "not_found")
        assert said(eve.delete("/v1/auth/sessions/ses_x")) == (404, "not_found")


def test_all_others_end_and_this_one_stays(lin: Person, shop: Shop) -> None:
    others = [person(log_in(lin.user["email"])) for _ in range(3)]
    wei = shop.customer("Wei")
    assert lin.delete("/v1/auth/sessions").status == 204
    forget_sessions()
    assert [said(me(one.access_token)) for one in others] == [(401, "session_revoked")] * 3
    assert me(lin.access_token).status == me(wei.access_token).status == 200
    assert sum("revoked_at" in item for item in of_kind("session")) == 3
    with nothing_changes():
        assert lin.delete("/v1/auth/sessions").status == 204


def test_a_list_of_sessions_is_one_query(lin: Person) -> None:
    me(lin.access_token)
    with store_calls() as calls:
        lin.get("/v1/auth/sessions")
    assert calls == ["Query"]
