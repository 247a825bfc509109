"""Ticking the clock by hand: the jobs and the stream, as their Lambda functions would run."""

from typing import Any

from chalicelib.core import clock
from chalicelib.events import jobs as events
from chalicelib.kyc import jobs as kyc
from chalicelib.media import jobs as media
from chalicelib.migrations import jobs as migrations
from chalicelib.orders import jobs as orders
from chalicelib.payments import jobs as payments
from chalicelib.store import client
from chalicelib.store.client import table_name
from tests.permitted import running_as

EVENT = {
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


def tick() -> None:
    """Every scheduled function once, through its packaged handler."""
    every_job = (
        payments.order_timeout,
        orders.stock_release,
        orders.auto_confirm,
        events.alert_dispatch,
        kyc.kyc_expiry,
        migrations.migrations,
        media.upload_cleanup,
    )
    for handler in every_job:
        with running_as(handler.func.__name__):
            handler(EVENT, None)


def every_item() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    start: dict[str, Any] = {}
    while True:
        answer = client.client().scan(TableName=table_name(), ConsistentRead=True, **start)
        found.extend(answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return found
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [item for item in every_item() if item["kind"]["S"] == kind]


def stream(times: int = 1) -> dict[str, Any]:
    """Hand every event that is still in the table, and every entry of the audit log that is in no chain yet, to
    the stream consumer, `times` over, as a batch of inserts."""
    waiting = [item for item in of_kind("event") + of_kind("audit_entry") if "seq" not in item]
    records = [record("INSERT", item, number) for number, item in enumerate(waiting, 1)] * times
    with running_as("table_stream"):
        answer: dict[str, Any] = events.table_stream({"Records": records}, None)
    return answer


def record(name: str, image: dict[str, Any], sequence: int) -> dict[str, Any]:
    return {
        "eventID": str(sequence),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/souk/stream/x",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": clock.current().now().timestamp(),
            "Keys": {"pk": image["pk"], "sk": image["sk"]},
            "NewImage": image,
            "SequenceNumber": str(sequence),
            "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
