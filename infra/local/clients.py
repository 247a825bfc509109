"""Clients for the emulator: its address, dummy credentials, and no proxy on the way to our own machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

REGION = "us-east-1"
ACCESS_KEY = "local"
SECRET_KEY = "local"  # noqa: S105 - the emulator takes anything; a real key must never be sent to it

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=20,
    retries={"total_max_attempts": 3, "mode": "standard"},
    proxies={},
)


def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION)


def dynamodb(endpoint: str) -> DynamoDBClient:
    return _session().client("dynamodb", endpoint_url=endpoint, config=_CONFIG)


def streams(endpoint: str) -> DynamoDBStreamsClient:
    return _session().client("dynamodbstreams", endpoint_url=endpoint, config=_CONFIG)


def files(endpoint: str) -> Any:
    return _session().client("s3", endpoint_url=endpoint, config=_CONFIG)
