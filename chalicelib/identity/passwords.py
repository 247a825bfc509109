"""Passwords: which are good enough, and argon2id over them. The library is loaded on first use."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.core.errors import Invalid
from chalicelib.core.settings import settings
from chalicelib.identity.common_passwords import COMMON

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 8
LONGEST = 128
_PASSES = 2
_LANES = 1


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher, Type

    return PasswordHasher(
        time_cost=_PASSES, memory_cost=settings().password_memory_kib, parallelism=_LANES, type=Type.ID
    )


def _same_on_every_keyboard(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def check(password: str, logins: Iterable[str]) -> None:
    """Raises Invalid for a password of the wrong length, one that is tried first, or one's own login."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid.field("password", "password_length", f"must have {SHORTEST} to {LONGEST} characters")
    folded = _same_on_every_keyboard(password).casefold()
    if folded in COMMON:
        raise Invalid.field("password", "password_common", "is among the first that anyone would try")
    if folded in logins:
        raise Invalid.field("password", "password_is_login", "must differ from the login")


def hashed(password: str) -> str:
    return _hasher().hash(_same_on_every_keyboard(password))


def matches(password_hash: str, password: str) -> bool:
    from argon2.exceptions import VerifyMismatchError

    try:
        return _hasher().verify(password_hash, _same_on_every_keyboard(password))
    except VerifyMismatchError:
        return False


def pretend(password: str) -> None:
    """Take the time a comparison takes: an unknown login must not answer faster than a wrong password."""
    hashed(password)


def is_outdated(password_hash: str) -> bool:
    """Whether the parameters have changed since it was made."""
    return _hasher().check_needs_rehash(password_hash)
