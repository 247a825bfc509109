"""What no function of ours may do, whatever its code comes to ask: widening this is a decision, not a `make docs`."""

from __future__ import annotations

from collections.abc import Iterator

from infra.reach import iam
from infra.reach.iam import Policy

SERVICES = frozenset({"dynamodb", "logs", "s3", "secretsmanager", "ses", "sns", "sqs", "ssm", "xray"})
"""The only ones there is a reason to call. Nobody calls iam, sts, kms, lambda or cloudformation."""

_NEVER = (
    *(
        "dynamodb:Scan",
        "dynamodb:BatchWriteItem",
        "dynamodb:PartiQLSelect",
        "dynamodb:ExportTableToPointInTime",
    ),
    *("dynamodb:CreateTable", "dynamodb:UpdateTable", "dynamodb:DeleteTable", "dynamodb:UpdateTimeToLive"),
    *("dynamodb:DeleteBackup", "dynamodb:RestoreTableFromBackup", "dynamodb:UpdateContinuousBackups"),
    *("ssm:PutParameter", "ssm:DeleteParameter", "ssm:GetParametersByPath", "secretsmanager:PutSecretValue"),
    *("s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:DeleteObjectVersion"),
    *(
        "logs:DeleteLogGroup",
        "logs:PutRetentionPolicy",
        "sqs:DeleteQueue",
        "sqs:PurgeQueue",
        "sns:CreateTopic",
    ),
)
EXCEPTIONS: dict[str, frozenset[str]] = {"migrations": frozenset({"dynamodb:Scan"})}
"""Function → what it does all the same, each for a reason a decision states: a migration looks at every item (25)."""

_ANYTHING = frozenset(
    {"xray:PutTelemetryRecords", "xray:PutTraceSegments", "dynamodb:ListStreams", "dynamodb:ListBackups"}
)
"""AWS knows no resources for these."""


def breaches(function: str, policy: Policy) -> list[str]:
    """What stands in a policy against the rules above; sentences for people."""
    return list(_breaches(function, policy))


def _breaches(function: str, policy: Policy) -> Iterator[str]:
    for grant in sorted(iam.grants(policy)):
        service = grant.action.partition(":")[0]
        if "*" in grant.action or "?" in grant.action:
            yield f"{function} may {grant.action}: an action is spelled out"
        elif service not in SERVICES:
            yield f"{function} may {grant.action}: it has no business with {service}"
        elif grant.action in set(_NEVER) - EXCEPTIONS.get(function, frozenset()):
            yield f"{function} may {grant.action}: that is for people, or for nobody"
        if grant.resource == "*" and grant.action not in _ANYTHING:
            yield f"{function} may {grant.action} on anything"
        elif service == "dynamodb" and "*" in grant.resource and grant.resource != "*":
            yield f"{function} may {grant.action} on {grant.resource}: an index is named"


def others_secrets(policy: Policy, stage: str) -> list[str]:
    """Parameters and secrets of another stage that a policy, deployed as `prod`, would let a function read."""
    place = "eu-west-1:123456789012"
    return [
        arn
        for arn, action in (
            (f"arn:aws:ssm:{place}:parameter/souk/{stage}/jwt-keys", "ssm:GetParameter"),
            (f"arn:aws:ssm:{place}:parameter/souk/{stage}/secret-keys", "ssm:GetParameter"),
            (
                f"arn:aws:secretsmanager:{place}:secret:souk/{stage}/jwt-a1b2c3",
                "secretsmanager:GetSecretValue",
            ),
        )
        if iam.allows(policy, action, arn)
    ]
