"""Floor 2: the table. The only room that calls DynamoDB.

Domains import from here: `Item`, the attributes, `Key`, `transaction`, `update`, `get`, `get_many`,
`collection`, `items`, `rows`, `consumer`. They never build an expression string, a key string or a
cursor.
"""

from chalicelib.core import breakers
from chalicelib.core.breakers import Standing
from chalicelib.store import secrets
from chalicelib.store.acts import AuditEntry
from chalicelib.store.attributes import (
    Bytes,
    Expiry,
    Flag,
    Instant,
    Int,
    OptionalBytes,
    OptionalInstant,
    OptionalInt,
    OptionalText,
    Text,
    Value,
    Wire,
    Words,
)
from chalicelib.store.idempotency import AlreadyDone, refuse_repeat, remember
from chalicelib.store.items import Item
from chalicelib.store.keys import Key, Ref
from chalicelib.store.outbox import Consumer, Event, emit, once
from chalicelib.store.parts import Change, TooBig, refuse_with
from chalicelib.store.racing import again
from chalicelib.store.reachability import reachable
from chalicelib.store.reading import Found, Page, collection, get, get_many, items, rows
from chalicelib.store.transactions import MOST_ACTIONS, Transaction, note, transaction
from chalicelib.store.writing import update


def _keep_breaker(standing: Standing) -> None:
    """A breaker hardly ever moves: a cold start does without what writes it down."""
    from chalicelib.store import system_notes

    system_notes.keep_breaker(standing)


secrets.register()
breakers.register(_keep_breaker)

__all__ = [
    "MOST_ACTIONS",
    "AlreadyDone",
    "AuditEntry",
    "Bytes",
    "Change",
    "Consumer",
    "Event",
    "Expiry",
    "Flag",
    "Found",
    "Instant",
    "Int",
    "Item",
    "Key",
    "OptionalBytes",
    "OptionalInstant",
    "OptionalInt",
    "OptionalText",
    "Page",
    "Ref",
    "Text",
    "TooBig",
    "Transaction",
    "Value",
    "Wire",
    "Words",
    "again",
    "collection",
    "emit",
    "get",
    "get_many",
    "items",
    "note",
    "once",
    "reachable",
    "refuse_repeat",
    "refuse_with",
    "remember",
    "rows",
    "transaction",
    "update",
]
