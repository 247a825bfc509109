"""What DynamoDB does not restore with a table, taken from the template that deploys it and put back.

A restored table has its items, keys, indexes and billing mode. It has no TTL, no stream, no point-in-time recovery, no
deletion protection and no tags. (Alarms, dashboards, IAM policies and the function that reads the stream name a table
or a stream by its ARN; the page on disaster recovery says what becomes of them.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from infra.local import template

Client = Any
POLL_SECONDS = 5.0
_NOT_YET = "ContinuousBackupsUnavailableException"
"""A table that is new: DynamoDB is still preparing its backups."""
MARK = "souk:state-of"
"""The tag that says of which instant a restored table is. Only a table that bears it is dropped by our command."""
_OF_AWS = "aws:"
"""Tags that CloudFormation and AWS Backup set, and nobody else may."""


def wanted() -> dict[str, Any]:
    """The table's properties in the template."""
    found: dict[str, Any] = template.load()["Resources"][template.TABLE]["Properties"]
    return found


def put_back(client: Client, table: str, like: str, state_of: str, say: Callable[[str], None]) -> None:
    """Give `table` what the template says, with the tags of the table `like`. Safe to run again: compares first."""
    properties = wanted()
    _time_to_live(client, table, properties.get("TimeToLiveSpecification"), say)
    _recovery(client, table, properties.get("PointInTimeRecoverySpecification"), say)
    _stream(client, table, properties.get("StreamSpecification"), say)
    _encryption(client, table, properties.get("SSESpecification"), like, say)
    _tags(client, table, like, state_of, say)
    _protection(client, table, properties.get("DeletionProtectionEnabled"), say)


def lacking(client: Client, table: str) -> list[str]:
    """What the template says of the table and the table has not. Empty when it is as deployed."""
    properties, told = wanted(), describe(client, table)
    ttl = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    missing = []
    if "TimeToLiveSpecification" in properties and ttl.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        missing.append("time to live")
    if "PointInTimeRecoverySpecification" in properties and not has_recovery(client, table):
        missing.append("point-in-time recovery")
    if "StreamSpecification" in properties and not told.get("StreamSpecification", {}).get("StreamEnabled"):
        missing.append("stream")
    if properties.get("DeletionProtectionEnabled") and not told.get("DeletionProtectionEnabled"):
        missing.append("deletion protection")
    indexes = {index["IndexName"] for index in told.get("GlobalSecondaryIndexes", [])}
    missing += sorted(
        f"index {index['IndexName']}"
        for index in properties["GlobalSecondaryIndexes"]
        if index["IndexName"] not in indexes
    )
    return missing


def describe(client: Client, table: str) -> dict[str, Any]:
    told: dict[str, Any] = client.describe_table(TableName=table)["Table"]
    return told


def wait_active(client: Client, table: str) -> None:
    """A table takes one change at a time."""
    while not is_active(told := describe(client, table)):
        if told["TableStatus"] in ("DELETING", "ARCHIVED", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"):
            raise RuntimeError(f"{table} is {told['TableStatus']}")
        time.sleep(POLL_SECONDS)


def wait_until(ask: Callable[[], Any], is_done: Callable[[Any], bool]) -> None:
    """Ask every few seconds. Whoever waits may stop: nothing depends on the waiting."""
    while not is_done(ask()):
        time.sleep(POLL_SECONDS)


def is_active(told: dict[str, Any]) -> bool:
    indexes = told.get("GlobalSecondaryIndexes", [])
    return told["TableStatus"] == "ACTIVE" and all(
        index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in indexes
    )


def tags(client: Client, arn: str) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in client.list_tags_of_resource(ResourceArn=arn).get("Tags", [])}


def has_recovery(client: Client, table: str) -> bool:
    told = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return bool(told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED")


def _time_to_live(client: Client, table: str, spec: Any, say: Callable[[str], None]) -> None:
    told = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if spec and told.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        client.update_time_to_live(TableName=table, TimeToLiveSpecification=spec)
        say("time to live")


def _recovery(client: Client, table: str, spec: Any, say: Callable[[str], None]) -> None:
    if not spec or has_recovery(client, table):
        return
    while True:
        try:
            client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=spec)
        except ClientError as error:
            if error.response["Error"]["Code"] != _NOT_YET:
                raise
            time.sleep(POLL_SECONDS)
        else:
            break
    say("point-in-time recovery")


def _stream(client: Client, table: str, spec: Any, say: Callable[[str], None]) -> None:
    if spec and not describe(client, table).get("StreamSpecification", {}).get("StreamEnabled"):
        client.update_table(TableName=table, StreamSpecification={"StreamEnabled": True, **spec})
        wait_active(client, table)
        say("stream")


def _encryption(client: Client, table: str, spec: Any, like: str, say: Callable[[str], None]) -> None:
    """With the live table's own key where the template names one; DynamoDB refuses its default key by name."""
    if not spec:
        return
    told = describe(client, like).get("SSEDescription", {}) if "KMSMasterKeyId" in spec else {}
    key, has = told.get("KMSMasterKeyArn"), describe(client, table).get("SSEDescription", {})
    if has.get("Status") in ("ENABLED", "ENABLING", "UPDATING") and key in (None, has.get("KMSMasterKeyArn")):
        return
    request = {"Enabled": True, "SSEType": "KMS", **({"KMSMasterKeyId": key} if key else {})}
    client.update_table(TableName=table, SSESpecification=request)
    wait_active(client, table)
    say("encryption")


def _tags(client: Client, table: str, like: str, state_of: str, say: Callable[[str], None]) -> None:
    theirs = tags(client, describe(client, like)["TableArn"])
    wanted_tags = {name: value for name, value in theirs.items() if not name.startswith(_OF_AWS)} | {
        MARK: state_of
    }
    arn = describe(client, table)["TableArn"]
    if tags(client, arn) != wanted_tags:
        client.tag_resource(
            ResourceArn=arn,
            Tags=[{"Key": name, "Value": value} for name, value in sorted(wanted_tags.items())],
        )
        say("tags")


def _protection(client: Client, table: str, is_on: Any, say: Callable[[str], None]) -> None:
    if is_on and not describe(client, table).get("DeletionProtectionEnabled"):
        client.update_table(TableName=table, DeletionProtectionEnabled=True)
        wait_active(client, table)
        say("deletion protection")
