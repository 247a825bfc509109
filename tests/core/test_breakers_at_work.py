"""Services that fail, seen from outside: what customers are told, who is asked meanwhile, and what staff see."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.core import breakers
from chalicelib.core.breakers import FAILURES, REST
from chalicelib.core.errors import Unavailable
from chalicelib.notifications.channels import sms_sns
from chalicelib.store import secrets
from infra.local import serving
from infra.local.wechat import APP_ID, APP_SECRET, FakeWechat
from infra.tools import code
from tests.identity.people import PHONE, ask_for_code, by_wechat, said, wechat_here
from tests.jobs import of_kind, stream
from tests.shop import Shop, configured


@pytest.fixture
def wechat(shop: Shop) -> Iterator[FakeWechat]:
    with wechat_here() as fake:
        yield fake


@pytest.mark.ledger("S1-004")
def test_a_service_that_is_down_is_left_alone_then_probed_and_trusted_again(
    shop: Shop, wechat: FakeWechat
) -> None:
    wechat.down = True
    for _ in range(FAILURES):
        assert said(by_wechat("code-lin")) == (503, "wechat_busy")
    asked = len(wechat.asked)
    at_rest = by_wechat("code-lin")
    assert (at_rest.status, at_rest.headers["retry-after"]) == (503, "30")
    assert len(wechat.asked) == asked, "it is asked while it rests"
    (note,) = of_kind("breaker")
    assert (note["provider"]["S"], note["state"]["S"]) == ("wechat", "open")

    shop.clock.advance(seconds=REST.total_seconds())
    assert said(by_wechat("code-lin")) == (503, "wechat_busy")
    assert len(wechat.asked) == asked + 1, "one probe"
    assert by_wechat("code-lin").headers["retry-after"] == "60"

    wechat.down = False
    shop.clock.advance(seconds=60)
    assert by_wechat("code-lin").status == 200
    (note,) = of_kind("breaker")
    assert (note["provider"]["S"], note["state"]["S"]) == ("wechat", "closed")


@pytest.mark.parametrize("code", ["code-invalid", "code-used"])
def test_codes_that_are_wrong_never_shut_the_door(wechat: FakeWechat, code: str) -> None:
    for _ in range(FAILURES + 1):
        assert by_wechat(code).status == 401
    assert by_wechat("code-lin").status == 200
    assert of_kind("breaker") == []


def test_a_wrong_secret_of_ours_is_no_outage(wechat: FakeWechat) -> None:
    with configured(WECHAT_MINI_APP_SECRET="another"):
        for _ in range(FAILURES + 1):
            assert by_wechat("code-lin").status == 503
    assert by_wechat("code-lin").status == 200


@pytest.mark.parametrize("errcode", [-1, 45011])
def test_a_service_at_its_limit_is_left_alone(wechat: FakeWechat, errcode: int) -> None:
    wechat.failing = errcode
    for _ in range(FAILURES + 2):
        by_wechat("code-lin")
    assert len(wechat.asked) == FAILURES


@pytest.mark.parametrize(
    ("status", "is_outage"),
    [("404 Not Found", False), ("400 Bad Request", False), ("429 Slow", True), ("500 Oh", True)],
)
def test_a_4xx_says_that_we_asked_wrongly_and_not_that_nobody_is_there(
    shop: Shop, status: str, is_outage: bool
) -> None:
    asked: list[str] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response(status, [("Content-Length", "2")])
        return [b"{}"]

    here = serving.Server(application, serving.reserve(0))
    here.start()
    try:
        base = f"http://{serving.HOST}:{here.port}"
        with configured(WECHAT_API_BASE=base, WECHAT_MINI_APP_ID=APP_ID, WECHAT_MINI_APP_SECRET=APP_SECRET):
            for _ in range(FAILURES + 2):
                assert said(by_wechat("code-lin")) == (503, "wechat_busy")
    finally:
        here.stop()
    assert len(asked) == (FAILURES if is_outage else FAILURES + 2)


class Sns:
    """Answers each call with the error it is given."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def publish(self, **_: Any) -> None:
        self.asked += 1
        raise self.error


def refused(status: int, code: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "Publish",
    )


AWAY = EndpointConnectionError(endpoint_url="https://sns.example.com")


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (AWAY, FAILURES),
        (refused(503, "InternalError"), FAILURES),
        (refused(400, "ThrottlingException"), FAILURES),
        (refused(400, "InvalidParameter"), FAILURES + 3),
        (refused(403, "AuthorizationError"), FAILURES + 3),
    ],
    ids=["away", "5xx", "throttled", "a bad number", "not allowed"],
)
def test_messages_wait_while_sns_is_away_and_no_bad_number_stops_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception, asked: int
) -> None:
    sns = Sns(error)
    monkeypatch.setattr(sms_sns, "_client", lambda: sns)
    with configured(SOUK_SMS="sns"):
        ask_for_code(PHONE, "sign_in")
        stream(times=FAILURES + 3)
    assert sns.asked == asked
    (event,) = of_kind("event")
    assert int(event["attempts"]["N"]) > 0, "it waits for its next try"


@pytest.mark.parametrize("read", [secrets.parameter, secrets.secret])
def test_secrets_that_cannot_be_read_are_told_at_once_while_their_store_rests(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, read: Any
) -> None:
    asked: list[str] = []

    class Away:
        def _make_api_call(self, operation: str, _: Any) -> Any:
            asked.append(operation)
            raise AWAY

    monkeypatch.setattr(secrets, "_client", lambda service: Away())
    for _ in range(FAILURES + 3):
        with pytest.raises(Unavailable):
            read("/souk/x")
    assert len(asked) == FAILURES


def test_an_older_word_of_another_process_does_not_hide_a_newer_one(shop: Shop) -> None:
    from chalicelib.store import system_notes

    now = shop.clock.now()
    newer = breakers.Standing("ses", "open", now, now + REST, FAILURES, "Away")
    system_notes.keep_breaker(newer)
    shop.clock.advance(seconds=-5)
    system_notes.keep_breaker(breakers.Standing("ses", at=shop.clock.now()))
    (note,) = of_kind("breaker")
    assert note["state"]["S"] == "open"


def test_every_call_to_another_service_goes_through_a_breaker() -> None:
    """Whoever makes an AWS client of their own, or asks over HTTPS, also knows the breakers."""
    ways_out = {"chalicelib.store.client", "chalicelib.core.web", "chalicelib.core.breakers"}
    asking = {
        module.name
        for module in code.modules()
        if module.name.startswith("chalicelib.")
        and module.name not in ways_out
        and list(code.calls_of(module.tree, "create_client", "ask"))
    }
    guarded = {one.by.name for one in code.imports() if one.module.startswith("chalicelib.core.breakers")}
    assert "chalicelib.notifications.channels.sms_sns" in asking
    assert not asking - guarded, "these call another service without a breaker (core.breakers)"
