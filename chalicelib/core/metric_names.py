"""Every metric there is: its name, its unit, the dimensions it is kept by, and what it tells. The one list.

`log.metrics` writes nothing that is not here; alarms, dashboards and saved queries are made from here and held against
it. A dimension is a word of a short list (an operation, a timer, a provider), never an id: each of its values is a
metric of its own, and is paid for as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Unit = Literal["Count", "Milliseconds", "Seconds", "Bytes", "Percent"]
Kind = Literal["counter", "gauge", "distribution", "mean"]
"""What adds up; what is looked at as it stands; what has percentiles; what is told by its mean alone."""
Dimensions = tuple[str, ...]

WHOLE: Dimensions = ()
"""Kept as one number of the whole stage: what an alarm that need not say where is made on."""


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    unit: Unit
    kind: Kind
    kept_by: tuple[Dimensions, ...]
    """Each set of dimensions CloudWatch keeps the metric by. The first names all that a line carries."""
    meaning: str
    is_emitted: bool = True
    """False: its name is settled, and what will emit it is not built yet."""
    bounds: tuple[float, ...] = ()
    """Of a distribution, in its unit: what `GET /v1/metrics` counts it by."""
    named: str = ""
    """Its name there, where that is not the usual one."""

    @property
    def exposed(self) -> str:
        """Its name for Prometheus: a counter ends with `_total`."""
        plain = self.name if self.kind != "counter" or self.name.endswith("_total") else f"{self.name}_total"
        return self.named or plain

    @property
    def dimensions(self) -> Dimensions:
        """What each line of this metric carries."""
        return self.kept_by[0]


def _metric(
    name: str, unit: Unit, kind: Kind, by: str, meaning: str, *, is_emitted: bool = True, named: str = ""
) -> Metric:
    """`by` names the dimensions; the whole is kept beside them."""
    dimensions = tuple(by.split())
    kept_by = (dimensions, WHOLE) if dimensions else (WHOLE,)
    return Metric(name, unit, kind, kept_by, meaning, is_emitted, named=named)


_BY_REQUEST: tuple[Dimensions, ...] = (("operation", "status"), ("status",), WHOLE)

ALL: tuple[Metric, ...] = (
    # requests
    Metric("requests", "Count", "counter", _BY_REQUEST, "requests answered", named="http_requests_total"),
    Metric(
        "request_duration_ms",
        "Milliseconds",
        "distribution",
        _BY_REQUEST,
        "how long an answer took",
        bounds=(5, 10, 25, 50, 100, 200, 500, 1000, 2500, 5000, 10000),
        named="http_request_duration_seconds",
    ),
    Metric(
        "store_calls",
        "Count",
        "distribution",
        _BY_REQUEST,
        "store calls of one request",
        bounds=(0, 1, 2, 3, 5, 10, 20, 50),
    ),
    # one process, told at most once a minute
    _metric(
        "store_calls_in_flight",
        "Count",
        "gauge",
        "",
        "store calls under way at once; in a line, the most since the last one",
        named="database_connections_active",
    ),
    _metric("cache_hit_ratio", "Percent", "gauge", "cache", "how often what a process remembers was enough"),
    _metric("memory_usage_bytes", "Bytes", "gauge", "", "resident memory of one process"),
    # the shop
    _metric("user_registrations_total", "Count", "counter", "way", "accounts that customers opened"),
    _metric("course_enrollments_total", "Count", "counter", "", "enrolments into courses", is_emitted=False),
    _metric("payments_succeeded", "Count", "counter", "provider", "payment attempts that brought the money"),
    _metric("payment_failures", "Count", "counter", "provider", "payment attempts the provider says failed"),
    _metric(
        "payment_success_rate",
        "Percent",
        "mean",
        "provider",
        "100 or 0 for each attempt that ended at its provider: the mean is the rate",
    ),
    _metric(
        "session_duration_average",
        "Seconds",
        "mean",
        "",
        "how long a session that was ended had stood: the mean is the average",
    ),
    _metric("orders_stuck", "Count", "counter", "status", "alarms for orders that wait too long"),
    _metric("payments_parked", "Count", "counter", "provider", "callbacks that fit no payment of ours"),
    _metric("payments_disputed", "Count", "counter", "provider", "payments disputed at the provider"),
    _metric(
        "stock_conflicts", "Count", "counter", "", "transactions on stock that found no gap for six seconds"
    ),
    _metric(
        "reconciliation_difference",
        "Count",
        "gauge",
        "provider",
        "payments that differ from the provider's own records",
        is_emitted=False,
    ),
    # the table, timers, events, jobs
    _metric("table_size_bytes", "Bytes", "gauge", "", "the table's size, as DynamoDB last counted it"),
    _metric(
        "timer_lateness_seconds",
        "Seconds",
        "gauge",
        "timer",
        "how late the oldest overdue item was; 0: nothing was overdue",
    ),
    _metric("timer_handled", "Count", "counter", "timer", "due items handled"),
    _metric("timer_failed", "Count", "counter", "timer", "due items that could not be handled"),
    _metric("outbox_backlog", "Count", "gauge", "", "events the dispatch job found undelivered and due"),
    _metric("dead_letters", "Count", "counter", "event", "events parked after their last try"),
    _metric("job_failed", "Count", "counter", "job", "runs of a scheduled function that ended with an error"),
    _metric("records_failed", "Count", "counter", "job", "stream records a consumer could not take"),
    # files
    _metric(
        "storage_alarms",
        "Count",
        "counter",
        "level",
        "times a shop's files reached 80, 95 or 100 % of its room",
    ),
    _metric("storage_refused", "Count", "counter", "kind", "files refused because the shop's room is full"),
    # other services
    _metric("breaker_opened", "Count", "counter", "provider", "times a failing service was given a rest"),
)

BY_NAME = {metric.name: metric for metric in ALL}


class UnknownMetric(LookupError):
    """Nobody would find it: no alarm, no dashboard and no page knows the name, or not by these dimensions."""


def of_line(dimensions: Iterable[str], names: Iterable[str]) -> list[Metric]:
    """The metrics of one line. Raises UnknownMetric unless all are listed, by these dimensions and kept alike."""
    given = set(dimensions)
    found = [BY_NAME[name] for name in names if name in BY_NAME]
    strangers = {*names} - BY_NAME.keys()
    if strangers:
        raise UnknownMetric(f"not in core.metric_names: {sorted(strangers)}")
    if any(set(metric.dimensions) != given for metric in found):
        raise UnknownMetric(f"{sorted(names)} are not kept by {sorted(given)}")
    if len({metric.kept_by for metric in found}) != 1:
        raise UnknownMetric(f"{sorted(names)} are not kept alike, and do not go into one line")
    return found
