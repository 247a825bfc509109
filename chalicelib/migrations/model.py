"""What a migration is: two pure functions over items as they are stored, and what they may see and change."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.core.text import Text
from chalicelib.store import Wire

Turn = Callable[[Wire], Wire]
"""From an item as it is stored to the item as it shall be: the same one when there is nothing to do."""

NEVER = {
    "tenant": "its row in the platform's directory is made from it, in one transaction",
    "tenant_row": "it is made from its tenant, in one transaction",
    "audit_entry": "its digest stands in the chain",
    "chain_link": "its hash stands in the next link",
    "chain_head": "the next link follows it",
    "idempotency": "it is the answer a client was given",
    "migration_run": "it says where the migration itself is",
    "migration_segment": "it says where the migration itself is",
    "migration_turn": "it says where the migration itself is",
}
"""Kinds that cannot be rewritten one by one, and why."""
_OURS = frozenset({"pk", "sk", "kind", "tenant", "version"})
_NUMBER = re.compile(r"[0-9]{4}")


class BadMigration(ValueError):
    """The migration contradicts itself. The message says how; a test reads them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step. `forward` and `backward` get the item's keys, kind and tenant, and of its attributes those named here.

    They must leave alone what is already in the shape they make: code that knows the new shape writes it while the
    migration runs, and a page may be done twice.
    """

    number: str
    """Four digits: the order in which migrations go, and the reverse of the order in which they are undone."""
    title: Text
    kinds: frozenset[str]
    attributes: frozenset[str]
    """What the functions look at and may change. An item is written only while all of them are as they were seen."""
    forward: Turn
    backward: Turn | None
    """None: it cannot be undone."""
    shown: frozenset[str] = frozenset()
    """Attributes that samples may show as they are; text in others is masked."""
    required: bool = False
    """The code of this release cannot do without it: it no longer knows the old shape."""
    older_code_reads_it: bool = True
    """False: undo it before an older release comes back."""

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.number):
            raise BadMigration(f"{self.number}: a number has four digits")
        if not self.kinds or not self.attributes:
            raise BadMigration(f"{self.number}: say which kinds it touches, and which attributes")
        for kind in self.kinds & NEVER.keys():
            raise BadMigration(f"{self.number}: {kind} cannot be rewritten: {NEVER[kind]}")
        if self.attributes & _OURS:
            raise BadMigration(f"{self.number}: {sorted(self.attributes & _OURS)} cannot be changed in place")
        if self.shown - self.attributes:
            raise BadMigration(
                f"{self.number}: {sorted(self.shown - self.attributes)} is not seen, so not shown"
            )

    def turn(self, *, undo: bool) -> Turn:
        """Raises BadMigration where there is no way back."""
        if not undo:
            return self.forward
        if self.backward is None:
            raise BadMigration(f"{self.number} cannot be undone")
        return self.backward
