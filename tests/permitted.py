"""Every test runs under the policies: what a packaged function asks of the table, its own policy has to allow.

The policies are made by reading the code (infra/reach). Here the code runs, and finds out whether it was read right.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from infra.reach import iam
from infra.tools import policies

_TABLE = "SoukTable.Arn"
_PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

_running: ContextVar[str] = ContextVar("running", default="")
refused: list[str] = []
"""What was not allowed since the test began. The app hides an exception from its client; this does not."""


class NotPermitted(AssertionError):
    """AWS would answer AccessDenied."""


@contextmanager
def running_as(function: str) -> Iterator[None]:
    token = _running.set(function)
    try:
        yield
    finally:
        _running.reset(token)


@cache
def policy_of(function: str) -> iam.Policy:
    policy: iam.Policy = json.loads(policies.path_of(function).read_text(encoding="utf-8"))
    return policy


@cache
def _may(function: str, action: str, index: str) -> bool:
    table = iam.PLACE[_TABLE]
    return iam.allows(policy_of(function), action, f"{table}/index/{index}" if index else table)


def actions_of(operation: str, parameters: dict[str, Any]) -> set[str]:
    """What IAM would be asked for one call."""
    if operation == "TransactWriteItems":
        return {_PARTS[verb] for part in parameters["TransactItems"] for verb in part}
    return {operation}


def watch(client: Any) -> None:
    """Put the question for each call that this client makes while a packaged function runs."""

    def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
        function = _running.get()
        if not function:
            return  # the test itself looks into the table
        for action in actions_of(model.name, params):
            index = str(params.get("IndexName", ""))
            if not _may(function, f"dynamodb:{action}", index):
                refused.append(f"{function} may not {action} {index}".strip())
                raise NotPermitted(refused[-1])

    client.meta.events.register("provide-client-params.dynamodb", ask)
