"""WeChat's server API as this machine needs it: the same addresses and answers, and people who are made up.

A login code names a person: `code-lin` is Lin, today and tomorrow. What follows an `@` names another app of the same
shop: `code-lin@app2` has another openid and the same unionid. The phone button's code is any text with a number in
it, such as `phone-13800000000`. Codes that hold `invalid` are unknown, `used` were used before, `busy` and `often`
find WeChat busy; `FakeWechat.failing` fails every call, `FakeWechat.down` answers with a server error.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

APP_ID = "wx-local-souk"
APP_SECRET = "local-wechat-secret"  # noqa: S105 - of a mini-program that does not exist
_FAILING_CODES = {"invalid": 40029, "used": 40163, "busy": -1, "often": 45011}
_WORDS = {
    40029: "invalid code",
    40163: "code been used",
    -1: "system error",
    45011: "api minute-quota reach limit",
    40001: "invalid credential, access_token is invalid or not latest",
    40125: "invalid appsecret",
}
_MOST_BYTES = 64 * 1024


class FakeWechat:
    """A WSGI application."""

    def __init__(self) -> None:
        self.failing = 0
        """An `errcode` for every call; 0: none."""
        self.down = False
        self.asked: list[str] = []
        """The paths, in their order."""
        self.tokens_made = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        query = {name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        length = min(int(environ.get("CONTENT_LENGTH") or 0), _MOST_BYTES)
        body = json.loads(environ["wsgi.input"].read(length) or b"{}")
        self.asked.append(path)
        answer = None if self.down else self._answer(path, query, body)
        status = "200 OK" if answer is not None else "502 Bad Gateway"
        said = json.dumps(answer or {}).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(said)))])
        return [said]

    def _answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any] | None:
        if self.failing:
            return _failed(self.failing)
        match path:
            case "/sns/jscode2session":
                return self._session(query)
            case "/cgi-bin/stable_token":
                return self._stable_token(body)
            case "/wxa/business/getuserphonenumber":
                return self._phone(query, body)
            case _:
                return None

    def _session(self, query: dict[str, str]) -> dict[str, Any]:
        code = query.get("js_code", "")
        if query.get("secret") != APP_SECRET or query.get("appid") != APP_ID:
            return _failed(40125)
        if wrong := _wrong_with(code):
            return _failed(wrong)
        return {
            "openid": "o" + _made_of("openid", code, 27),
            "unionid": "u" + _made_of("unionid", code.partition("@")[0], 27),
            "session_key": _made_of("session key", code, 24),
        }

    def _stable_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("secret") != APP_SECRET or body.get("appid") != APP_ID:
            return _failed(40125)
        self.tokens_made += 1
        return {"access_token": self._token(), "expires_in": 7200}

    def _token(self) -> str:
        return f"local-token-{self.tokens_made}"

    def _phone(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        code = str(body.get("code", ""))
        if query.get("access_token") != self._token():
            return _failed(40001)
        if wrong := _wrong_with(code):
            return _failed(wrong)
        named = re.search(r"(?:\+(\d{1,3}) )?(\d{6,15})", code)
        number = named[2] if named else f"139{int(_made_of('phone', code, 8), 16) % 10**8:08d}"
        country = (named[1] if named else None) or "86"
        return {
            "errcode": 0,
            "errmsg": "ok",
            "phone_info": {
                "phoneNumber": number if country == "86" else f"+{country}{number}",
                "purePhoneNumber": number,
                "countryCode": country,
                "watermark": {"timestamp": 0, "appid": APP_ID},
            },
        }


def _wrong_with(code: str) -> int:
    if not code:
        return 40029
    return next((errcode for word, errcode in _FAILING_CODES.items() if word in code), 0)


def _failed(errcode: int) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": _WORDS.get(errcode, "failed")}


def _made_of(what: str, text: str, length: int) -> str:
    return hashlib.sha256(f"{what}\x00{text}".encode()).hexdigest()[:length]
