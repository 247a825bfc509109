"""Codes: asked for, sent, good once."""

import logging
from typing import Any

import pytest

from chalicelib.core import log
from chalicelib.core.context import system
from chalicelib.identity import codes
from chalicelib.store import Event
from tests.faults import losing_answers
from tests.identity.people import (
    PHONE,
    ask_for_code,
    asked_for,
    by_phone,
    outbox,
    register,
    said,
    wrong,
)
from tests.jobs import every_item, of_kind, stream
from tests.shop import Shop, configured, send
from tests.unchanged import nothing_changes, store_calls


@pytest.mark.ledger("S4-048")
def test_a_code_comes_by_text_message_and_says_how_long_it_is_good(shop: Shop) -> None:
    answer = ask_for_code(PHONE, "sign_in")
    assert (answer.status, answer.json) == (202, {"expires_in": 300, "retry_after": 60})
    (letter,) = outbox(PHONE)
    assert letter["to"] == PHONE
    assert len(letter["code"]) == 6
    assert letter["text"].startswith(f"{letter['code']} is your code to sign in.")


def test_a_letter_speaks_the_language_of_who_asked(shop: Shop) -> None:
    ask_for_code("lin@example.com", "bind", headers={"accept-language": "zh-CN"})
    (letter,) = outbox("lin@example.com")
    assert letter["title"] == f"您的验证码：{letter['code']}"
    assert "用于绑定账号，5 分钟内有效" in letter["text"]


def test_the_answer_and_its_cost_are_the_same_for_who_has_an_account_and_who_has_none(shop: Shop) -> None:
    register(phone=PHONE)
    with store_calls() as for_somebody:
        known = send("POST", "/v1/auth/password/forgot", {"login": PHONE})
    with store_calls() as for_nobody:
        unknown = send("POST", "/v1/auth/password/forgot", {"login": "13900000000"})
    assert (known.status, known.json) == (unknown.status, unknown.json)
    assert for_somebody == for_nobody
    assert len(outbox(PHONE)) == 1
    assert outbox("13900000000") == [], "nobody is told of an account they do not have"


def test_the_code_is_nowhere_in_clear_and_sealed_only_until_it_was_sent(shop: Shop) -> None:
    ask_for_code(PHONE, "sign_in")
    (waiting,) = of_kind("code")
    assert "sealed" in waiting
    (event,) = of_kind("event")
    assert event["data"]["M"] == {"address": {"S": PHONE}}
    code = outbox(PHONE)[0]["code"]
    (sent,) = of_kind("code")
    assert "sealed" not in sent
    assert code not in str([item for item in every_item() if item["kind"]["S"] != "sandbox_letter"])


