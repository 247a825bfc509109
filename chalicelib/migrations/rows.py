"""One item at a time: what a migration makes of it, and writing that where nobody was faster."""

from dataclasses import dataclass, field
from typing import Any

from chalicelib.core import log, redaction
from chalicelib.migrations.model import Migration
from chalicelib.migrations.samples import address, sample
from chalicelib.store import Wire, rewriting

MOST_SAMPLES = 3
MOST_PARKED_SHOWN = 20
_TRIES = 5
"""How often an item that changes under our hands is read again before it is parked."""
_LONGEST_REASON = 200


class Unfit(Exception):
    """The migration made something of the item that it may not."""


@dataclass(slots=True)
class Tally:
    """What became of a page."""

    changed: int = 0
    unchanged: int = 0
    parked_count: int = 0
    parked: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)


def turned(migration: Migration, item: Wire, *, undo: bool) -> Wire:
    """What the item shall be. Pure. Raises whatever the migration raises, and Unfit."""
    turn = migration.turn(undo=undo)
    wanted = turn(dict(item))
    touched = {name for name in item.keys() | wanted.keys() if item.get(name) != wanted.get(name)}
    if touched - migration.attributes:
        raise Unfit(f"it changes {sorted(touched - migration.attributes)}, which it does not name")
    if touched and turn(dict(wanted)) != wanted:
        raise Unfit("it would change its own work again")
    return wanted


def deal_with(migration: Migration, item: Wire, tally: Tally, *, undo: bool, dry: bool) -> None:
    """Bring one item over; what cannot be is parked. No store call for one that is right, else one UpdateItem.

    Raises Unavailable when the store does not answer: the page is done again then.
    """
    stands: Wire | None = item
    for _ in range(_TRIES):
        if stands is None:
            return
        try:
            wanted = turned(migration, stands, undo=undo)
        except Exception as error:  # whatever it is, it is of this one item
            _park(migration, stands, tally, f"{type(error).__name__}: {error}")
            return
        if wanted == stands:
            tally.unchanged += 1
            return
        try:
            if not dry:
                rewriting.rewrite(stands, wanted, migration.attributes)
        except rewriting.Overtaken as overtaken:
            stands = overtaken.stands
            continue
        except rewriting.NotTaken as refusal:
            _park(migration, stands, tally, f"DynamoDB refuses it: {refusal}")
            return
        tally.changed += 1
        if len(tally.samples) < MOST_SAMPLES:
            tally.samples.append(sample(stands, wanted, migration.shown))
        return
    _park(migration, item, tally, "it changed each time it was to be rewritten")


def _park(migration: Migration, item: Wire, tally: Tally, reason: str) -> None:
    where, said = address(item), redaction.text(reason)[:_LONGEST_REASON]
    log.warning("migration_parked", migration=migration.number, **where, reason=said)
    tally.parked_count += 1
    if len(tally.parked) < MOST_PARKED_SHOWN:
        tally.parked.append({"key": " ".join(where.values()), "reason": said})
