"""Losing a race is not an answer: read again and try again, with jitter, inside a budget."""

import time
from collections.abc import Callable
from typing import TypeVar

from chalicelib.core import log
from chalicelib.core.errors import SoukError, Unavailable
from chalicelib.store.client import pause

T = TypeVar("T")
BUDGET_SECONDS = 8.0


def again(work: Callable[[], T], *lost: type[SoukError], budget: float = BUDGET_SECONDS) -> T:
    """Run `work` until it does not lose to a twin. `work` must read afresh each time.

    Raises Unavailable (503) when the budget is spent: a conflict is never told as a refusal (B20).
    """
    deadline = time.monotonic() + budget
    attempt = 0
    while True:
        try:
            return work()
        except lost as error:
            wait = pause(attempt)
            attempt += 1
            if time.monotonic() + wait > deadline:
                log.warning("race_lost", reason=error.code, attempts=attempt)
                raise Unavailable(retry_after=1) from error
            time.sleep(wait)