def test_no_log_line_holds_a_code(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("souk")
    logger.setLevel(logging.DEBUG)
    logger.propagate = True
    try:
        code = asked_for(PHONE, "sign_in")
        by_phone(PHONE, wrong(code))
        by_phone(PHONE, code)
    finally:
        log.set_up("ERROR")
    assert len(caplog.messages) > 5
    assert code not in "".join(caplog.messages)


@pytest.mark.ledger("S4-048")
def test_a_code_is_good_once(shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    assert by_phone(PHONE, code).status == 200
    with nothing_changes():
        assert said(by_phone(PHONE, code)) == (401, "code_invalid")


def test_a_code_is_good_for_five_minutes(shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    shop.clock.advance(minutes=5)
    assert said(by_phone(PHONE, code)) == (401, "code_invalid")
    assert len(of_kind("user")) == 1, "the admin alone"


def test_a_code_is_tried_five_times(shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    for n in range(5):
        assert said(by_phone(PHONE, wrong(code, n))) == (401, "code_invalid")
    assert said(by_phone(PHONE, code)) == (401, "code_invalid")


def test_a_right_code_survives_four_wrong_ones(shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    for n in range(4):
        by_phone(PHONE, wrong(code, n))
    assert by_phone(PHONE, code).status == 200


def test_a_try_whose_answer_was_lost_five_times_over_is_still_looked_at(shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    with losing_answers("UpdateItem", times=3):
        assert by_phone(PHONE, code).status == 200


@pytest.mark.parametrize("purpose", ["bind", "reset", "confirm"])
def test_a_code_for_something_else_does_not_sign_in(shop: Shop, purpose: str) -> None:
    register(phone=PHONE)
    code = asked_for(PHONE, purpose)
    assert said(by_phone(PHONE, code)) == (401, "code_invalid")


def test_a_code_of_one_phone_is_none_of_another(shop: Shop) -> None:
    code = asked_for(PHONE, "sign_in")
    other = asked_for("13900000000", "sign_in")
    assert said(by_phone("13900000000", code if code != other else wrong(code))) == (401, "code_invalid")
    assert by_phone(PHONE, code).status == 200


def test_another_code_may_be_asked_for_after_a_minute_and_takes_the_firsts_place(shop: Shop) -> None:
    first = asked_for(PHONE, "sign_in")
    shop.clock.advance(seconds=45)
    with nothing_changes():
        answer = ask_for_code(PHONE, "sign_in")
    assert said(answer) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "15"
    shop.clock.advance(seconds=15)
    second = asked_for(PHONE, "sign_in")
    if first != second:
        assert said(by_phone(PHONE, first)) == (401, "code_invalid")
    assert by_phone(PHONE, second).status == 200


def test_a_code_that_was_used_holds_up_no_other(shop: Shop) -> None:
    by_phone(PHONE, asked_for(PHONE, "sign_in"))
    assert ask_for_code(PHONE, "reset").status == 202


def test_an_address_gets_five_codes_an_hour(shop: Shop) -> None:
    for _ in range(5):
        assert ask_for_code(PHONE, "sign_in").status == 202
        shop.clock.advance(minutes=1)
    assert said(ask_for_code(PHONE, "sign_in")) == (429, "rate_limited")
    assert ask_for_code("13900000000", "sign_in").status == 202


def test_asking_too_soon_does_not_use_up_the_hour(shop: Shop) -> None:
    for _ in range(10):
        ask_for_code(PHONE, "sign_in")
    shop.clock.advance(minutes=1)
    assert ask_for_code(PHONE, "sign_in").status == 202


def test_one_place_asks_for_twenty_codes_an_hour(shop: Shop) -> None:
    statuses = [ask_for_code(f"139000000{n:02d}", "sign_in").status for n in range(21)]
    assert statuses == [202] * 20 + [429]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "purpose", "missing"),
        ({"purpose": "sign_in"}, "phone", "login_missing"),
        ({"phone": PHONE, "email": "a@example.com", "purpose": "bind"}, "phone", "login_missing"),
        ({"phone": "x", "purpose": "sign_in"}, "phone", "phone_invalid"),
        ({"email": "x", "purpose": "bind"}, "email", "email_invalid"),
        ({"email": "a@example.com", "purpose": "sign_in"}, "email", "phone_needed"),
        ({"phone": PHONE, "purpose": "else"}, "purpose", "literal_error"),
        ({"phone": PHONE, "purpose": "bind", "code": "000000"}, "code", "extra_forbidden"),
    ],
)
def test_what_will_not_do_is_named(shop: Shop, body: dict[str, Any], field: str, code: str) -> None:
    with nothing_changes():
        answer = send("POST", "/v1/auth/sms-codes", body)
    assert answer.status == 422
    assert (answer.json["errors"][0]["field"], answer.json["errors"][0]["code"]) == (field, code)


def test_a_stage_without_a_channel_says_so_and_stores_nothing(shop: Shop) -> None:
    with configured(SOUK_SANDBOX="off"), nothing_changes():
        for answer in (ask_for_code(PHONE, "sign_in"), ask_for_code("lin@example.com", "bind")):
            assert said(answer) == (503, "channel_missing")
            assert answer.headers["retry-after"]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\n"])
def test_what_is_no_code_is_not_even_tried(shop: Shop, code: str) -> None:
    asked_for(PHONE, "sign_in")
    with nothing_changes():
        assert by_phone(PHONE, code).status == 422


def test_an_event_that_comes_twice_sends_one_letter(shop: Shop) -> None:
    ask_for_code(PHONE, "sign_in")
    stream(times=3)
    assert len(of_kind("sandbox_letter")) == 1


def test_a_code_that_has_expired_is_not_sent_any_more(shop: Shop) -> None:
    ask_for_code(PHONE, "sign_in")
    shop.clock.advance(minutes=6)
    assert outbox(PHONE) == []


def test_an_event_of_a_code_that_is_gone_sends_nothing(shop: Shop) -> None:
    event = Event(
        tenant="default",
        event_id="evt_x",
        name=codes.EVENT,
        occurred_at=shop.clock.now(),
        data={"address": "nobody"},
    )
    assert codes.to_send(system("default"), event) is None
