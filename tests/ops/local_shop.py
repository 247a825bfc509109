"""A stand-in for the shop, run as `python -m tests.ops.local_shop`: everything of `make run` but the app."""

import os
import sys
import threading
import urllib.request
from typing import Any

import boto3
from chalice import Chalice, Rate

from infra.local import run

app = Chalice("tiny")


def _table() -> Any:
    return boto3.resource("dynamodb").Table(os.environ["SOUK_TABLE"])


@app.route("/v1/notes", methods=["GET"])
def read_notes() -> list[str]:
    return sorted(item["pk"] for item in _table().scan(ConsistentRead=True)["Items"])


@app.route("/v1/notes/{name}", methods=["PUT"])
def write_note(name: str) -> None:
    _table().put_item(Item={"pk": name, "sk": "NOTE"})


@app.route("/v1/pictures/{name}", methods=["PUT"])
def keep_picture(name: str) -> None:
    """As an upload that was completed."""
    bucket = os.environ["SOUK_UPLOADS_BUCKET"]
    boto3.client("s3").put_object(
        Bucket=bucket, Key=f"public/default/{name}", Body=b"a picture", ContentType="image/png"
    )


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/x")
def hear(event: Any) -> None:
    for record in event:
        if record.keys["sk"]["S"] == "NOTE":
            name = record.keys["pk"]["S"]
            _table().update_item(
                Key={"pk": f"heard {name}", "sk": "HEARD"},
                UpdateExpression="ADD times :one",
                ExpressionAttributeValues={":one": 1},
            )


@app.route("/v1/heard/{name}", methods=["GET"])
def how_often(name: str) -> int:
    found = _table().get_item(Key={"pk": f"heard {name}", "sk": "HEARD"}).get("Item", {})
    return int(found.get("times", 0))


@app.schedule(Rate(1, unit=Rate.MINUTES))
def tick(event: Any) -> None:
    _table().put_item(Item={"pk": "ticked", "sk": "TICK"})
    if os.environ.get("TEST_ENDLESS_JOB"):
        threading.Event().wait(60)


def _first_admin() -> None:
    _table().put_item(Item={"pk": f"admin {os.environ['SOUK_ADMIN_LOGIN']}", "sk": "ADMIN"})


def _load_demo(address: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(f"{address}/v1/notes/demo", method="PUT")):
        pass


if __name__ == "__main__":
    sys.exit(run.main(lambda: run.Shop(app, _first_admin, _load_demo)))
