"""Walks through the shop and takes down what each act costs, what the stream has to do afterwards included."""

from __future__ import annotations

import gzip
import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from chalicelib.core import clock as clocks
from chalicelib.core import log
from chalicelib.core.settings import settings
from chalicelib.identity import service as who
from chalicelib.store import client
from infra.bench.shop import BenchShop
from infra.cost.act import Act, Later
from infra.cost.tape import Call, Change, Tape, kinds, read_units, write_units
from infra.local import clients
from infra.local.schedules import jobs_of
from infra.local.stream_reader import StreamReader, stream_arn
from infra.local.streams import as_lambda_record, consumers_of

_BATCH = 100
_PACKED_FROM = 1024
"""Bytes: `minimum_compression_size` of .chalice/config.json."""
TICK = {
    "version": "0",
    "id": "tick",
    "account": "0",
    "region": "us-east-1",
    "detail": {},
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "2026-01-01T00:00:00Z",
    "resources": [],
}


class Walker:
    """One pass through the shop. `acts` has each act under its name: `POST /v1/orders`, `order_timeout: one due`."""

    def __init__(self, app: Any, endpoint: str, clock: clocks.SetClock) -> None:
        self.shop = BenchShop(app)
        self.clock = clock
        self.acts: dict[str, Act] = {}
        self._app = app
        self._tape = Tape()
        self._log = io.StringIO()
        arn = stream_arn(clients.dynamodb(endpoint), settings().table)
        self._reader = StreamReader(clients.streams(endpoint), arn)
        (self._consumer,) = consumers_of(app)

    @contextmanager
    def listening(self) -> Iterator[Walker]:
        log.set_up("INFO", self._log)
        try:
            with self._tape.running(client.client()):
                yield self
        finally:
            log.set_up(settings().log_level)

    def do(
        self,
        method: str,
        url: str,
        body: Any = None,
        token: str = "",
        *,
        note: str = "",
        more: dict[str, str] | None = None,
    ) -> Any:
        """Send a request and keep what it cost, under its route and, where one route is tried twice, a note.

        As most processes meet it: they know the shop, and have not seen this session in the last seconds.
        """
        name = f"{method} {self.shop.resource(url)}" + (f", {note}" if note else "")
        who.forget_sessions()
        answer = self._measured(name, lambda: self.shop.ask(method, url, body, token, more))
        text = answer["body"]
        return json.loads(text) if text[:1] in ("{", "[") else text

    def get_ready(
        self, method: str, url: str, body: Any = None, token: str = "", more: dict[str, str] | None = None
    ) -> Any:
        """Send a request that only prepares one to be measured."""
        text = self.shop.ask(method, url, body, token, more)["body"]
        self.settle()
        return json.loads(text or "null")

    def jobs(self, note: str, *names: str) -> None:
        """Fire scheduled functions, all or some, and keep what each cost."""
        for job in jobs_of(self._app):
            if not names or job.name in names:
                self._measured(f"{job.name}, {note}", partial(job.handler, dict(TICK), None))

    def tick(self, *names: str) -> None:
        """Fire scheduled functions, all or some, and measure none. The stream is left as it is."""
        for job in jobs_of(self._app):
            if not names or job.name in names:
                job.handler(dict(TICK), None)

    def settle(self) -> None:
        """Let the stream do what is left, and forget it."""
        self._later()
        self._take()

    def _measured(self, name: str, act: Callable[[], Any]) -> Any:
        if name in self.acts:
            raise ValueError(f"{name} was measured before: give one of the two a note")
        self._take()
        self.clock.advance(milliseconds=50)  # so that lists by time have one order
        began = time.process_time()
        answer = act()
        cpu_ms = (time.process_time() - began) * 1000
        calls, lines = self._take()
        later = self._later()
        self.acts[name] = self._act(calls, lines, later.first, cpu_ms, answer, later)
        return answer

    def _act(
        self, calls: list[Call], lines: str, changes: list[Change], cpu_ms: float, answer: Any, later: Later
    ) -> Act:
        found = Act(
            calls=len(calls),
            rru=read_units(calls),
            wru=write_units(calls, changes),
            waits=kinds(calls),
            log_bytes=len(lines.encode()),
            metrics=_metrics(lines),
            stream_records=len(changes),
            cpu_ms=round(cpu_ms, 2),
            later=later,
        )
        if answer is not None:
            found.answer_bytes, found.packed_bytes = _sizes(answer)
        self._keep_stored(found.stored, changes)
        _add_shared(found.shared, changes)
        _add_shared(found.shared, later.rest)
        return found

    def _keep_stored(self, stored: dict[str, list[int | None]], changes: list[Change]) -> None:
        now = self.clock.now().timestamp()
        for change in changes:
            entry = stored.setdefault(change.kind, [0, change.days(now)])
            entry[0] = (entry[0] or 0) + change.stored

    def _later(self) -> Later:
        """Hand the stream's records to its consumer until there are none: what it writes comes by again."""
        later, pending = Later(), list[Call]()
        while records := self._reader.read(_BATCH):
            changes = [Change.of(record) for record in records]
            if later.invocations:
                later.wru += write_units(pending, changes)
                self._keep_stored(later.stored, changes)
                later.rest += changes
            else:
                later.first = changes
            began = time.process_time()
            batch = [as_lambda_record(record, self._reader.arn) for record in records]
            self._consumer.handler({"Records": batch}, None)
            later.cpu_ms += (time.process_time() - began) * 1000
            later.invocations += 1
            pending, lines = self._take()
            later.calls += len(pending)
            later.rru += read_units(pending)
            later.waits += kinds(pending)
            later.log_bytes += len(lines.encode())
            later.metrics |= _metrics(lines)
        later.wru += write_units(pending, [])
        later.cpu_ms = round(later.cpu_ms, 2)
        return later

    def _take(self) -> tuple[list[Call], str]:
        lines = self._log.getvalue()
        self._log.seek(0)
        self._log.truncate()
        return self._tape.take(), lines


def _add_shared(shared: dict[str, int], changes: list[Change]) -> None:
    for change in changes:
        for partition, units in change.shared():
            shared[partition] = shared.get(partition, 0) + units


def _sizes(answer: dict[str, Any]) -> tuple[int, int]:
    """Bytes of an answer with its headers, as it is and with its body compressed."""
    head = sum(len(name) + len(str(value)) + 4 for name, value in answer["headers"].items())
    body = answer["body"].encode()
    packed = len(gzip.compress(body, mtime=0)) if len(body) > _PACKED_FROM else len(body)
    return head + len(body), head + packed


def _metrics(lines: str) -> set[str]:
    """The metrics that CloudWatch makes of these log lines: each name under each set of dimensions is billed."""
    found = set()
    for line in lines.splitlines():
        told = json.loads(line)
        for one in told.get("_aws", {}).get("CloudWatchMetrics", []):
            for dimensions in one["Dimensions"]:
                place = "/".join(f"{name}={told[name]}" for name in dimensions)
                found |= {f"{metric['Name']} {place}" for metric in one["Metrics"]}
    return found
