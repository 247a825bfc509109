"""What WeChat's server API is asked, and what of it stays secret."""

from typing import Any

import pytest

from chalicelib.core import web
from chalicelib.core.clock import SetClock
from chalicelib.core.web import Unanswered, ask
from chalicelib.identity.wechat import WechatBusy, WechatCodeInvalid, server
from chalicelib.identity.wechat.server import WechatServer
from infra.local import serving
from infra.local.wechat import APP_ID, APP_SECRET
from tests.identity.people import wechat_here


def test_an_access_token_is_remembered_until_shortly_before_its_end(clock: SetClock) -> None:
    with wechat_here() as wechat:
        ours = app_of(wechat)
        assert ours.phone_number("phone-13800000001") == ours.phone_number("13800000001")
        assert wechat.tokens_made == 1
        clock.advance(seconds=7200 - 301)
        ours.phone_number("13800000001")
        assert wechat.tokens_made == 1
        clock.advance(seconds=1)
        ours.phone_number("13800000001")
        assert wechat.tokens_made == 2


def app_of(wechat: Any) -> WechatServer:
    from chalicelib.core.settings import settings

    return WechatServer(settings().wechat_api_base, APP_ID, APP_SECRET)


def test_a_token_that_wechat_took_back_is_fetched_anew(clock: SetClock) -> None:
    with wechat_here() as wechat:
        ours = app_of(wechat)
        ours.phone_number("13800000001")
        wechat.tokens_made += 7
        assert ours.phone_number("13800000001") == "13800000001"


def test_a_number_of_another_country_keeps_its_code(clock: SetClock) -> None:
    with wechat_here() as wechat:
        assert app_of(wechat).phone_number("+49 1701234567") == "+491701234567"


@pytest.mark.parametrize(
    ("failing", "error"), [(40029, WechatCodeInvalid), (45011, WechatBusy), (-1, WechatBusy)]
)
def test_each_refusal_of_wechat_is_ours_or_the_customers(
    clock: SetClock, failing: int, error: type[Exception]
) -> None:
    with wechat_here() as wechat:
        ours = app_of(wechat)
        ours.phone_number("13800000001")
        wechat.failing = failing
        for call in (ours.identify, ours.phone_number):
            with pytest.raises(error):
                call("code-lin")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"openid": 7},
        {"openid": "has#separator"},
        {"openid": "short"[:3]},
        {"phone_info": {}},
        {"phone_info": 7},
    ],
)
def test_an_answer_of_another_form_is_no_answer(
    answer: dict[str, Any], clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = WechatServer("http://127.0.0.1:9", APP_ID, APP_SECRET)
    monkeypatch.setattr(server, "ask", lambda *_, **__: {"access_token": "t", "expires_in": 7200, **answer})
    with pytest.raises(WechatBusy):
        ours.identify("code-lin").logins()
    with pytest.raises(WechatBusy):
        ours.phone_number("code-lin")
    monkeypatch.setattr(server, "ask", lambda *_, **__: {"access_token": 7})
    with pytest.raises(WechatBusy):
        WechatServer("http://127.0.0.1:9", APP_ID, APP_SECRET).phone_number("code-lin")


def test_what_goes_wrong_on_the_way_never_says_the_secret() -> None:
    with pytest.raises(Unanswered) as raised:
        ask("GET", "http://127.0.0.1:9/sns", query={"secret": APP_SECRET})
    assert APP_SECRET not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("said", [b"", b"[]", b"<html>", b'"x"'])
def test_what_is_no_json_object_is_no_answer(said: bytes) -> None:
    def application(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", str(len(said)))])
        return [said]

    here = serving.Server(application, serving.reserve(0))
    here.start()
    try:
        with pytest.raises(Unanswered):
            ask("POST", f"http://127.0.0.1:{here.port}/", body={"a": "é"})
    finally:
        here.stop()


def test_an_answer_has_a_time_by_which_it_must_come() -> None:
    assert 0 < web.CONNECT_SECONDS + web.READ_SECONDS < 10
