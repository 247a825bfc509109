"""Somebody who uses the shop. Each of their requests is shown, and must be answered as expected."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.demo.api import Answer, Api, Cost
from infra.demo.screen import Screen

_PAUSE_SECONDS = 0.3
_LONGEST_WAIT_SECONDS = 60


class Surprise(RuntimeError):
    """The shop did not answer as it should. The message says what was asked and what came."""


@dataclass(slots=True)
class Walk:
    """One run of the demo: where it goes, where it is shown, what it cost so far."""

    api: Api
    screen: Screen
    costs: list[Cost] = field(default_factory=list)

    def spent(self, since: int = 0) -> Cost:
        return sum(self.costs[since:], Cost())


@dataclass(slots=True)
class Caller:
    walk: Walk
    token: str = ""

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: int = 200,
        show: Sequence[str] = (),
        key: str = "",
    ) -> Answer:
        """Send, show, check. A POST has a new idempotency key unless `key` is given. Raises Surprise."""
        note = f"(Idempotency-Key: {key})" if key else ""
        self.walk.screen.asked(method, path, body, note)
        answer = self._send(method, path, body, key)
        if answer.status == 429 and (wait := int(answer.json["retry_after"])) <= _LONGEST_WAIT_SECONDS:
            self.walk.screen.say(f"Too many of these at once: the shop asks to wait {wait} s.")
            time.sleep(wait)
            answer = self._send(method, path, body, key)
        self.walk.costs.append(answer.cost)
        _check(answer, method, path, expect)
        try:
            self.walk.screen.answered(answer, show)
        except (LookupError, TypeError, ValueError):
            raise Surprise(
                f"{method} {path} answered without {', '.join(show)}: {answer.text[:400]}"
            ) from None
        return answer

    def wait_for(self, path: str, holds: Callable[[Any], bool], what: str, seconds: float) -> Any:
        """Ask quietly until `holds`. Raises Surprise after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self._send("GET", path, None, "")
            _check(answer, "GET", path, 200)
            if holds(answer.json):
                return answer.json
            if time.monotonic() > deadline:
                raise Surprise(f"waited {seconds:.0f} s for {what}, and it did not come")
            time.sleep(_PAUSE_SECONDS)

    def _send(self, method: str, path: str, body: Any, key: str) -> Answer:
        if method == "POST" and not key:
            key = secrets.token_hex(8)
        return self.walk.api.send(method, path, body, token=self.token, key=key)


def _check(answer: Answer, method: str, path: str, expect: int) -> None:
    if answer.status != expect:
        raise Surprise(f"{method} {path} answered {answer.status}, not {expect}: {answer.text[:400]}")


def check(holds: bool, otherwise: str) -> None:
    """Raises Surprise with `otherwise` unless it `holds`."""
    if not holds:
        raise Surprise(otherwise)
