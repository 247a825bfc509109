"""Alarms on what the shop tells of itself: metrics of `core.metric_names`."""

from __future__ import annotations

from infra.package.alarm_making import FIVE_MINUTES, HOUR, Resources, Sum, When, add, ours

_QUARTER = 900
_ENOUGH_FAILURES = 5
_BILLION = 10**9


def add_all(resources: Resources) -> None:
    """Counters of the whole stage: which provider or event it was stands in the dashboard and in the log."""
    add(resources, "orders_stuck", ours("orders_stuck", "Sum", HOUR), When(1))
    add(resources, "payments_parked", ours("payments_parked", "Sum", FIVE_MINUTES), When(1))
    add(resources, "payments_disputed", ours("payments_disputed", "Sum", FIVE_MINUTES), When(1))
    add(resources, "payment_failures", _share_of_failed_payments(), When(50))
    difference = ours("reconciliation_difference", "Maximum", HOUR)
    add(resources, "reconciliation_difference", difference, When(1))
    add(resources, "stock_conflicts", ours("stock_conflicts", "Sum", FIVE_MINUTES), When(10, 2, 3))
    add(resources, "events_dead", ours("dead_letters", "Sum", FIVE_MINUTES), When(1))
    add(resources, "outbox_backlog", ours("outbox_backlog", "Minimum", FIVE_MINUTES), When(100, 3, 3))
    add(resources, "breaker_open", ours("breaker_opened", "Sum", FIVE_MINUTES), When(1, 3, 3))
    add(resources, "table_size", _gigabytes(), When({"Ref": "TableGigabytes"}))


def _share_of_failed_payments() -> Sum:
    """In percent; nothing while fewer than five failed: customers change their minds one by one."""
    of = {
        "failed": ours("payment_failures", "Sum", _QUARTER),
        "paid": ours("payments_succeeded", "Sum", _QUARTER),
    }
    return Sum(
        f"IF(failed >= {_ENOUGH_FAILURES}, 100 * failed / (failed + FILL(paid, 0)), 0)",
        of,
    )


def _gigabytes() -> Sum:
    return Sum(f"bytes / {_BILLION}", {"bytes": ours("table_size_bytes", "Maximum", HOUR)})
