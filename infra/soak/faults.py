"""What goes wrong between a process and its table, by chance: refused, in conflict, or applied and never answered."""

from __future__ import annotations

import random
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from chalicelib.store import client

THROTTLED, CONFLICT, UNANSWERED = 0.01, 0.02, 0.005
"""The share of calls each happens to; a conflict to transactions alone."""


class Faults:
    """Hooks in the client of this process. `count` says how many there were."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.count = 0

    def start(self) -> None:
        events = client.client().meta.events
        events.register_first("before-call.dynamodb.*", self._refuse)
        events.register_first("after-call.dynamodb.*", self._lose)

    def _happens(self, share: float) -> bool:
        if self._chance.random() >= share:
            return False
        self.count += 1
        return True

    def _refuse(self, model: Any, **_: Any) -> Any:
        if self._happens(THROTTLED):
            return _refusal("ThrottlingException")
        if model.name == "TransactWriteItems" and self._happens(CONFLICT):
            return _refusal("TransactionConflictException")
        return None

    def _lose(self, **_: Any) -> None:
        if self._happens(UNANSWERED):
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1")


def _refusal(code: str) -> Any:
    return AWSResponse("", 400, HTTPHeaders(), None), {
        "Error": {"Code": code, "Message": "by the soak"},
        "ResponseMetadata": {},
    }
