"""The pump keeps Lambda's promises to a stream handler."""

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError
from chalice import Chalice
from hypothesis import given, settings
from hypothesis import strategies as some

from infra.local.stream_reader import Record, StreamReader
from infra.local.streams import Consumer, Pump, consumers_of
from tests.ops.local import Engine, item, wait_until

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/shop/stream/2026"


class Reader:
    """A reader over records made up in advance."""

    arn = ARN

    def __init__(self, count: int) -> None:
        self._records = [record(number) for number in range(count)]

    def read(self, limit: int) -> list[Record]:
        page, self._records = self._records[:limit], self._records[limit:]
        return page


def record(number: int) -> Record:
    return {
        "eventID": f"e{number}",
        "eventName": "INSERT",
        "dynamodb": {
            "Keys": item(str(number)),
            "SequenceNumber": f"{number:05d}",
            "ApproximateCreationDateTime": 1,
        },
    }


def pump(handler: Any, count: int, *, batch_size: int = 10, tries: int = 3) -> None:
    """Deliver `count` records to `handler` and return when that is done."""
    made = Pump(Consumer("outbox", batch_size, handler), Reader(count), tries=tries, first_pause=0.0)  # type: ignore[arg-type]
    made.start()
    made.stop()


def numbers(event: Any) -> list[int]:
    return [int(each["dynamodb"]["SequenceNumber"]) for each in event["Records"]]


