"""What these tests do again and again: sign in and out, hold a refresh token, make a token of their own."""

import base64
import json
from typing import Any

import jwt

from tests.shop import Answer, send

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
