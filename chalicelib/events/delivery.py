"""Delivering events: at once from the table's stream, and again by the dispatch job where that failed."""

from datetime import datetime
from typing import Any

from chalicelib.audit import chain
from chalicelib.core import clock, log
from chalicelib.events.subscriptions import consumers_of
from chalicelib.store import Event, Ref, get
from chalicelib.store.outbox import deliver


def deliver_due(ref: Ref, now: datetime) -> None:
    """The sweep's handler: deliver what is still there and due. Store calls: 2 and what the consumers make."""
    event = get(Event, ref)
    if event is not None and event.due_at is not None and event.due_at <= now:
        deliver(event, consumers_of(event), now)


def deliver_record(record: dict[str, Any]) -> None:
    """One stream record: a new event whose time has come is delivered, a new entry of the audit log linked.

    Everything else is none of ours.
    """
    image = record["dynamodb"].get("NewImage", {})
    if record["eventName"] != "INSERT":
        return
    now = clock.current().now()
    match image.get("kind", {}).get("S"):
        case "event":
            event = Event.from_wire(image)
            if not event.is_deferred:
                deliver(event, consumers_of(event), now)
        case "audit_entry":
            _link(Ref(image["pk"]["S"], image["sk"]["S"]), now)


def _link(entry: Ref, now: datetime) -> None:
    """What cannot be linked is left to the job: no entry of the log keeps other records from their consumers."""
    try:
        chain.link(entry, now)
    except Exception:
        log.error("audit_not_linked", pk=entry.pk)
