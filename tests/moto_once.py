"""moto copies the whole table once for every action of a transaction, to restore it on failure. Once is enough."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

_transact = DynamoDBBackend.transact_write_items
_deepcopy = copy.deepcopy


def _transact_with_one_copy(backend: Any, transact_items: list[dict[str, Any]]) -> None:
    copies: dict[int, Any] = {}

    def deepcopy(value: Any, memo: Any = None) -> Any:
        if not isinstance(value, Table):
            return _deepcopy(value, memo)
        if id(value) not in copies:
            copies[id(value)] = _deepcopy(value, memo)
        return copies[id(value)]

    with patch.object(copy, "deepcopy", deepcopy):
        _transact(backend, transact_items)


@contextmanager
def one_copy_a_transaction() -> Iterator[None]:
    with patch.object(DynamoDBBackend, "transact_write_items", _transact_with_one_copy):
        yield
