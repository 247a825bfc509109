"""A refusal changes nothing: the whole table before and after, and the calls that were made meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.store import client
from tests.jobs import every_item

_COUNTED = ("rate", "bucket", "lockout", "sign_in", "job_run", "breaker")
"""A try that is refused is counted, and written down, all the same; a job that found nothing to do ran."""


def _whole_table() -> list[dict[str, Any]]:
    items = [item for item in every_item() if item["kind"]["S"] not in _COUNTED]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


@contextmanager
def nothing_changes() -> Iterator[None]:
    before = _whole_table()
    yield
    assert _whole_table() == before


@contextmanager
def store_calls() -> Iterator[list[str]]:
    """The operations sent to DynamoDB inside the block, in their order."""
    sent: list[str] = []

    def note(model: Any, **_: Any) -> None:
        sent.append(model.name)

    events = client.client().meta.events
    events.register_first("before-call.dynamodb", note)
    try:
        yield sent
    finally:
        events.unregister("before-call.dynamodb", note)
