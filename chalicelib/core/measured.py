"""What this process has measured since it began: each `log.metrics` line is counted here too.

Of this process alone: every warm Lambda process has its own, and takes them along when it ends.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.core.metric_names import Metric

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Series:
    """One metric under one set of dimensions."""

    count: int = 0
    total: float = 0.0
    last: float = 0.0
    within: list[int] = field(default_factory=list)
    """How many stayed within each of the metric's bounds."""


_series: dict[str, dict[Labels, Series]] = {}
_lock = threading.Lock()


def note(metric: Metric, dimensions: Mapping[str, str], value: float) -> None:
    labels = tuple((name, dimensions[name]) for name in metric.dimensions)
    with _lock:
        one = _series.setdefault(metric.name, {}).setdefault(labels, Series(within=[0] * len(metric.bounds)))
        one.count += 1
        one.total += value
        one.last = value
        for at, bound in enumerate(metric.bounds):
            one.within[at] += value <= bound


def series() -> dict[str, dict[Labels, Series]]:
    """By metric and dimensions; a copy."""
    with _lock:
        return {
            name: {
                labels: Series(one.count, one.total, one.last, [*one.within]) for labels, one in rows.items()
            }
            for name, rows in _series.items()
        }


def forget() -> None:
    """Begin anew: for tests."""
    with _lock:
        _series.clear()
