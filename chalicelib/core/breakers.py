"""Circuit breakers: a service that fails again and again is given a rest, then asked once, then trusted again.

    closed     every call goes out; FAILURES in a row open it
    open       no call goes out: whoever asks is told at once when to come back
    half open  the rest is over: one call goes out as a probe, others are told to come back; it closes, or opens anew

Each process decides by what it has seen itself: no call waits for a word of another process. What changed is told to
the log, the metrics, and to whoever registered (`store` writes it down for staff to see).
docs/decisions/0020-breakers-are-per-process.md
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from chalicelib.core import clock, log
from chalicelib.core.errors import Unavailable
from chalicelib.core.text import Text

T = TypeVar("T")
State = Literal["closed", "open", "half_open"]

FAILURES = 5
"""In a row, with no answer between them."""
REST = timedelta(seconds=30)
"""The first rest; each probe that fails doubles it."""
LONGEST_REST = timedelta(minutes=5)
PROBE_PATIENCE = timedelta(seconds=30)
"""A probe that has not come back by then, as in a process that was frozen, holds up the next one no longer."""


class ProviderResting(Unavailable):
    """Nothing was sent: the same call is safe to make again.

    Never shown to a client: the adapter that asked says in its own words what cannot be had, and when to come back.
    """

    code = "provider_resting"
    title = Text("A service we depend on does not answer", "所依赖的外部服务暂时不可用")
    detail = Text(
        "It failed several times and is given a rest. Try again in {retry_after} seconds.",
        "该服务连续出错，暂停调用。请在 {retry_after} 秒后重试。",
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a breaker stands, and since when."""

    provider: str
    state: State = "closed"
    at: datetime | None = None
    """When it came to stand there; None: it never moved."""
    until: datetime | None = None
    """Of an open one: when the next probe may go out."""
    failures: int = 0
    """In a row."""
    reason: str = ""
    """The kind of the last failure; never its text, which may hold an address."""


Tell = Callable[[Standing], None]
_tells: list[Tell] = []


def register(tell: Tell) -> None:
    """Have every change told: once when it opens, at each failed probe, and when it closes."""
    if tell not in _tells:
        _tells.append(tell)


class Breaker:
    """One for each service, whoever asks it and for which shop: a wrong key of one shop is no outage."""

    def __init__(self, provider: str) -> None:
        self._lock = threading.Lock()
        self._stands = Standing(provider)
        self._rest = REST
        self._probe_by: datetime | None = None

    def standing(self) -> Standing:
        """As it is now: one whose rest is over is half open."""
        stands, now = self._stands, clock.current().now()
        is_rested = stands.state == "open" and stands.until is not None and now >= stands.until
        return replace(stands, state="half_open") if is_rested else stands

    def call(self, ask: Callable[[], T], *, is_outage: Callable[[Exception], bool]) -> T:
        """What `ask` answers. Raises ProviderResting while open, otherwise what `ask` raises.

        An error for which `is_outage` is False is an answer like any other: the service is there, and said no.
        """
        is_probe = self._let_through()
        try:
            answer = ask()
        except Exception as error:
            if is_outage(error):
                self._failed(type(error).__name__, is_probe=is_probe)
            else:
                self._answered(is_probe=is_probe)
            raise
        except BaseException:
            if is_probe:
                self._probe_by = None
            raise
        self._answered(is_probe=is_probe)
        return answer

    def _let_through(self) -> bool:
        """Whether this call is the probe. Raises ProviderResting."""
        with self._lock:
            if self._stands.state == "closed":
                return False
            now = clock.current().now()
            waits_for = max(one for one in (self._stands.until, self._probe_by, now) if one is not None)
            if waits_for > now:
                raise ProviderResting(
                    retry_after=-int((now - waits_for).total_seconds() // 1), provider=self._stands.provider
                )
            self._probe_by = now + PROBE_PATIENCE
            return True

    def _answered(self, *, is_probe: bool) -> None:
        with self._lock:
            if self._stands.state == "closed":
                if self._stands.failures:
                    self._stands = replace(self._stands, failures=0)
                return
            if not is_probe:
                return  # it went out before the others failed: old news
            self._rest, self._probe_by = REST, None
            self._stands = Standing(self._stands.provider, at=clock.current().now())
            changed = self._stands
        log.info("breaker_closed", provider=changed.provider)
        _tell(changed)

    def _failed(self, reason: str, *, is_probe: bool) -> None:
        with self._lock:
            failures = self._stands.failures + 1
            is_open = self._stands.state != "closed"
            if is_open and not is_probe:
                return
            if not is_open and failures < FAILURES:
                self._stands = replace(self._stands, failures=failures, reason=reason)
                return
            now = clock.current().now()
            self._rest = min(LONGEST_REST, self._rest * 2) if is_probe else REST
            self._probe_by = None
            self._stands = Standing(self._stands.provider, "open", now, now + self._rest, failures, reason)
            changed = self._stands
        log.warning("breaker_opened", provider=changed.provider, failures=failures, reason=reason)
        log.metrics({"provider": changed.provider}, breaker_opened=1)
        _tell(changed)


def _tell(changed: Standing) -> None:
    """Nobody who wants to know keeps a caller from their answer."""
    for tell in _tells:
        try:
            tell(changed)
        except Exception as error:
            log.warning("breaker_not_told", provider=changed.provider, reason=type(error).__name__)


_known: dict[str, Breaker] = {}
_known_lock = threading.Lock()


def of(provider: str) -> Breaker:
    """The breaker of a service in this process. `provider` is a word of ours, never one that came in."""
    with _known_lock:
        return _known.setdefault(provider, Breaker(provider))


def standings() -> list[Standing]:
    """Every breaker this process has used, by name."""
    with _known_lock:
        return [_known[name].standing() for name in sorted(_known)]


def forget() -> None:
    """Trust every service anew: for tests."""
    with _known_lock:
        _known.clear()
