"""Keeps the emulator's table across runs: it lives in memory, and a developer's shop should not."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.journal import Item, Journal
from infra.local.progress import Progress
from infra.local.stream_reader import StreamReader, stream_arn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

_BATCH = 25
"""DynamoDB's limit for one BatchWriteItem."""
_PAGE = 1000
_IDLE_SECONDS = 0.2
_SYNC_SECONDS = 1.0

_logger = logging.getLogger(__name__)


class Keeper:
    """`restore()` an empty table, `start()` following its changes, `stop()` with a full snapshot.

    After a normal stop everything is kept; after a kill all but about the last second.
    """

    def __init__(
        self, folder: Path, table_name: str, dynamodb: DynamoDBClient, streams: DynamoDBStreamsClient
    ) -> None:
        self._table = table_name
        self._dynamodb = dynamodb
        self._streams = streams
        self._journal = Journal(folder)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def restore(self) -> int:
        """Fill the table with what was kept. Returns how many items. Raises DataUnreadable.

        Stream readers made afterwards with `LATEST` do not see these writes.
        """
        items = list(self._journal.load().values())
        self._journal.compact(items)
        progress = Progress("Restoring your data", len(items))
        for at in range(0, len(items), _BATCH):
            batch = items[at : at + _BATCH]
            self._write(batch)
            progress.advance(len(batch))
        progress.done()
        return len(items)

    def start(self) -> None:
        reader = StreamReader(self._streams, stream_arn(self._dynamodb, self._table))
        self._thread = threading.Thread(target=self._follow, args=(reader,), name="keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Keep everything. To be called when nothing writes any more: the table itself is read."""
        if self._thread is None:
            return
        self._stopping.set()
        self._thread.join()
        try:
            self._journal.compact(self._whole_table())
        except Exception:
            _logger.exception("no final snapshot could be made; the journal has all but the last second")
        finally:
            self._journal.close()

    def _write(self, items: list[Item]) -> None:
        pending: Any = {self._table: [{"PutRequest": {"Item": item}} for item in items]}
        while pending:
            pending = self._dynamodb.batch_write_item(RequestItems=pending).get("UnprocessedItems")

    def _whole_table(self) -> Iterator[Item]:
        count = self._dynamodb.describe_table(TableName=self._table)["Table"]["ItemCount"]
        progress = Progress("Keeping your data", count)
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True):
            yield from page["Items"]
            progress.advance(len(page["Items"]))
        progress.done()

    def _follow(self, reader: StreamReader) -> None:
        synced_at = time.monotonic()
        is_dirty = False
        pending: list[dict[str, Any]] = []
        while True:
            try:
                pending = pending or reader.read(_PAGE)
                if pending:
                    self._journal.append(_change(record["dynamodb"]) for record in pending)
                    is_dirty = True
                if is_dirty and time.monotonic() - synced_at >= _SYNC_SECONDS:
                    self._journal.sync()
                    is_dirty, synced_at = False, time.monotonic()
            except Exception as error:
                if self._stopping.is_set():
                    return
                # The place in the stream is kept: nothing is lost once the disk or the emulator is back.
                _logger.error("changes cannot be kept at the moment: %s", error)
                self._stopping.wait(_SYNC_SECONDS)
                continue
            was_idle, pending = not pending, []
            if was_idle and self._stopping.wait(_IDLE_SECONDS):
                break
        if is_dirty:
            self._journal.sync()


def _change(record: dict[str, Any]) -> tuple[Item, Item | None]:
    return record["Keys"], record.get("NewImage")
