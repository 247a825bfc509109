"""The stream pump: what Lambda's event source mapping does between a table's stream and a handler."""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalice.app import DynamoDBEventConfig

from infra.local import clients
from infra.local.context import LocalContext
from infra.local.stream_reader import Record, StreamReader

MOST_RECORDS = 100
_IDLE_SECONDS = 0.2
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Consumer:
    name: str
    batch_size: int
    handler: Callable[[Any, Any], Any]


def consumers_of(app: Any) -> list[Consumer]:
    """The stream handlers registered in a Chalice app."""
    return [
        Consumer(source.name, min(source.batch_size, MOST_RECORDS), app.handler_map[source.name])
        for source in app.event_sources
        if isinstance(source, DynamoDBEventConfig)
    ]


class Pump:
    """Feeds one consumer from its own place in the stream, in order, between `start()` and `stop()`.

    A batch that fails is tried again from its first unfinished record, with growing pauses. After `tries`
    failures at one place each record left gets a last chance alone, so that a bad one costs only itself.
    """

    def __init__(
        self, consumer: Consumer, reader: StreamReader, *, tries: int = 5, first_pause: float = _FIRST_PAUSE
    ) -> None:
        self._consumer = consumer
        self._reader = reader
        self._tries = tries
        self._first_pause = first_pause
        self._stopping = threading.Event()
        self._give_up_at = float("inf")
        self._thread = threading.Thread(target=self._loop, name=f"stream-{consumer.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 3.0) -> None:
        """Deliver what is already in the stream, for `seconds` at most, and end."""
        self._give_up_at = time.monotonic() + seconds
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds + 1.0)

    def _loop(self) -> None:
        pause = self._first_pause
        while time.monotonic() < self._give_up_at:
            try:
                records = self._reader.read(self._consumer.batch_size)
            except Exception as error:
                if self._stopping.is_set():
                    return
                _logger.warning("%s: the stream cannot be read: %s", self._consumer.name, error)
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause = self._first_pause
            if records:
                self._deliver([as_lambda_record(record, self._reader.arn) for record in records])
            elif self._stopping.wait(_IDLE_SECONDS):
                return

    def _deliver(self, batch: list[Record]) -> None:
        failures = 0
        while batch and time.monotonic() < self._give_up_at:
            left = self._offer(batch)
            failures = failures + 1 if len(left) == len(batch) else 1
            batch = left
            if not batch:
                return
            if failures >= self._tries:
                self._last_chance(batch)
                return
            self._stopping.wait(min(self._first_pause * 2 ** (failures - 1), _LONGEST_PAUSE))

    def _last_chance(self, batch: list[Record]) -> None:
        for record in batch:
            if self._offer([record]):
                _logger.error(
                    "%s gave up on stream record %s of %s",
                    self._consumer.name,
                    record["dynamodb"]["SequenceNumber"],
                    record["dynamodb"]["Keys"],
                )

    def _offer(self, batch: list[Record]) -> list[Record]:
        """Call the handler once. Returns what it did not finish: the batch from its first failure on."""
        try:
            answer = self._consumer.handler({"Records": batch}, LocalContext(self._consumer.name))
        except Exception:
            _logger.warning("%s failed on %d stream records", self._consumer.name, len(batch), exc_info=True)
            return batch
        named = answer.get("batchItemFailures") if isinstance(answer, dict) else None
        if not named:
            return []
        failed = {failure.get("itemIdentifier") for failure in named}
        places = {record["dynamodb"]["SequenceNumber"]: at for at, record in enumerate(batch)}
        # As Lambda does: an answer that names a record not in the batch fails the whole batch.
        return batch[min(places.get(number, 0) for number in failed) :]


def as_lambda_record(record: Record, arn: str) -> Record:
    """A record of the Streams API as Lambda passes it on: plain JSON, with the stream's name."""
    return {
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": clients.REGION,
        **{name: value for name, value in record.items() if name != "dynamodb"},
        "eventSourceARN": arn,
        "dynamodb": {"SizeBytes": 0, **_plain(record["dynamodb"])},
    }


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case datetime():
            return int(value.timestamp())
        case _:
            return value
