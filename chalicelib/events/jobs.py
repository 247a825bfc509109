"""The stream consumer, and the dispatch job behind it."""

from datetime import datetime
from typing import Any

from chalicelib.audit import chain
from chalicelib.core import log
from chalicelib.events import delivery
from chalicelib.http.jobs import Jobs
from chalicelib.orders import shipping
from chalicelib.orders.states import ORDER_STUCK
from chalicelib.store import outbox, size
from chalicelib.store.acts import LINK_TIMER
from chalicelib.store.outbox import DEAD_TIMER, TIMER
from chalicelib.store.timers import BUDGET_SECONDS, Sweep, sweep

jobs = Jobs("chalicelib.events.jobs")


@jobs.table_stream
def table_stream(record: dict[str, Any]) -> None:
    """Deliver events as they are written."""
    delivery.deliver_record(record)


@jobs.every_minute
def alert_dispatch(now: datetime) -> list[Sweep]:
    """What the stream could not do: deliver events, link the audit log. Alarms for what is left lying."""
    delivered = sweep(TIMER, now, lambda ref: delivery.deliver_due(ref, now), budget=BUDGET_SECONDS / 2)
    log.metrics({}, outbox_backlog=delivered.found)
    size.tell(now)
    return [
        delivered,
        sweep(ORDER_STUCK, now, lambda ref: shipping.raise_alarm(ref, now), budget=BUDGET_SECONDS / 4),
        sweep(LINK_TIMER, now, lambda ref: chain.link(ref, now), budget=BUDGET_SECONDS / 8),
        sweep(DEAD_TIMER, now, lambda ref: outbox.remind(ref, now), budget=BUDGET_SECONDS / 8),
    ]
