"""What moto does for every action of a transaction, done once, and only for what the transaction names.

moto copies the whole table, with every record of its stream, to have it back when an action fails; and it keeps every
object it ever made for a page that nobody here looks at. Both grow with each write of a test, and of a whole run.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.model_instances import reset_model_data
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import StreamShard, Table

_transact = DynamoDBBackend.transact_write_items
_deepcopy = copy.deepcopy
forget_old_objects = reset_model_data


def _twin(of: Any) -> Any:
    """The same object once more, around moto's book of objects."""
    twin = object.__new__(type(of))
    vars(twin).update(vars(of))
    return twin


def _kept(table: Table, partitions: set[str]) -> Table:
    """The table as it is now: what the transaction may change is copied, the rest is the same items."""
    kept: Table = _twin(table)
    kept.items = defaultdict(
        dict,
        {
            pk: _deepcopy(items) if pk.value in partitions else dict(items)
            for pk, items in table.items.items()
        },
    )
    if table.stream_shard is not None:
        shard: StreamShard = _twin(table.stream_shard)
        shard.items, shard.table = list(shard.items), kept
        kept.stream_shard = shard
    return kept


def _partitions(transact_items: list[dict[str, Any]]) -> set[str]:
    acts = [act for item in transact_items for act in item.values()]
    return {str((act.get("Key") or act.get("Item"))["pk"]["S"]) for act in acts}


def _transact_with_one_copy(backend: Any, transact_items: list[dict[str, Any]]) -> None:
    partitions, kept = _partitions(transact_items), dict[int, Table]()

    def deepcopy(value: Any, memo: Any = None) -> Any:
        if not isinstance(value, Table):
            return _deepcopy(value, memo)
        if id(value) not in kept:
            kept[id(value)] = _kept(value, partitions)
        return kept[id(value)]

    with patch.object(copy, "deepcopy", deepcopy):
        _transact(backend, transact_items)


@contextmanager
def one_copy_a_transaction() -> Iterator[None]:
    with patch.object(DynamoDBBackend, "transact_write_items", _transact_with_one_copy):
        yield
