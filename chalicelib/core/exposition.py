"""What this process measured, in the text format that Prometheus reads (version 0.0.4).

The numbers are those of the lines CloudWatch reads, in the units Prometheus wants: seconds and ratios.
"""

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.core import breakers, measured, process
from chalicelib.core.measured import Labels, Series
from chalicelib.core.metric_names import ALL, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SCALES = {"Milliseconds": 0.001, "Percent": 0.01}
_STATES = ("closed", "half_open", "open")


def text() -> str:
    """Everything measured, and what can be looked up at this moment."""
    known = measured.series() | _at_this_moment()
    lines = [line for metric in ALL for line in _family(metric, known.get(metric.name, {}))]
    return "\n".join([*lines, *_breakers()]) + "\n"


def _at_this_moment() -> dict[str, dict[Labels, Series]]:
    return {
        "store_calls_in_flight": {(): Series(last=process.in_flight())},
        "memory_usage_bytes": {(): Series(last=process.memory_bytes())},
        "cache_hit_ratio": {
            (("cache", name),): Series(last=looks.ratio) for name, looks in process.caches().items()
        },
    }


def _family(metric: Metric, rows: Mapping[Labels, Series]) -> Iterator[str]:
    if not rows:
        return
    kind = {"counter": "counter", "distribution": "histogram"}.get(metric.kind, "gauge")
    yield f"# HELP {metric.exposed} {_escaped(metric.meaning)}"
    yield f"# TYPE {metric.exposed} {kind}"
    scale = _SCALES.get(metric.unit, 1)
    for labels, one in sorted(rows.items()):
        match metric.kind:
            case "counter":
                yield _sample(metric.exposed, labels, one.total * scale)
            case "gauge":
                yield _sample(metric.exposed, labels, one.last * scale)
            case "mean":
                yield _sample(metric.exposed, labels, one.total / one.count * scale)
            case "distribution":
                for bound, within in zip(metric.bounds, one.within, strict=True):
                    yield _sample(f"{metric.exposed}_bucket", (*labels, ("le", f"{bound * scale:g}")), within)
                yield _sample(f"{metric.exposed}_bucket", (*labels, ("le", "+Inf")), one.count)
                yield _sample(f"{metric.exposed}_sum", labels, one.total * scale)
                yield _sample(f"{metric.exposed}_count", labels, one.count)


def _breakers() -> Iterator[str]:
    stands = breakers.standings()
    if not stands:
        return
    yield "# HELP breaker_state 1 for the state in which the breaker of a service stands here"
    yield "# TYPE breaker_state gauge"
    for one in stands:
        for state in _STATES:
            yield _sample("breaker_state", (("provider", one.provider), ("state", state)), one.state == state)


def _sample(name: str, labels: Iterable[tuple[str, str]], value: float) -> str:
    said = ",".join(f'{label}="{_escaped(word, quoted=True)}"' for label, word in labels)
    return f"{name}{{{said}}} {_number(value)}" if said else f"{name} {_number(value)}"


def _number(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() else repr(round(float(value), 9))


def _escaped(text: str, *, quoted: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"') if quoted else escaped
