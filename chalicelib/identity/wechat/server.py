"""WeChat's server API: code2session, stable_token, getuserphonenumber.

Answers come with status 200 and an `errcode` of their own. The app's secret, access tokens and session keys are in
no log line and in no exception; a session key is not even kept.
"""

import threading
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import breakers, clock, log
from chalicelib.core.breakers import ProviderResting
from chalicelib.core.web import Unanswered, ask, is_outage
from chalicelib.identity.wechat.base import WechatBusy, WechatCodeInvalid, WechatPerson

_CODE_BAD = frozenset({40029, 40163, 40226})
"""Unknown or too old; used before; a login that WeChat itself blocks as risky."""
_TOKEN_BAD = frozenset({40001, 40014, 42001})
_BUSY = frozenset({-1, 45011})
"""WeChat itself is at its limit, or we are at ours: asking on makes neither better."""
_EARLY = timedelta(minutes=5)
"""Before its end a token is not used any more: an answer may take its time."""


class _AtItsLimit(Exception):
    """WeChat is there and takes no calls now; holds its `errcode`."""


class WechatServer:
    def __init__(self, base: str, app_id: str, app_secret: str) -> None:
        self._base = base.rstrip("/")
        self._app_id = app_id
        self._app_secret = app_secret
        self._token: tuple[str, datetime] | None = None
        self._lock = threading.Lock()

    def identify(self, code: str) -> WechatPerson:
        said = self._ask(
            "GET",
            "/sns/jscode2session",
            query={
                "appid": self._app_id,
                "secret": self._app_secret,
                "js_code": code,
                "grant_type": "authorization_code",
            },
        )
        self._refuse(said, "code2session")
        openid, unionid = said.get("openid"), said.get("unionid")
        if not isinstance(openid, str):
            raise WechatBusy(retry_after=60)
        return WechatPerson(openid, unionid if isinstance(unionid, str) and unionid else None)

    def phone_number(self, code: str) -> str:
        said = self._phone(code, self._access_token())
        if said.get("errcode") in _TOKEN_BAD:
            # another process had a new one made, or somebody reset the secret
            said = self._phone(code, self._access_token(renew=True))
        self._refuse(said, "getuserphonenumber")
        info = said.get("phone_info")
        number = info.get("purePhoneNumber") if isinstance(info, dict) else None
        if not isinstance(info, dict) or not isinstance(number, str):
            raise WechatBusy(retry_after=60)
        country = str(info.get("countryCode") or "86")
        return number if country == "86" else f"+{country}{number}"

    def _phone(self, code: str, token: str) -> dict[str, Any]:
        return self._ask(
            "POST", "/wxa/business/getuserphonenumber", query={"access_token": token}, body={"code": code}
        )

    def _access_token(self, *, renew: bool = False) -> str:
        """Remembered by this process until shortly before its end. A stable token is the same for all of them."""
        with self._lock:
            now = clock.current().now()
            if self._token is not None and now < self._token[1] and not renew:
                return self._token[0]
            said = self._ask(
                "POST",
                "/cgi-bin/stable_token",
                body={
                    "grant_type": "client_credential",
                    "appid": self._app_id,
                    "secret": self._app_secret,
                    "force_refresh": False,
                },
            )
            self._refuse(said, "stable_token")
            token, seconds = said.get("access_token"), said.get("expires_in")
            if not isinstance(token, str) or not isinstance(seconds, int):
                raise WechatBusy(retry_after=60)
            self._token = (token, now + timedelta(seconds=seconds) - _EARLY)
            return token

    def _ask(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        def once() -> dict[str, Any]:
            said = ask(method, f"{self._base}{path}", **what)
            if said.get("errcode") in _BUSY:
                raise _AtItsLimit(said["errcode"])
            return said

        try:
            return breakers.of("wechat").call(
                once, is_outage=lambda error: is_outage(error) or isinstance(error, _AtItsLimit)
            )
        except Unanswered as why:
            log.warning("wechat_unanswered", path=path, reason=str(why))
            raise WechatBusy(retry_after=5) from None
        except _AtItsLimit as busy:
            log.warning("wechat_refused", call=path, errcode=busy.args[0])
            raise WechatBusy(retry_after=5) from None
        except ProviderResting as resting:
            raise WechatBusy(retry_after=resting.retry_after) from None

    def _refuse(self, said: dict[str, Any], call: str) -> None:
        code = said.get("errcode") or 0
        if code == 0:
            return
        if code in _CODE_BAD:
            raise WechatCodeInvalid
        # 40013 and 40125, wrong id or secret: not the customer's doing, and no outage
        log.warning("wechat_refused", call=call, errcode=code)
        raise WechatBusy(retry_after=5)
