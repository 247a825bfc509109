"""DynamoDB's own export of one instant to S3, waited for; and an export in S3 brought here, its checksums checked.

It reads the point-in-time copies, not the table: it costs the table nothing and is exact to the second.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.core.clock import to_text
from infra.backup.manifest import Damaged
from infra.local.progress import Progress

Client = Any
POLL_SECONDS = 10.0
_SAY_EVERY = 60.0


class ExportFailed(RuntimeError):
    """DynamoDB gave the export up. The message has its reason."""


def start(dynamodb: Client, arn: str, bucket: str, prefix: str, at: datetime | None) -> str:
    """Ask for an export; answers its ARN. The same minute asked for twice is one export: it has one token."""
    when = {"ExportTime": at} if at is not None else {}
    told = f"{arn}\n{bucket}\n{prefix}\n{to_text(at) if at else ''}"
    token = {"ClientToken": hashlib.sha256(told.encode()).hexdigest()[:32]} if at is not None else {}
    answer = dynamodb.export_table_to_point_in_time(
        TableArn=arn,
        S3Bucket=bucket,
        S3Prefix=prefix,
        S3SseAlgorithm="KMS",
        ExportFormat="DYNAMODB_JSON",
        **when,
        **token,
    )
    return str(answer["ExportDescription"]["ExportArn"])


def wait(dynamodb: Client, export_arn: str) -> dict[str, Any]:
    """Until it is done; answers what DynamoDB says of it. Raises ExportFailed."""
    began = said = time.monotonic()
    while True:
        told: dict[str, Any] = dynamodb.describe_export(ExportArn=export_arn)["ExportDescription"]
        if told["ExportStatus"] == "COMPLETED":
            return told
        if told["ExportStatus"] == "FAILED":
            raise ExportFailed(f"{told.get('FailureCode')}: {told.get('FailureMessage')}")
        if time.monotonic() - said >= _SAY_EVERY:
            said = time.monotonic()
            print(f"  still exporting, for {said - began:.0f} s now", flush=True)
        time.sleep(POLL_SECONDS)


def fetch(s3: Client, bucket: str, prefix: str, folder: Path) -> int:
    """Bring everything under a prefix here, keeping names; what is here already is passed over. Answers how many."""
    objects = list(_objects(s3, bucket, prefix))
    progress = Progress(f"fetching s3://{bucket}/{prefix}", len(objects))
    for one in objects:
        path = (folder / one["Key"].removeprefix(prefix).lstrip("/")).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise Damaged(f"s3://{bucket}/{one['Key']} would be written outside {folder}")
        if not path.exists() or path.stat().st_size != one["Size"]:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.part")
            with draft.open("wb") as file:
                for block in s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].iter_chunks(1 << 20):
                    file.write(block)
            draft.chmod(0o600)
            draft.replace(path)
        progress.advance(1)
    progress.done()
    return len(objects)


def check(folder: Path) -> int:
    """Hold the files of DynamoDB's export against its manifests; answers the count of items. Raises Damaged."""
    items = 0
    for listing in folder.rglob("manifest-files.json"):
        for line in listing.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            path = listing.parent / "data" / Path(told["dataFileS3Key"]).name
            if not path.is_file():
                raise Damaged(f"{path} is missing")
            if md5(path) != told["md5Checksum"]:
                raise Damaged(f"{path} is not what DynamoDB wrote: its MD5 differs")
            with gzip.open(path) as lines:
                count = sum(1 for _ in lines)
            if count != told["itemCount"]:
                raise Damaged(f"{path} has {count} items, the manifest says {told['itemCount']}")
            items += count
    return items


def md5(path: Path) -> str:
    """As DynamoDB's manifest has it. Against a broken disk or line, not against an enemy."""
    with path.open("rb") as file:
        return base64.b64encode(
            hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
        ).decode()


def _objects(s3: Client, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (one for one in page.get("Contents", []) if not one["Key"].endswith("/"))
