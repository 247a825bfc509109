"""What these tests do again and again: sign in and out, hold a refresh token, make a token of their own."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jwt

from infra.local import serving
from infra.local.wechat import APP_ID, APP_SECRET, FakeWechat
from tests.jobs import stream
from tests.shop import Answer, configured, send

PASSWORD = "correct horse battery"
KEY = b"k" * 40
"""The test stage's signing key, `t1`."""


def register(*, ip: str = "203.0.113.7", **fields: Any) -> Answer:
    return send("POST", "/v1/auth/register", {"password": PASSWORD, **fields}, ip=ip)


def log_in(login: Any, password: Any = PASSWORD, *, ip: str = "203.0.113.7") -> Answer:
    return send("POST", "/v1/auth/login", {"login": login, "password": password}, ip=ip)


def refresh(refresh_token: Any) -> Answer:
    return send("POST", "/v1/auth/refresh", {"refresh_token": refresh_token})


def log_out(refresh_token: Any) -> Answer:
    return send("POST", "/v1/auth/logout", {"refresh_token": refresh_token})


PHONE = "13800000001"


def ask_for_code(phone: str, purpose: str, **more: Any) -> Answer:
    field = "email" if "@" in phone else "phone"
    return send("POST", "/v1/auth/sms-codes", {field: phone, "purpose": purpose}, **more)


def outbox(to: str) -> list[dict[str, Any]]:
    """What was sent there, newest first; the stream has passed on what it had to."""
    assert stream()["batchItemFailures"] == []
    found: list[dict[str, Any]] = send("GET", f"/v1/sandbox/outbox?to={to}").json["data"]
    return found


def asked_for(phone: str, purpose: str) -> str:
    """A code as it came to this phone or mailbox."""
    return code_sent(phone, lambda: ask_for_code(phone, purpose))


def code_sent(to: str, ask: Callable[[], Answer]) -> str:
    """The code that came there after `ask`."""
    before = {letter["id"] for letter in outbox(to)}
    answer = ask()
    assert answer.status == 202, answer.text
    (letter,) = [letter for letter in outbox(to) if letter["id"] not in before]
    return str(letter["code"])


def forgot(login: str) -> Answer:
    return send("POST", "/v1/auth/password/forgot", {"login": login})


def reset(login: str, code: str, password: str) -> Answer:
    return send("POST", "/v1/auth/password/reset", {"login": login, "code": code, "new_password": password})


def wrong(code: str, n: int = 0) -> str:
    """Another code than this one."""
    return f"{(int(code) + 1 + n) % 10**6:06d}"


def by_phone(phone: str, code: str, *, ip: str = "203.0.113.7") -> Answer:
    return send("POST", "/v1/auth/phone", {"phone": phone, "code": code}, ip=ip)


def by_wechat(code: str) -> Answer:
    return send("POST", "/v1/auth/wechat", {"code": code})


@contextmanager
def wechat_here() -> Iterator[FakeWechat]:
    """A WeChat of our own on a free port of loopback, and a shop with a mini-program in it."""
    fake = FakeWechat()
    server = serving.Server(fake, serving.reserve(0))
    server.start()
    base = f"http://{serving.HOST}:{server.port}"
    try:
        with configured(WECHAT_API_BASE=base, WECHAT_MINI_APP_ID=APP_ID, WECHAT_MINI_APP_SECRET=APP_SECRET):
            yield fake
    finally:
        server.stop()


def me(token: str) -> Answer:
    return send("GET", "/v1/me", token=token)


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def forged(
    token: str, key: bytes = KEY, alg: str = "HS256", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A token like this one with some claims changed (None: left out), signed with `key`."""
    body = {name: value for name, value in {**claims_of(token), **claims}.items() if value is not None}
    return jwt.encode(body, key, algorithm=alg, headers={"kid": "t1"} if header is None else header)


def with_header(token: str, header: dict[str, Any]) -> str:
    """The same claims and signature under another header."""
    _, body, signature = token.split(".")
    return ".".join(
        (base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("="), body, signature)
    )
