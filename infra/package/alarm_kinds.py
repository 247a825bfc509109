"""What is watched: each kind of alarm, how soon somebody has to look, and what silence means for it.

The page `docs/alarms/<name>.md` says what to do; the list in `docs/alarms/README.md` is made from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["urgent", "soon"]
"""Money or sales stand still: now, at night too. Nothing is lost yet: the next working day."""


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    severity: Severity
    says: str
    """What has happened, in a sentence."""
    silence: Literal["breaching", "notBreaching", "ignore"]
    """CloudWatch's TreatMissingData."""
    why: str
    """Why silence means that."""


_IDLE = "no calls, no datapoints: an idle shop is a healthy one"
_EVENT = "counted only when it happens"

ALL: tuple[Kind, ...] = (
    # the API
    Kind(
        "api_errors",
        "urgent",
        "The API answered with 5xx several times in five minutes.",
        "notBreaching",
        _IDLE,
    ),
    Kind("api_latency", "soon", "One answer in a hundred takes longer than 500 ms.", "notBreaching", _IDLE),
    Kind(
        "error_budget_fast",
        "urgent",
        "Answers fail 14.4 times as fast as the error budget allows: a fiftieth of the month's went in an hour.",
        "notBreaching",
        _IDLE,
    ),
    Kind(
        "error_budget_slow",
        "urgent",
        "Answers fail six times as fast as the error budget allows: a twentieth of the month's went in six hours.",
        "notBreaching",
        _IDLE,
    ),
    Kind(
        "error_budget_trickle",
        "soon",
        "On each of three days, and still, answers failed faster than the error budget allows.",
        "notBreaching",
        _IDLE,
    ),
    # a new version of the API, while it is rolled out
    Kind(
        "rollout_errors",
        "urgent",
        "Calls of the version that is rolled out end with an error.",
        "notBreaching",
        _IDLE,
    ),
    Kind(
        "rollout_5xx",
        "urgent",
        "The API answers with 5xx; a roll-out under way is taken back.",
        "notBreaching",
        _IDLE,
    ),
    Kind(
        "rollout_duration",
        "urgent",
        "The version that is rolled out takes seconds to answer.",
        "notBreaching",
        _IDLE,
    ),
    # functions
    Kind(
        "function_errors", "urgent", "A function ended with an error again and again.", "notBreaching", _IDLE
    ),
    Kind(
        "function_throttles",
        "urgent",
        "Lambda refused to run a function for want of concurrency.",
        "notBreaching",
        _IDLE,
    ),
    Kind("function_duration", "soon", "A function comes near its timeout.", "notBreaching", _IDLE),
    Kind(
        "stream_lag",
        "urgent",
        "The consumer of the table's stream is minutes behind.",
        "notBreaching",
        "nothing written",
    ),
    # jobs and timers
    Kind(
        "timer_late",
        "urgent",
        "Something due was not handled in time, or its job does not run.",
        "breaching",
        "each tick tells how late it is, 0 when nothing was: silence is a job that does not run",
    ),
    Kind(
        "queue_dead_letters",
        "urgent",
        "A job's tick or a stream record was given up and lies in the queue of dead letters.",
        "notBreaching",
        "SQS stops telling of a queue that was empty for six hours",
    ),
    Kind(
        "queue_expiring",
        "urgent",
        "A dead letter has lain for ten days; after fourteen SQS drops it.",
        "notBreaching",
        "SQS stops telling of a queue that was empty for six hours",
    ),
    # the table
    Kind(
        "table_throttles",
        "urgent",
        "DynamoDB throttled reads or writes of the table.",
        "notBreaching",
        _EVENT,
    ),
    Kind("table_errors", "urgent", "DynamoDB failed on its side.", "notBreaching", _EVENT),
    Kind("table_latency", "soon", "DynamoDB answers slowly.", "notBreaching", _IDLE),
    Kind(
        "table_size",
        "soon",
        "The table has grown beyond the size set for it.",
        "ignore",
        "told once an hour: between two words it stays as it was",
    ),
    Kind(
        "backup_missing",
        "urgent",
        "For two days no backup of the table was completed.",
        "breaching",
        "a plan that does not run tells nothing",
    ),
    # the shop
    Kind(
        "orders_stuck", "soon", "An order has stood too long where somebody must act.", "notBreaching", _EVENT
    ),
    Kind(
        "payment_failures",
        "urgent",
        "Most payments of the last quarter of an hour failed.",
        "notBreaching",
        _IDLE,
    ),
    Kind("payments_parked", "urgent", "A genuine callback fits no payment of ours.", "notBreaching", _EVENT),
    Kind(
        "payments_disputed", "soon", "A customer disputes a payment at the provider.", "notBreaching", _EVENT
    ),
    Kind(
        "reconciliation_difference",
        "urgent",
        "Our books and the provider's differ.",
        "ignore",
        "told by each reconciliation: until the next one, what it found stands",
    ),
    Kind("stock_conflicts", "soon", "Many buyers fight over one stock item.", "notBreaching", _EVENT),
    Kind("events_dead", "urgent", "An event was parked after its last try.", "notBreaching", _EVENT),
    Kind(
        "outbox_backlog",
        "urgent",
        "Events wait for the dispatch job faster than it delivers them.",
        "notBreaching",
        "timer_late rings when the job does not run",
    ),
    Kind(
        "breaker_open",
        "urgent",
        "For a quarter of an hour another service failed so often that it was left alone.",
        "notBreaching",
        _EVENT,
    ),
)

BY_NAME = {kind.name: kind for kind in ALL}
