"""Logins as people type them, and the one spelling they are kept under. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from chalicelib.identity.entities import LoginKind

_EMAIL = re.compile(r"[a-z0-9.!$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")
_USERNAME = re.compile(r"[a-z][a-z0-9_.-]{2,31}")
_BETWEEN_DIGITS = str.maketrans("", "", " -.()")
_LONGEST = 254


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


def read(text: str) -> Login | None:
    """What somebody typed into the one login field; None when it can be nobody's."""
    return email(text) or phone(text) or username(text)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _matching(kind: LoginKind, pattern: re.Pattern[str], text: str) -> Login | None:
    return Login(kind, text) if len(text) <= _LONGEST and pattern.fullmatch(text) else None
