"""Settings that are secrets: given as they are, or as a reference to where they are kept.

`ssm:/souk/prod/jwt-keys` or `secret:souk/prod/jwt` is read at first use and again every five minutes, so that a
rotation needs no deployment. Who can read a scheme registers a reader for it; floor 1 knows none.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from chalicelib.core import clock, log

T = TypeVar("T")
R = TypeVar("R")
Reader = Callable[[str], str]
"""A name in the store of secrets → the secret."""

KEPT_FOR = timedelta(minutes=5)
_TRIED_AGAIN_AFTER = timedelta(seconds=30)
"""While the secrets cannot be read, the last ones stay good, and the outage is not made worse. Nor does who sends what
fits none of them make us ask more often than that."""
SCHEMES = ("ssm", "secret")

_readers: dict[str, Reader] = {}


class Misconfigured(RuntimeError):
    """A setting is missing or unreadable. The message names it and says what it should hold, never what it holds."""


def register(scheme: str, reader: Reader) -> None:
    _readers[scheme] = reader


def is_reference(text: str) -> bool:
    return text.partition(":")[0] in SCHEMES and ":" in text


class SecretSetting(Generic[T]):
    """One secret and what it is parsed into. What stands in the environment itself is parsed once, at once."""

    def __init__(self, name: str, given: str, parse: Callable[[str], T]) -> None:
        self._name = name
        self._reference = given if is_reference(given) else ""
        self._parse = parse
        self._lock = threading.Lock()
        self._known: T | None = None if self._reference else parse(given)
        self._ask_at: datetime | None = None
        self._asked_at: datetime | None = None

    def value(self) -> T:
        """No call but at first use and every five minutes.

        Raises what the reader or the parser raises, at first use; later the last good value stays in use.
        """
        known, now = self._known, clock.current().now()
        if known is not None and not self._is_due(now):
            return known
        with self._lock:
            if self._known is None or self._is_due(now):
                self._read(now)
            assert self._known is not None  # noqa: S101 - or `_read` has raised
            return self._known

    def find(self, look: Callable[[T], R | None]) -> R | None:
        """What `look` finds in the secret; before it finds nothing, in the secret as it is now.

        A rotation reaches every process at another moment: what one made with the new key, the others must know.
        """
        found = look(self.value())
        if found is None and self._asks_again(clock.current().now()):
            found = look(self.value())
        return found

    def _asks_again(self, now: datetime) -> bool:
        with self._lock:
            is_time = self._asked_at is not None and now - self._asked_at >= _TRIED_AGAIN_AFTER
            if is_time:
                self._read(now)
            return is_time

    def _is_due(self, now: datetime) -> bool:
        return bool(self._reference) and (self._ask_at is None or now >= self._ask_at)

    def _read(self, now: datetime) -> None:
        scheme, _, name = self._reference.partition(":")
        self._asked_at = now
        try:
            if scheme not in _readers:
                raise Misconfigured(f"{self._name}: nothing here reads {scheme}:")
            self._known = self._parse(_readers[scheme](name))
            self._ask_at = now + KEPT_FOR
        except Exception as error:
            if self._known is None:
                raise
            self._ask_at = now + _TRIED_AGAIN_AFTER
            log.warning("secret_unreadable", setting=self._name, reason=type(error).__name__)


def secret(env: Mapping[str, str], name: str) -> SecretSetting[str]:
    """A secret that is text, empty when it is not set."""
    return SecretSetting(name, env.get(name, ""), str)
