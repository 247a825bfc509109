"""Calls of DynamoDB, kept out of coverage's sight.

Coverage is told of every call of every function, also inside botocore and moto, where nothing of ours runs: that is
half of a test run's time. The tracer is taken off for the length of a call and put back as it was.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any

from botocore.client import BaseClient


def untraced(work: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(work)
    def call(*args: Any, **kwargs: Any) -> Any:
        tracer = sys.gettrace()
        if tracer is None:
            return work(*args, **kwargs)
        sys.settrace(None)
        try:
            return work(*args, **kwargs)
        finally:
            sys.settrace(tracer)
            _step()

    return call


def _step() -> None:
    """The first call after it was put back makes coverage's tracer see this frame's end, and so keep count."""


def keep_clients_out() -> None:
    BaseClient._make_api_call = untraced(BaseClient._make_api_call)  # type: ignore[attr-defined]  # it is private
