"""What every function of the stack gets beyond what Chalice writes: a name, its environment, its logs, its failures."""

from __future__ import annotations

import re
from typing import Any

from infra.package import gateway

Resources = dict[str, Any]

FUNCTION = "AWS::Serverless::Function"
STREAM_EVENT = "TableStreamDynamodbEventSource"
_JOB_RETRIES = 1
"""A job that failed runs again at its next tick anyway."""
_STREAM_ATTEMPTS = 20
_STREAM_HOURS = 6
"""A record that nobody can take is parked then; the outbox item behind it is delivered by the dispatch job."""


def names(resources: Resources) -> dict[str, str]:
    """Logical id → the function's own name, without the stage: `OrderTimeout` → `order_timeout`, the API's is `api`."""
    return {
        logical: gateway.FUNCTION_NAME if logical == gateway.FUNCTION else _snake(logical)
        for logical, resource in resources.items()
        if resource["Type"] == FUNCTION
    }


def full_name(name: str) -> dict[str, str]:
    return {"Fn::Sub": f"souk-${{Stage}}-{name}"}


def finish(resources: Resources, code_key: str) -> None:
    """Complete each function, in place. The code is one object for all, named by what is in it."""
    for logical, name in names(resources).items():
        function = resources[logical]
        properties = function["Properties"]
        properties["FunctionName"] = full_name(name)
        properties["CodeUri"] = {"Bucket": {"Ref": "CodeBucket"}, "Key": code_key}
        properties["Tracing"] = "Active"
        properties["LoggingConfig"] = {"LogGroup": {"Ref": f"{logical}LogGroup"}}
        properties["Tags"] = {"souk:function": name}
        resources[f"{logical}LogGroup"] = _log_group(name)
        if "ReservedConcurrentExecutions" in properties:
            reserved = properties["ReservedConcurrentExecutions"]
            properties["ReservedConcurrentExecutions"] = {
                "Fn::If": ["ReserveConcurrency", reserved, {"Ref": "AWS::NoValue"}]
            }
        for event_id, event in properties.get("Events", {}).items():
            if event["Type"] == "Schedule":
                _finish_job(properties, name)
            elif event["Type"] == "DynamoDB":
                _finish_stream(event["Properties"], event_id)


def version_stem(logical_id: str) -> str:
    """What the translator puts before the hash in the name of a function's version."""
    return logical_id[:-10]


def _log_group(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "LogGroupName": {"Fn::Sub": f"/aws/lambda/souk-${{Stage}}-{name}"},
            "RetentionInDays": {"Ref": "LogRetentionDays"},
        },
    }


def _finish_job(properties: dict[str, Any], name: str) -> None:
    """A tick that failed twice, or came too late, is kept where an alarm looks."""
    properties["EventInvokeConfig"] = {
        "MaximumRetryAttempts": _JOB_RETRIES,
        "MaximumEventAgeInSeconds": 3600,
        "DestinationConfig": {
            "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["JobDeadLetters", "Arn"]}}
        },
    }
    for event in properties["Events"].values():
        event["Properties"]["Name"] = full_name(name)


def _finish_stream(event: dict[str, Any], event_id: str) -> None:
    """Partial answers, halved batches, and an end to retrying: one bad record must not stop the shop."""
    if event_id != STREAM_EVENT:
        raise ValueError(f"a stream consumer that packaging does not know: {event_id}")
    event.update(
        {
            "Stream": {"Fn::GetAtt": ["SoukTable", "StreamArn"]},
            "StartingPosition": "TRIM_HORIZON",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": _STREAM_ATTEMPTS,
            "MaximumRecordAgeInSeconds": _STREAM_HOURS * 3600,
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["StreamDeadLetters", "Arn"]}}
            },
        }
    )


def _snake(camel: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()