def failed(number: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": f"{number:05d}"}]}


def test_records_come_in_order_and_in_batches() -> None:
    batches: list[list[int]] = []
    pump(lambda event, context: batches.append(numbers(event)), 25)
    assert batches == [list(range(10)), list(range(10, 20)), list(range(20, 25))]


def test_a_failing_batch_is_offered_again_whole() -> None:
    batches: list[list[int]] = []

    def handler(event: Any, context: Any) -> None:
        batches.append(numbers(event))
        if len(batches) < 3:
            raise RuntimeError("not yet")

    pump(handler, 2)
    assert batches == [[0, 1]] * 3


def test_a_partial_failure_resumes_at_the_failed_record() -> None:
    batches: list[list[int]] = []

    def handler(event: Any, context: Any) -> Any:
        batches.append(numbers(event))
        return failed(3) if len(batches) == 1 else {"batchItemFailures": []}

    pump(handler, 5)
    assert batches == [[0, 1, 2, 3, 4], [3, 4]]


def test_each_record_has_all_its_tries() -> None:
    left = dict.fromkeys(range(5), 2)

    def handler(event: Any, context: Any) -> Any:
        for number in numbers(event):
            if left[number]:
                left[number] -= 1
                return failed(number)
            del left[number]
        return None

    pump(handler, 5, tries=3)
    assert left == {}


def test_a_failure_that_names_a_stranger_fails_the_whole_batch() -> None:
    batches: list[list[int]] = []

    def handler(event: Any, context: Any) -> Any:
        batches.append(numbers(event))
        return failed(999) if len(batches) == 1 else None

    pump(handler, 3)
    assert batches == [[0, 1, 2], [0, 1, 2]]


def test_a_bad_record_costs_only_itself_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    delivered: list[int] = []

    def handler(event: Any, context: Any) -> None:
        if 3 in numbers(event):
            raise RuntimeError("poison")
        delivered.extend(numbers(event))

    pump(handler, 12, batch_size=5)
    assert delivered == [0, 1, 2, 4, *range(5, 12)]
    assert "outbox gave up on stream record 00003" in caplog.text
    assert caplog.text.count("gave up") == 1


@settings(deadline=None, max_examples=30)
@given(some.lists(some.integers(0, 29), max_size=20), some.integers(1, 12))
def test_whatever_fails_a_few_times_everything_arrives_in_order(failures: list[int], batch_size: int) -> None:
    """Each entry of `failures` is one time that record fails; fewer failures than tries lose nothing."""
    left = {number: min(failures.count(number), 4) for number in failures}
    done: list[int] = []

    def handler(event: Any, context: Any) -> Any:
        for number in numbers(event):
            if left.get(number):
                left[number] -= 1
                return failed(number)
            done.append(number)
        return None

    pump(handler, 30, batch_size=batch_size, tries=5)
    assert done == list(range(30))


def test_stopping_delivers_what_is_there_but_does_not_wait_forever() -> None:
    calls: list[int] = []

    def handler(event: Any, context: Any) -> None:
        calls.extend(numbers(event))
        raise RuntimeError("never")

    made = Pump(Consumer("outbox", 1, handler), Reader(1000), first_pause=5.0)  # type: ignore[arg-type]
    made.start()
    wait_until(lambda: calls, "the first call")
    made.stop(seconds=0.3)
    assert not made._thread.is_alive()


@pytest.mark.emulator
def test_a_chalice_handler_gets_what_lambda_would_give_it(engine: Engine) -> None:
    app = Chalice("tiny")
    seen: list[Any] = []

    @app.on_dynamodb_record(stream_arn=ARN, batch_size=1000)
    def outbox(event: Any) -> None:
        seen.extend(event)

    (consumer,) = consumers_of(app)
    made = Pump(consumer, engine.reader())
    made.start()
    engine.put("a", secret={"B": b"\xff"}, stock={"N": "3"})
    engine.put("a", stock={"N": "2"})
    engine.delete("a")
    wait_until(lambda: len(seen) == 3, "three records")
    made.stop()
    assert consumer.batch_size == 100
    assert [each.event_name for each in seen] == ["INSERT", "MODIFY", "REMOVE"]
    assert [each.keys for each in seen] == [item("a")] * 3
    assert seen[0].new_image == item("a", secret={"B": "/w=="}, stock={"N": "3"})
    assert (seen[1].old_image["stock"], seen[1].new_image["stock"]) == ({"N": "3"}, {"N": "2"})
    assert seen[2].new_image is None
    assert {each.table_name for each in seen} == {engine.table}
    assert {each.stream_view_type for each in seen} == {"NEW_AND_OLD_IMAGES"}


@pytest.mark.emulator
def test_the_latest_place_is_taken_when_the_reader_is_made(engine: Engine) -> None:
    engine.put("before")
    latest, oldest = engine.reader(), engine.reader(start="TRIM_HORIZON")
    engine.put("after")
    assert [each["dynamodb"]["Keys"] for each in latest.read()] == [item("after")]
    assert [each["dynamodb"]["Keys"] for each in oldest.read()] == [item("before"), item("after")]


@pytest.mark.emulator
def test_a_reader_whose_iterator_died_goes_on_where_it_was(engine: Engine) -> None:
    class Sleepy:
        """A client whose first iterator after `nap()` has expired, as after a laptop's sleep."""

        def __init__(self) -> None:
            self.is_expired = False

        def get_records(self, **request: Any) -> Any:
            if self.is_expired:
                self.is_expired = False
                raise ClientError({"Error": {"Code": "ExpiredIteratorException"}}, "GetRecords")
            return engine.streams.get_records(**request)

        def __getattr__(self, name: str) -> Any:
            return getattr(engine.streams, name)

    client = Sleepy()
    reader = StreamReader(client, engine.reader().arn)  # type: ignore[arg-type]
    engine.put("a")
    assert len(reader.read()) == 1
    engine.put("b")
    engine.put("c")
    client.is_expired = True
    assert [each["dynamodb"]["Keys"] for each in reader.read()] == [item("b"), item("c")]


def test_a_stream_that_cannot_be_read_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    class Moody(Reader):
        def __init__(self) -> None:
            super().__init__(1)
            self.errors = [ConnectionError("gone"), ConnectionError("gone")]

        def read(self, limit: int) -> list[Record]:
            if self.errors:
                raise self.errors.pop()
            return super().read(limit)

    arrived = threading.Event()
    made = Pump(Consumer("outbox", 10, lambda *_: arrived.set()), Moody(), first_pause=0.01)  # type: ignore[arg-type]
    made.start()
    assert arrived.wait(5)
    made.stop()
    assert caplog.text.count("the stream cannot be read: gone") == 2
