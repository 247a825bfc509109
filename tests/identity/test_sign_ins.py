"""The record of sign-ins."""

import pytest

from chalicelib.core.context import system
from chalicelib.identity import sign_ins
from tests.faults import answering
from tests.identity.people import PHONE, asked_for, by_phone, log_in, register, said, wrong
from tests.jobs import of_kind
from tests.shop import Person, Shop
from tests.unchanged import store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    made = register(username="lin", phone=PHONE).json
    return Person(made["user"], made["access_token"], made["refresh_token"])


def test_each_sign_in_and_each_that_failed_is_shown_newest_first(lin: Person, shop: Shop) -> None:
    for password in ("not the password", "correct horse battery"):
        shop.clock.advance(seconds=1)
        log_in("lin", password, ip="198.51.100.4")
    shop.clock.advance(seconds=1)
    by_phone(PHONE, wrong(asked_for(PHONE, "sign_in")))
    shown = lin.get("/v1/me/sign-ins").json["data"]
    assert [(one["way"], one["outcome"]) for one in shown] == [
        ("phone", "code_invalid"),
        ("password", "signed_in"),
        ("password", "credentials_invalid"),
        ("register", "signed_in"),
    ]
    assert shown[1]["client_ip"] == "198.51.100.4"
    assert set(shown[0]) == {"id", "at", "way", "outcome", "client_ip", "user_agent"}


def test_pages_follow_one_another_and_each_is_one_query(lin: Person) -> None:
    for _ in range(3):
        log_in("lin")
    with store_calls() as calls:
        first = lin.get("/v1/me/sign-ins?limit=3").json
    assert calls == ["Query"]
    rest = lin.get(f"/v1/me/sign-ins?limit=3&cursor={first['next_cursor']}").json
    assert (len(first["data"]), len(rest["data"]), rest["next_cursor"]) == (3, 1, None)


@pytest.mark.rule("B17")
def test_nobody_sees_anothers(lin: Person, shop: Shop) -> None:
    assert len(shop.customer("Eve").get("/v1/me/sign-ins").json["data"]) == 1


def test_they_go_by_themselves_those_of_nobody_sooner(lin: Person, shop: Shop) -> None:
    log_in("who", "not the password")
    kept = {item["user_id"]["S"][:6]: int(item["ttl"]["N"]) for item in of_kind("sign_in")}
    now = int(shop.clock.now().timestamp())
    assert kept["nobody"] == now + 7 * 86400
    assert kept[lin.id[:6]] == now + 180 * 86400
    assert "who" not in str(of_kind("sign_in"))


def test_staff_pages_ask_for_a_person(lin: Person) -> None:
    page = sign_ins.of_user(system("default"), lin.id, limit=10, cursor=None)
    assert [one.outcome for one in page.data] == ["signed_in"]


def test_a_record_that_cannot_be_written_keeps_nobody_waiting_for_an_answer(
    lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.store import transactions

    monkeypatch.setattr(transactions, "BUDGET_SECONDS", 0.0)
    with answering("TransactWriteItems", "ThrottlingException", times=50):
        assert said(log_in("lin", "not the password")) == (401, "credentials_invalid")
