"""The base of every item in the table: keys from its own fields, sparse index entries, timers, TTL, version."""

import zlib
from typing import Any, ClassVar, Self, cast, dataclass_transform

from pynamodb.attributes import DiscriminatorAttribute
from pynamodb.models import Model

from chalicelib.core import clock
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
    marshal,
    unmarshal,
)
from chalicelib.store.keys import INDEX_KEYS, Key, Ref

DUE_SHARDS = 4


def due_partition(timer: str, shard: int) -> str:
    return f"DUE#{timer}#{shard}"


@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(
        Text, OptionalText, Int, OptionalInt, Flag, Instant, OptionalInstant, Expiry, Bytes, OptionalBytes, Words,
        Value,
    ),
)  # fmt: skip
class _Declared(Model):
    """Gives subclasses typed constructors: mypy reads the attributes, PynamoDB fills them."""

    class Meta:
        table_name = "souk"


class Item(_Declared):
    """One item of the table. A subclass gives a `kind`, attributes, a `key`, and the `indexes` it stands in.

    An item stands in an index only while every field of that index's key is set.
    """

    key: ClassVar[Key]
    indexes: ClassVar[tuple[Key, ...]] = ()
    audited: ClassVar[bool] = True
    """False: bookkeeping of ours, which the audit log tells of only where an act is about it."""
    hidden: ClassVar[frozenset[str]] = frozenset()
    """Attributes the audit log names and never shows."""
    personal: ClassVar[frozenset[str]] = frozenset()
    """Attributes the audit log shows masked."""

    item_kind = DiscriminatorAttribute(attr_name="kind")
    """Stored as `kind`. The name `kind` itself is left to the domains: half of their nouns have one."""
    tenant: Text = Text()
    version: Int = Int(default=0)
    timer: OptionalText = OptionalText(default=None)
    due_at: OptionalInstant = OptionalInstant(default=None)
    ttl: Expiry = Expiry(default=None)

    as_read = cast("Wire | None", None)
    """The stored form this item was read from; None for one made here."""

    @property
    def ref(self) -> Ref:
        return self.key.of(self.tenant, **self._key_fields(self.key))

    def _key_fields(self, key: Key) -> dict[str, Any]:
        return {name: getattr(self, name) for name in key.fields()}

    def row(self) -> dict[str, Any] | None:
        """What one row of a list shows of this item; stored as `card` and carried by the list indexes."""
        return None

    def is_expired(self, now: Any) -> bool:
        return self.ttl is not None and self.ttl <= now

    def set_timer(self, timer: str | None, due_at: Any = None) -> None:
        """Ask the sweep named `timer` to look at this item at `due_at`; None takes it off the clock."""
        self.timer, self.due_at = (timer, due_at) if timer else (None, None)

    def wire(self) -> Wire:
        """The whole item as DynamoDB takes it: attributes, keys, index entries, timer."""
        wire: Wire = self._container_serialize(null_check=True)
        ref = self.ref
        wire.update(ref.wire())
        for key in self.indexes:
            fields = self._key_fields(key)
            if all(value is not None for value in fields.values()):
                entry = key.of(self.tenant, **fields)
                pk_name, sk_name = INDEX_KEYS[key.index]
                wire[pk_name], wire[sk_name] = {"S": entry.pk}, {"S": entry.sk}
        wire.update(self.due_wire(ref))
        card = self.row()
        if card is not None:
            wire["card"] = marshal(card)
        return wire

    def due_wire(self, ref: Ref) -> Wire:
        if self.timer is None or self.due_at is None:
            return {}
        shard = zlib.crc32(ref.pk.encode()) % DUE_SHARDS
        return {
            "due_pk": {"S": due_partition(self.timer, shard)},
            "due_sk": {"S": f"{clock.to_text(self.due_at)}#{ref.pk}"},
        }

    @classmethod
    def from_wire(cls, wire: Wire) -> Self:
        """The item as stored. Raises ValueError when it is of another kind than `cls`."""
        item: Self = cls._instantiate(wire)
        item.as_read = wire
        return item


def card_of(wire: Wire) -> dict[str, Any]:
    card: dict[str, Any] = unmarshal(wire["card"])
    return card


def every_kind() -> list[type[Item]]:
    """All declared items, in the order of their names: for the docs page, `verify` and exports."""
    found: list[type[Item]] = []
    queue = list(Item.__subclasses__())
    while queue:
        cls = queue.pop()
        queue.extend(cls.__subclasses__())
        if hasattr(cls, "key"):
            found.append(cls)
    return sorted(found, key=lambda cls: (cls.__module__, cls.__name__))
