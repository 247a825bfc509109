"""Logins as people type them, and the one spelling they are kept under. Pure."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.core.errors import Invalid
from chalicelib.identity.entities import LoginKind, Purpose

_EMAIL = re.compile(r"[a-z0-9.!$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_USERNAME = re.compile(r"[a-z][a-z0-9_.-]{2,31}")
_WECHAT = re.compile(r"[A-Za-z0-9_-]{6,128}")
_BETWEEN_DIGITS = str.maketrans("", "", " -.()")
_LONGEST = 254


FORMS: dict[LoginKind, str] = {
    "email": "is not an email address",
    "phone": "must have 6 to 15 digits, with a + before a country code",
    "username": "must have 3 to 32 letters, digits, dots, hyphens or underscores, and begin with a letter",
}
"""What to say of a login that is none."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login that may stand in a key: ASCII, without a separator."""

    kind: LoginKind
    text: str


def email(text: str) -> Login | None:
    return _matching("email", _EMAIL, _plain(text).lower())


def phone(text: str) -> Login | None:
    return _matching("phone", _PHONE, _plain(text).translate(_BETWEEN_DIGITS))


def username(text: str) -> Login | None:
    """Begins with a letter, so that it can be no phone number; holds no @, so that it can be no address."""
    return _matching("username", _USERNAME, _plain(text).casefold())


def wechat(kind: LoginKind, text: str) -> Login | None:
    """An id that WeChat gave: two that differ in case are two people."""
    return _matching(kind, _WECHAT, text)


def read(text: str) -> Login | None:
    """What somebody typed into the one login field; None when it can be nobody's."""
    return email(text) or phone(text) or username(text)


def given(*, phone: str | None, email: str | None, purpose: Purpose) -> Login:
    """The one address a code is asked for. Raises Invalid for none, for two, or for one that will not do."""
    if (phone is None) == (email is None):
        raise Invalid.field("phone", "login_missing", "give either a phone or an email")
    if email is not None and purpose == "sign_in":
        raise Invalid.field(
            "email", "phone_needed", "codes to sign in go to phones: use your password, or reset it"
        )
    kind: LoginKind = "phone" if phone is not None else "email"
    login = _READERS[kind](phone or email or "")
    if login is None:
        raise Invalid.field(kind, f"{kind}_invalid", FORMS[kind])
    return login


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _matching(kind: LoginKind, pattern: re.Pattern[str], text: str) -> Login | None:
    return Login(kind, text) if len(text) <= _LONGEST and pattern.fullmatch(text) else None


_READERS: dict[LoginKind, Callable[[str], Login | None]] = {
    "email": email,
    "phone": phone,
    "username": username,
}
