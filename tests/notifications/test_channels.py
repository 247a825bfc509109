"""The channels by which a code leaves: the sandbox, Amazon SNS, Amazon SES."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core.settings import Misconfigured, read
from chalicelib.notifications.channels import mail_ses, sms_sns
from chalicelib.store.outbox import BACK_OFF
from tests.identity.people import PHONE, ask_for_code, by_phone, outbox, said
from tests.jobs import of_kind, stream, tick
from tests.shop import Shop, configured, send


class Wire:
    """An AWS client that writes down what it is asked to send, and refuses while it is down."""

    def __init__(self) -> None:
        self.down = False
        self.sent: list[dict[str, Any]] = []

    def publish(self, **what: Any) -> None:
        if self.down:
            raise RuntimeError("Throttling")
        self.sent.append(what)

    send_email = publish


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    wire = Wire()
    monkeypatch.setattr(sms_sns, "_client", lambda: wire)
    monkeypatch.setattr(mail_ses, "_client", lambda: wire)
    with configured(SOUK_SMS="sns", SOUK_MAIL="ses", SOUK_MAIL_FROM="shop@example.com"):
        yield wire


def test_a_text_message_leaves_through_sns_with_the_country_in_front(shop: Shop, wire: Wire) -> None:
    ask_for_code(PHONE, "sign_in")
    ask_for_code("+491701234567", "sign_in")
    stream()
    assert {sent["PhoneNumber"] for sent in wire.sent} == {f"+86{PHONE}", "+491701234567"}
    code = wire.sent[0]["Message"][:6]
    assert by_phone(PHONE, code).status == 200 or by_phone("+491701234567", code).status == 200


def test_a_mail_leaves_through_ses(shop: Shop, wire: Wire) -> None:
    ask_for_code("lin@example.com", "bind")
    stream()
    (sent,) = wire.sent
    assert sent["FromEmailAddress"] == "shop@example.com"
    assert sent["Destination"] == {"ToAddresses": ["lin@example.com"]}
    assert "is your code to bind" in sent["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_a_channel_that_fails_is_tried_again_with_the_same_code(shop: Shop, wire: Wire) -> None:
    wire.down = True
    ask_for_code(PHONE, "sign_in")
    stream()
    (code,) = of_kind("code")
    assert "sealed" in code
    wire.down = False
    shop.clock.advance(seconds=BACK_OFF[0].total_seconds())
    tick()
    (sent,) = wire.sent
    assert by_phone(PHONE, sent["Message"][:6]).status == 200


def test_a_mail_without_a_sender_is_a_fault_of_the_stage(shop: Shop, wire: Wire) -> None:
    with configured(SOUK_MAIL_FROM=""):
        ask_for_code("lin@example.com", "bind")
        stream()
    (event,) = of_kind("event")
    assert "SOUK_MAIL_FROM" in event["last_error"]["S"]


def test_a_code_for_a_channel_that_went_meanwhile_is_dropped(shop: Shop) -> None:
    ask_for_code(PHONE, "sign_in")
    with configured(SOUK_SANDBOX="off"):
        stream()
    assert of_kind("event") == of_kind("sandbox_letter") == []


@pytest.mark.parametrize("module", [sms_sns, mail_ses])
def test_a_client_of_aws_is_made_on_first_use_and_once(module: Any) -> None:
    assert module._client() is module._client()


def test_the_outbox_is_shown_where_messages_stay_and_nowhere_else(shop: Shop) -> None:
    ask_for_code(PHONE, "sign_in")
    assert len(outbox(PHONE)) == 1
    with configured(SOUK_SANDBOX="off"):
        assert said(send("GET", "/v1/sandbox/outbox")) == (404, "not_found")
    with configured(SOUK_STAGE="prod"):
        assert said(send("GET", "/v1/sandbox/outbox")) == (404, "not_found")


def test_the_outbox_is_newest_first_by_address_and_by_page(shop: Shop) -> None:
    for phone in (PHONE, "+491701234567", "13900000000"):
        ask_for_code(phone, "sign_in")
        shop.clock.advance(seconds=1)
    stream()
    first = send("GET", "/v1/sandbox/outbox?limit=2").json
    rest = send("GET", f"/v1/sandbox/outbox?limit=2&cursor={first['next_cursor']}").json
    assert [one["to"] for one in first["data"] + rest["data"]] == ["13900000000", "+491701234567", PHONE]
    assert [one["to"] for one in outbox("+491701234567")] == ["+491701234567"]


@pytest.mark.parametrize(
    ("env", "sms", "mail"),
    [
        ({"SOUK_STAGE": "local", "SOUK_SANDBOX": "on"}, "sandbox", "sandbox"),
        ({"SOUK_STAGE": "prod", "SOUK_SANDBOX": "on"}, "", ""),
        ({"SOUK_STAGE": "prod", "SOUK_SMS": "sns", "SOUK_MAIL": "ses"}, "sns", "ses"),
    ],
)
def test_a_stage_has_the_channels_it_was_given(env: dict[str, str], sms: str, mail: str) -> None:
    stage = read({**KEYS, **env})
    assert (stage.sms_channel, stage.mail_channel) == (sms, mail)


@pytest.mark.parametrize("env", [{"SOUK_SMS": "sandbox"}, {"SOUK_SMS": "pigeon"}, {"SOUK_MAIL": "sns"}])
def test_a_stage_does_not_start_with_a_channel_that_cannot_be(env: dict[str, str]) -> None:
    """Least of all with the sandbox where strangers could read it."""
    with pytest.raises(Misconfigured):
        read({**KEYS, "SOUK_STAGE": "prod", "SOUK_SANDBOX": "on", **env})


KEYS = {"SOUK_TABLE": "t", "SOUK_JWT_KEYS": "a:" + "k" * 40, "SOUK_SECRET_KEYS": "a:" + "k" * 44}
