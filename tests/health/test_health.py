"""Health: the process alone, and the process with its table."""

import io
import json
import time
from typing import Any

import pytest

from chalicelib.core import log
from chalicelib.core.settings import settings
from chalicelib.store import client, meter
from tests.shop import Shop, send


def test_health_asks_nobody() -> None:
    with meter.metering() as spent:
        answer = send("GET", "/v1/health")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert spent.calls == 0


@pytest.mark.ledger("S0-031")
def test_health_answers_and_every_request_is_measured() -> None:
    """One metric line for each request, in the form CloudWatch makes metrics of."""
    lines = io.StringIO()
    log.set_up("INFO", lines)
    try:
        assert send("GET", "/v1/health").status == 200
    finally:
        log.set_up(settings().log_level)
    (line,) = [found for found in map(json.loads, lines.getvalue().splitlines()) if "requests" in found]
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert {one["Name"] for one in metrics["Metrics"]} == {"requests", "request_duration_ms", "store_calls"}
    assert (line["operation"], line["status"], line["requests"]) == ("health_read_health", "2xx", 1)


def test_a_ready_process_reads_its_table(shop: Shop) -> None:
    answer = send("GET", "/v1/health/ready")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_a_table_that_is_not_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.store.reachability.table_name", lambda: "no-such-table")
    answer = send("GET", "/v1/health/ready")
    assert (answer.status, answer.code) == (503, "store_unreachable")
    assert int(answer.headers["retry-after"]) > 0
    assert send("GET", "/v1/health").status == 200


def test_a_table_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def _make_api_call(self, operation: str, parameters: Any) -> None:
            time.sleep(30)

    monkeypatch.setattr(client, "client", Silent)
    began = time.monotonic()
    answer = send("GET", "/v1/health/ready")
    assert (answer.status, answer.code) == (503, "store_unreachable")
    assert time.monotonic() - began < 3
