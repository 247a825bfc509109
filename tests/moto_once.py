"""moto, made quick enough for three thousand tests: what it does for every action of a transaction, done once and
only for what the transaction names; and items answered as they are, without asking for each of ten possible types.

moto copies the whole table, with every record of its stream, to have it back when an action fails; and it keeps every
object it ever made for a page that nobody here looks at. Both grow with each write of a test, and of a whole run.
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.model_instances import reset_model_data
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import StreamShard, Table

_structure = BaseJSONSerializer._serialize_type_structure
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
    kept.continuous_backups = _deepcopy(table.continuous_backups)
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


def _plain(value: Any) -> Any:
    """An attribute's value as JSON has it; None where only moto's own way will do."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    ((kind, inner),) = value.items()
    match kind:
        case "S" | "N":
            return value if isinstance(inner, str) else None
        case "BOOL" | "NULL":
            return value
        case "SS" | "NS":
            return {kind: list(inner)}
        case "M":
            members = {name: _plain(one) for name, one in inner.items()}
            return None if None in members.values() else {"M": members}
        case "L":
            elements = [_plain(one) for one in inner]
            return None if None in elements else {"L": elements}
        case _:
            return None


def _structure_at_once(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    plain = _plain(value) if shape.name == "AttributeValue" else None
    if plain is None:
        _structure(self, serialized, value, shape, key)
    else:
        self._default_serialize(serialized, plain, shape, key)


@contextmanager
def one_copy_a_transaction() -> Iterator[None]:
    with (
        patch.object(DynamoDBBackend, "transact_write_items", _transact_with_one_copy),
        patch.object(BaseJSONSerializer, "_serialize_type_structure", _structure_at_once),
    ):
        yield


class Tables:
    """Tables made once and then copied: making one asks six things of moto, opening a shop in it six more."""

    def __init__(self) -> None:
        self._made: dict[str, Table] = {}

    def place(self, name: str, kind: str, make: Callable[[], Any]) -> None:
        """A table called `name` as `make` leaves it; `make` is asked the first time a `kind` is wanted."""
        tables = dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables
        if kind not in self._made:
            make()
            self._made[kind] = _copy(tables[name])
        else:
            tables[name] = _copy(self._made[kind])
            tables[name].name = name

    def take_away(self, name: str) -> None:
        dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables.pop(name, None)
        forget_old_objects()


def _copy(table: Table) -> Table:
    return _kept(table, {pk.value for pk in table.items})
