"""The outbox: an event is an item written in the transaction that caused it, so neither exists without the other.

The stream consumer delivers at once. What it could not deliver the dispatch job retries with back-off, and parks
in the dead letter after the last try, where staff see it and resend it. Consumers get every event at least once
and in any order; `once` makes an effect happen once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import log
from chalicelib.core.context import Context, system
from chalicelib.core.errors import Conflict, NotFound, SoukError
from chalicelib.store.attributes import Flag, Instant, Int, OptionalText, Text, Value, Words
from chalicelib.store.items import Item
from chalicelib.store.keys import Key, Ref
from chalicelib.store.parts import refuse_with
from chalicelib.store.reading import Page, get, rows
from chalicelib.store.transactions import Transaction, transaction

TIMER = "outbox"
DEAD_TIMER = "dead_letter"
REMINDED_EVERY = timedelta(days=1)
GRACE = timedelta(seconds=30)
"""How long the stream has before the dispatch job looks at an event."""
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 240, 720))
SEEN_FOR = timedelta(days=30)


class Event(Item, discriminator="event"):
    """Something that happened, on its way to those who want to know."""

    audited = False
    key = Key("EVENT#{event_id}", "EVENT", "one event by id")
    dead = Key(
        "EVENT#{state}",
        "{occurred_at}#{event_id}",
        "events in the dead letter, newest first",
        index="by_state",
    )
    indexes = (dead,)

    event_id: Text = Text()
    name: Text = Text()
    occurred_at: Instant = Instant()
    data: Value[dict[str, Any]] = Value(dict[str, Any])
    request_id: Text = Text(default="")
    attempts: Int = Int(default=0)
    is_deferred: Flag = Flag(default=False)
    """Left to the dispatch job at its time; the stream passes it over."""
    delivered_to: Words = Words(default=frozenset)
    state: OptionalText = OptionalText(default=None)
    """`dead` once it is parked; otherwise absent, so that only the dead stand in the index."""
    last_error: OptionalText = OptionalText(default=None)

    def row(self) -> dict[str, Any] | None:
        return None if self.state is None else dead_row(self)


def dead_row(event: Event) -> dict[str, Any]:
    return {
        "id": event.event_id,
        "name": event.name,
        "occurred_at": event.occurred_at.isoformat(),
        "attempts": event.attempts,
        "last_error": event.last_error or "",
    }


class Seen(Item, discriminator="seen"):
    """A consumer's mark that it has dealt with an event."""

    audited = False
    key = Key("SEEN#{event_id}", "{consumer}", "whether a consumer has dealt with an event")

    event_id: Text = Text()
    consumer: Text = Text()


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who wants to know. It may be told twice, or late: `handle` uses `once`, or is harmless when repeated."""

    name: str
    handle: Callable[[Context, Event], None]


def emit(tx: Transaction, name: str, data: dict[str, Any], *, not_before: datetime | None = None) -> str:
    """Announce an event in this transaction; answers its id. `not_before` leaves it to the dispatch job then."""
    ctx = tx.ctx
    event = Event(
        tenant=ctx.tenant,
        event_id=ctx.new_id("evt"),
        name=name,
        occurred_at=ctx.now,
        data=data,
        request_id=ctx.request_id or log.field("request_id"),
        timer=TIMER,
        due_at=not_before or ctx.now + GRACE,
        is_deferred=not_before is not None,
        ttl=None,
    )
    tx.put(f"event:{name}:{event.event_id}", event)
    return event.event_id


class _Twice(Conflict):
    """This consumer has dealt with this event."""


def once(tx: Transaction, event: Event, consumer_name: str) -> None:
    """Let this transaction commit once per event and consumer; `deliver` takes a second time for done."""
    mark = Seen(
        tenant=event.tenant, event_id=event.event_id, consumer=consumer_name, ttl=tx.ctx.now + SEEN_FOR
    )
    tx.put(f"seen:{consumer_name}", mark, refuse=refuse_with(_Twice))


def deliver(event: Event, consumers: Iterable[Consumer], now: datetime) -> bool:
    """Hand an event to every one of its consumers that has not had it; True when all have. The event is deleted then.

    Store calls: what the consumers make, and one.
    """
    ctx = system(event.tenant, event.request_id)
    done, failure = set(event.delivered_to), ""
    for one in consumers:
        if one.name in done:
            continue
        try:
            one.handle(ctx, event)
        except _Twice:
            pass
        except Exception as error:
            failure = f"{one.name}: {type(error).__name__}: {error}"[:300]
            log.error("event_failed", event_name=event.name, event_id=event.event_id, consumer=one.name)
            continue
        done.add(one.name)
    try:
        with transaction(ctx) as tx:
            if not failure:
                tx.delete("event", event.ref)
            else:
                tx.replace("event", _after_failure(event, frozenset(done), failure, now))
    except SoukError as error:
        # a twin delivered it meanwhile and wrote first: its word stands, the effects are guarded by `once`
        log.warning("event_written_by_twin", event_id=event.event_id, reason=error.code)
    return not failure


def _after_failure(event: Event, done: frozenset[str], failure: str, now: datetime) -> Event:
    event.delivered_to, event.last_error = done, failure
    event.attempts += 1
    if event.attempts > len(BACK_OFF):
        event.state = "dead"
        event.set_timer(DEAD_TIMER, now + REMINDED_EVERY)
        log.warning("event_dead", event_name=event.name, event_id=event.event_id, reason=failure)
        log.metrics({"event": event.name}, dead_letters=1)
    else:
        event.set_timer(TIMER, now + BACK_OFF[event.attempts - 1])
    return event


def remind(ref: Ref, now: datetime) -> None:
    """The sweep's handler: an event that is still parked a day later is told of again. Two store calls."""
    event = get(Event, ref)
    if event is None or event.state != "dead" or event.due_at is None or event.due_at > now:
        return
    event.set_timer(DEAD_TIMER, now + REMINDED_EVERY)
    with transaction(system(event.tenant, event.request_id)) as tx:
        tx.replace("event", event)
    log.warning("event_dead", event_name=event.name, event_id=event.event_id, reason=event.last_error or "")
    log.metrics({"event": event.name}, dead_letters=1)


def dead_letters(ctx: Context, *, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """One Query of `by_state`."""
    return rows(ctx.tenant, Event.dead, limit=limit, cursor=cursor, state="dead")


def resend(ctx: Context, event_id: str) -> Event:
    """Put a parked event back on its way, with all its tries. Two store calls. Raises NotFound, PreconditionFailed."""
    event = get(Event, Event.key.of(ctx.tenant, event_id=event_id))
    if event is None or event.state != "dead":
        raise NotFound
    event.state, event.attempts = None, 0
    event.set_timer(TIMER, ctx.now)
    with transaction(ctx) as tx:
        tx.replace("event", event)
    return event
