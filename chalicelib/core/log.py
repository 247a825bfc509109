"""One JSON line per event, joined by request id; metrics in the same lines as CloudWatch EMF. No library.

What is secret or personal is taken out of every line (`redaction.py`).
"""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.core import clock, measured, metric_names, redaction

_fields: ContextVar[dict[str, Any] | None] = ContextVar("log_fields", default=None)
_LONGEST_ERROR = 4000
NAMESPACE = os.environ.get("SOUK_METRIC_NAMESPACE", "Souk")
"""Deployed, it names the stage too: stages that share an account must not share their metrics."""

_logger = logging.getLogger("souk")


def set_up(level: str = "INFO", stream: Any = None) -> None:
    """Send our lines to `stream` (stdout by default); calling again changes level and stream."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _logger.handlers[:] = [handler]
    _logger.setLevel(level)
    _logger.propagate = False


def ready(level: str) -> None:
    """Set up unless somebody has: a packaged job imports no `app.py`, which does it for the API."""
    if not _logger.handlers:
        set_up(level)


def join(**fields: Any) -> None:
    """Start the fields every later line of this request, record or job run carries."""
    _fields.set(fields)


def add(**fields: Any) -> None:
    """Let the later lines of this request, record or run carry these fields too."""
    _fields.set({**(_fields.get() or {}), **fields})


@contextmanager
def joined(**fields: Any) -> Iterator[None]:
    """Have the lines inside the block carry these fields too, in place of others of their names."""
    token = _fields.set({**(_fields.get() or {}), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def field(name: str) -> str:
    """What the lines of this request, record or run carry by that name; empty when they do not."""
    return str((_fields.get() or {}).get(name) or "")


def _line(level: int, event: str, fields: dict[str, Any], exc_info: bool = False) -> None:
    if not _logger.isEnabledFor(level):
        return
    line = {
        "time": clock.to_text(clock.current().now()),
        "level": logging.getLevelName(level),
        "event": event,
    }
    for key, value in {**(_fields.get() or {}), **fields}.items():
        line[key] = redaction.value(key, value)
    if exc_info:
        formatted = logging.Formatter().formatException(sys.exc_info())
        line["fault"] = _fault(sys.exc_info())
        line["error"] = redaction.text(formatted[-2 * _LONGEST_ERROR :])[-_LONGEST_ERROR:]
    _logger.log(level, json.dumps(line, ensure_ascii=False, separators=(",", ":")))


def _fault(raised: Any) -> str:
    """What went wrong and where in our own code, the same each time: what faults are counted by."""
    kind, _, trace = raised
    where = ""
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("chalicelib"):
            where = f"{module}.{trace.tb_frame.f_code.co_name}"
        trace = trace.tb_next
    return f"{kind.__name__} in {where}" if where else str(kind.__name__)


def info(event: str, **fields: Any) -> None:
    _line(logging.INFO, event, fields)


def warning(event: str, **fields: Any) -> None:
    _line(logging.WARNING, event, fields)


def error(event: str, **fields: Any) -> None:
    """Call inside `except` to keep the traceback."""
    _line(logging.ERROR, event, fields, exc_info=sys.exc_info()[0] is not None)


def metrics(dimensions: dict[str, str], **values: float) -> None:
    """One EMF line: CloudWatch makes a metric of each value, under these dimensions.

    Names, units and dimensions are those of `metric_names`; raises UnknownMetric for any other.
    """
    told = metric_names.of_line(dimensions, values)
    for metric in told:
        measured.note(metric, dimensions, values[metric.name])
    emf = {
        "_aws": {
            "Timestamp": int(clock.current().now().timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [list(one) for one in told[0].kept_by],
                    "Metrics": [{"Name": metric.name, "Unit": metric.unit} for metric in told],
                }
            ],
        },
        **{name: redaction.value(name, value) for name, value in (_fields.get() or {}).items()},
        **dimensions,
        **values,
    }
    if _logger.isEnabledFor(logging.INFO):
        _logger.info(json.dumps(emf, ensure_ascii=False, separators=(",", ":")))
