"""What the front door needs from rooms it may not know; `app.py` plugs them in."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.core.context import Actor, Context
from chalicelib.core.errors import SoukError


class CostMeter(Protocol):
    calls: int

    def header(self) -> str: ...


class StoredAnswer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Refusals:
    """What the plugged-in functions may raise, so that the API document can tell of it."""

    token: tuple[type[SoukError], ...] = ()
    session: tuple[type[SoukError], ...] = ()
    """Where it is asked whether the token's session still stands."""
    tenant: tuple[type[SoukError], ...] = ()
    key: tuple[type[SoukError], ...] = ()
    """An idempotency key that was used otherwise."""
    cursor: tuple[type[SoukError], ...] = ()
    sensitive: tuple[type[SoukError], ...] = ()
    """Where the caller must have proved their password a moment ago."""


@dataclass(frozen=True, slots=True)
class Ports:
    authenticate: Callable[[str, bool], tuple[str, Actor]]
    """(access token, whether to ask the store if its session still stands) → (tenant, who)."""
    tenant: Callable[[str, str], str]
    """(slug a visitor names, host they came to; either may be empty) → tenant; raises NotFound."""
    recall: Callable[[Context], StoredAnswer | None]
    keep: Callable[[Context, Any], StoredAnswer | None]
    """Store the answer of a handler that stored none; the first answer, when there is one."""
    limit: Callable[..., None]
    confirmed: Callable[[Context], None]
    """Raises Forbidden unless the caller proved their password a moment ago."""
    metering: Callable[[], AbstractContextManager[CostMeter]]
    already_done: type[SoukError]
    refusals: Refusals = Refusals()
