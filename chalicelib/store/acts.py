"""Acts: what a member of staff did, written by the very transaction that did it.

No handler has to remember to record anything: a context that carries an `Act` makes every transaction under it
leave an entry, with each item's attributes before and after. What reads and chains the entries is `audit`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.core import clock, origin
from chalicelib.core.context import Context
from chalicelib.core.masking import masked
from chalicelib.store.attributes import Instant, OptionalInt, Text, Value, Wire, unmarshal
from chalicelib.store.items import Item
from chalicelib.store.keys import INDEX_KEYS, SEPARATOR, Key, Ref

LINK_TIMER = "audit_link"
LINK_GRACE = timedelta(seconds=30)
"""How long the stream has before the job looks at an entry that is in no chain yet."""
_MOST_CHANGES = 20
_LONGEST_TEXT = 200
_MOST_BYTES = 4096
_KEYS = frozenset(name for pair in INDEX_KEYS.values() for name in pair)
_BOOKKEEPING = _KEYS | {
    "kind", "tenant", "version", "timer", "due_at", "ttl", "card", origin.REQUEST, origin.TRACE
}  # fmt: skip


class AuditEntry(Item, discriminator="audit_entry"):
    """One staff act. Never changed but once, when the chain takes it up and `seq` is set."""

    key = Key("AUDIT#{entry_id}", "ENTRY", "one entry of the audit log by id")
    newest = Key("AUDIT", "{entry_id}", "the audit log, newest first", index="by_state")
    of_actor = Key(
        "AUDIT_OF#{actor_id}", "{entry_id}", "what one member of staff did, newest first", index="by_owner"
    )
    indexes = (newest, of_actor)
    audited = False

    entry_id: Text = Text()
    at: Instant = Instant()
    actor_id: Text = Text()
    act: Text = Text()
    """The operation's id, as in the API document."""
    targets: Value[dict[str, str]] = Value(dict[str, str])
    """The things the request's path named."""
    changes: Value[list[dict[str, Any]]] = Value(list[dict[str, Any]])
    """`{"item", "key", "before", "after"}` for each item written: the attributes that changed, as they were and are."""
    more: Value[dict[str, int]] = Value(dict[str, int])
    """Items beyond the first twenty, counted by their kind."""
    reason: Text = Text()
    request_id: Text = Text()
    client_ip: Text = Text()
    session_id: Text = Text()
    seq: OptionalInt = OptionalInt(default=None)
    """The entry's place in the chain; None until it has one."""

    def row(self) -> dict[str, Any]:
        return {
            "id": self.entry_id,
            "at": clock.to_text(self.at),
            "actor_id": self.actor_id,
            "act": self.act,
            "targets": self.targets,
            "items": sorted({change["item"] for change in self.changes} | self.more.keys()),
            "reason": self.reason,
            "request_id": self.request_id,
            "ip": self.client_ip,
        }

    @property
    def digest(self) -> str:
        """SHA-256 of everything the entry tells, in a canonical form."""
        told = [
            self.tenant, self.entry_id, clock.to_text(self.at), self.actor_id, self.act, self.targets,
            self.changes, self.more, self.reason, self.request_id, self.client_ip, self.session_id,
        ]  # fmt: skip
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Written:
    """One item that a transaction writes: its stored form before and after (None: none, or not known)."""

    of: type[Item]
    ref: Ref
    before: Wire | None = None
    after: Wire | None = None
    added: Mapping[str, int] | None = None

    @property
    def is_told(self) -> bool:
        """Bookkeeping is, too, when the act is about it: an item of it that stood there was changed."""
        return self.of.audited or self.before is not None

    def told(self) -> dict[str, Any]:
        key, before, after = self.of.key, self._shown(self.before), self._shown(self.after)
        if self.before is not None and self.after is not None:
            changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
            before = {name: before[name] for name in sorted(changed & before.keys())}
            after = {name: after[name] for name in sorted(changed & after.keys())}
        after |= {name: f"{amount:+d}" for name, amount in (self.added or {}).items()}
        told = {
            "item": self.of.item_kind.get_discriminator(self.of),
            "key": f"{self._place(key.pk, self.ref.pk.partition(SEPARATOR)[2])} {self._place(key.sk, self.ref.sk)}",
            "before": before,
            "after": after,
        }
        if len(json.dumps(told, ensure_ascii=False)) > _MOST_BYTES:
            told |= {"before": dict.fromkeys(before, "…"), "after": dict.fromkeys(after, "…")}
        return told

    def _place(self, template: str, filled: str) -> str:
        """One half of the key, with what is personal in it masked: a login stands in its own address."""
        if self.of.personal.isdisjoint(self.of.key.fields()):
            return filled
        names, words = template.split(SEPARATOR), filled.split(SEPARATOR)
        return SEPARATOR.join(
            masked(word) if name.strip("{}") in self.of.personal else word
            for name, word in zip(names, words, strict=True)
        )

    def _shown(self, wire: Wire | None) -> dict[str, Any]:
        return {
            name: self._value(name, value)
            for name, value in sorted((wire or {}).items())
            if name not in _BOOKKEEPING
        }

    def _value(self, name: str, wire: Wire) -> Any:
        """What the log may hold of an attribute: no secret, no stranger's detail, nothing endless."""
        if "B" in wire or name in self.of.hidden:
            return "(hidden) " + hashlib.sha256(repr(wire).encode()).hexdigest()[:8]
        return _bounded(unmarshal(wire), mask=name in self.of.personal)


def _bounded(value: Any, *, mask: bool) -> Any:
    if isinstance(value, dict):
        return {name: _bounded(inner, mask=mask) for name, inner in value.items()}
    if isinstance(value, list):
        return [_bounded(inner, mask=mask) for inner in value]
    if not isinstance(value, str):
        return value
    text = masked(value) if mask else value
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}… ({len(text)} characters)"


def entry(ctx: Context, written: Iterable[Written]) -> AuditEntry:
    """The entry for what a transaction writes under `ctx.act`."""
    assert ctx.act is not None  # noqa: S101 - asked for by who saw one
    told = [one.told() for one in written if one.is_told]
    return AuditEntry(
        tenant=ctx.tenant,
        entry_id=ctx.new_id("aud"),
        at=ctx.now,
        actor_id=ctx.actor.id,
        act=ctx.act.name,
        targets=ctx.act.targets,
        changes=told[:_MOST_CHANGES],
        more=dict(Counter(one["item"] for one in told[_MOST_CHANGES:])),
        reason=ctx.act.reason,
        request_id=ctx.request_id,
        client_ip=ctx.client_ip,
        session_id=ctx.actor.session_id,
        timer=LINK_TIMER,
        due_at=ctx.now + LINK_GRACE,
    )
