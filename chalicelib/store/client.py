"""One DynamoDB client, made on first use, and one way to call it: metered, retried inside a time budget.

botocore's own retries are off. They do not know TransactionConflict, and a write without a request token must
not be repeated after a lost answer; which calls may be repeated is decided here.
"""

import threading
import time
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import ids, log, process
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.store import meter

BUDGET_SECONDS = 6.0
"""How long one operation may keep trying: well inside the 29 s that a gateway waits."""
_FIRST_PAUSE = 0.025
_LONGEST_PAUSE = 0.8

_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "Throttling",
        "TransactionConflictException",
        "TransactionInProgressException",
        "LimitExceededException",
    }
)
"""Definitely not applied: any call may be repeated."""
_UNSURE = frozenset({"InternalServerError", "ServiceUnavailable", "InternalFailure", "RequestTimeout"})
"""May have been applied: only a call that is safe to repeat is repeated."""

_UNMETERED = frozenset({"CreateBackup", "ListBackups", "DescribeContinuousBackups"})
"""What DynamoDB measures in no units, and whose requests have no place to ask for them."""

_client: Any = None
_client_lock = threading.Lock()


def client() -> Any:
    global _client  # noqa: PLW0603 - one client a process, made on first use
    if _client is None:
        with _client_lock:
            if _client is None:
                _client = botocore.session.get_session().create_client(
                    "dynamodb",
                    config=Config(
                        connect_timeout=1,
                        read_timeout=4,
                        retries={"total_max_attempts": 1, "mode": "standard"},
                        max_pool_connections=64,
                        parameter_validation=False,
                    ),
                )
    return _client


def forget() -> None:
    """Drop the client: a test moved to another engine."""
    global _client  # noqa: PLW0603
    _client = None


def table_name() -> str:
    return settings().table


def pause(attempt: int) -> float:
    """Full jitter: a random share of a doubling ceiling, in seconds."""
    ceiling: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
    return ceiling * ids.random_fraction()


class Unsure(Exception):
    """The call may or may not have been applied, and the caller did not say that repeating is safe."""


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def call(
    operation: str, *, repeatable: bool = True, budget: float = BUDGET_SECONDS, **parameters: Any
) -> dict[str, Any]:
    """Call DynamoDB. `operation` is botocore's API name, for example `GetItem`.

    Raises ClientError for a definite refusal (a failed condition, a cancelled transaction, a bad request),
    Unavailable when the budget ran out, Unsure when `repeatable` is False and the answer was lost.
    """
    deadline = time.monotonic() + budget
    attempt = 0
    if operation not in _UNMETERED:
        parameters["ReturnConsumedCapacity"] = "TOTAL"
    while True:
        try:
            with process.store_call():
                answer: dict[str, Any] = client()._make_api_call(operation, parameters)
        except ClientError as error:
            code = error_code(error)
            meter.count(operation, dict(error.response))
            if code not in _BUSY and code not in _UNSURE:
                raise
            if code in _UNSURE and not repeatable:
                raise Unsure(code) from error
            reason = code
        except BotoCoreError as error:
            meter.count(operation, None)
            if not repeatable:
                raise Unsure(type(error).__name__) from error
            reason = type(error).__name__
        else:
            meter.count(operation, answer)
            return answer
        wait = pause(attempt)
        attempt += 1
        if time.monotonic() + wait > deadline:
            log.warning("store_unavailable", operation=operation, reason=reason, attempts=attempt)
            raise Unavailable(retry_after=2)
        time.sleep(wait)
