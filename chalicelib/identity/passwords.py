"""Passwords: which are good enough, and argon2id over them. The library is loaded on first use."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from chalicelib.core.errors import Invalid
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.identity.common_passwords import COMMON

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 8
LONGEST = 128
FEWEST_DIFFERENT = 4
FEWEST_RUNS = 3
"""`abcdefgh1234` is two runs and no password."""
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_APPENDED = "0123456789!@#$%.,?*-_"
"""What people put behind a common password to make it another."""
_PASSES = 2
_LANES = 1


class PasswordWeak(Invalid):
    """`password_policy` says what is asked of a password."""

    code = "password_weak"
    title = Text("This password is too easy to guess", "密码过于简单")
    detail = Text("Choose a longer one, of words that do not belong together.", "请使用更长、更难猜的密码。")


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher, Type

    return PasswordHasher(
        time_cost=_PASSES, memory_cost=settings().password_memory_kib, parallelism=_LANES, type=Type.ID
    )


def _same_on_every_keyboard(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def check(password: str, logins: Iterable[str], field: str = "password") -> None:
    """Raises PasswordWeak for a password of the wrong length, one that is tried first, a run along the keyboard or
    the alphabet, or one's own login."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _weak(field, "password_length", f"must have {SHORTEST} to {LONGEST} characters")
    folded = _same_on_every_keyboard(password).casefold()
    if folded in COMMON or folded.rstrip(_APPENDED) in COMMON:
        raise _weak(field, "password_common", "is among the first that anyone would try")
    if len(set(folded)) < FEWEST_DIFFERENT or _runs(folded) < FEWEST_RUNS:
        raise _weak(
            field, "password_sequence", "is a sequence or a repetition, which is among the first to be tried"
        )
    if folded in logins or folded in {login.partition("@")[0] for login in logins}:
        raise _weak(field, "password_is_login", "must differ from the login")


def _weak(field: str, code: str, message: str) -> "PasswordWeak":
    policy = {"shortest": SHORTEST, "longest": LONGEST, "fewest_different": FEWEST_DIFFERENT}
    return PasswordWeak([{"field": field, "code": code, "message": message}], password_policy=policy)


def _runs(folded: str) -> int:
    """How many stretches of neighbours (in the alphabet, among digits, along a keyboard row, or repeated) it takes."""
    runs, step = 1, None
    for before, after in pairwise(folded):
        now = _step(before, after)
        if now is None or (step is not None and now != step):
            runs, step = runs + 1, None
        else:
            step = now
    return runs


def _step(before: str, after: str) -> int | None:
    if abs(ord(after) - ord(before)) <= 1:
        return ord(after) - ord(before)
    for row in _ROWS:
        if before in row and after in row and abs(row.index(after) - row.index(before)) == 1:
            return row.index(after) - row.index(before)
    return None


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
