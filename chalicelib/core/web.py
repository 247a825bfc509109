"""Asking another service over HTTPS: JSON out, JSON in, and a time by which it has answered. Loaded on first use."""

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from urllib3 import PoolManager

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
_MOST_BYTES = 1024 * 1024
_THEIRS = frozenset({408, 429})
"""4xx that are no fault of the request."""


class Unanswered(Exception):
    """No answer in time, or none that can be read. Says why, and never where: an address may hold a secret."""

    def __init__(self, why: str, *, is_outage: bool = True) -> None:
        super().__init__(why)
        self.is_outage = is_outage
        """False: the service is there, and says that the request was wrong."""


def is_outage(error: Exception) -> bool:
    """Whether a breaker counts it: no answer, a 5xx, a throttle, or what nobody can read."""
    return isinstance(error, Unanswered) and error.is_outage


@cache
def _pool() -> "PoolManager":
    import urllib3

    return urllib3.PoolManager(
        retries=False, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), maxsize=16
    )


def ask(
    method: str, url: str, *, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The JSON object that `url` answers with. One request: no redirect is followed, nothing is repeated.

    Raises Unanswered, also for a status other than 200. Who calls this does so through a breaker (`core.breakers`).
    """
    from urllib.parse import urlencode

    from urllib3.exceptions import HTTPError

    address = f"{url}?{urlencode(query)}" if query else url
    content = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
    try:
        answer = _pool().request(
            method,
            address,
            body=content,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            redirect=False,
            preload_content=False,
        )
        try:
            said = answer.read(_MOST_BYTES)
        finally:
            answer.release_conn()
    except HTTPError as error:
        raise Unanswered(type(error).__name__) from None
    if answer.status != 200:
        is_ours = 400 <= answer.status < 500 and answer.status not in _THEIRS
        raise Unanswered(f"status {answer.status}", is_outage=not is_ours)
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unanswered("not a JSON object")
    return found
