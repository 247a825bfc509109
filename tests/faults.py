"""What no engine does by itself: conflicts, throttling, lost answers, and a process killed at a store call."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from chalicelib.store import client


class Killed(BaseException):
    """The process ended here: nothing catches this, as nothing runs after a SIGKILL."""


@contextmanager
def _hooked(event: str, hook: Any) -> Iterator[None]:
    events = client.client().meta.events
    events.register_first(event, hook)
    try:
        yield
    finally:
        events.unregister(event, hook)


@dataclass
class Count:
    calls: int = 0


@contextmanager
def answering(operation: str, code: str, *, times: int, reasons: list[str] | None = None) -> Iterator[Count]:
    """The first `times` calls of `operation` are refused with `code`; nothing of them is applied."""
    count = Count()

    def hook(**_: Any) -> Any:
        count.calls += 1
        if count.calls > times:
            return None
        parsed: dict[str, Any] = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {}}
        if reasons is not None:
            parsed["CancellationReasons"] = [{"Code": reason} for reason in reasons]
        return AWSResponse("", 400, HTTPHeaders(), None), parsed

    with _hooked(f"before-call.dynamodb.{operation}", hook):
        yield count


@contextmanager
def losing_answers(operation: str, *, times: int) -> Iterator[Count]:
    """The first `times` calls of `operation` are applied, but their answers never arrive."""
    count = Count()

    def hook(**_: Any) -> None:
        count.calls += 1
        if count.calls <= times:
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

    with _hooked(f"after-call.dynamodb.{operation}", hook):
        yield count


@contextmanager
def killed_at(call: int, *, after: bool) -> Iterator[Count]:
    """The process is killed at its `call`-th store call from now: before it is sent, or after it was applied."""
    count = Count()

    def hook(**_: Any) -> None:
        count.calls += 1
        if count.calls == call:
            raise Killed

    with _hooked(f"{'after' if after else 'before'}-call.dynamodb.*", hook):
        yield count
