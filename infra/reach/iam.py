"""IAM's own question, answered here: may this policy do that? And where a policy is not what its function needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

Policy = dict[str, Any]

PLACE = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "123456789012",
    "Stage": "prod",
    "SoukTable.Arn": "arn:aws:dynamodb:eu-west-1:123456789012:table/souk",
    "SoukTable.StreamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/souk/stream/2026-01-01T00:00:00.000",
    "UploadsBucket.Arn": "arn:aws:s3:::souk-uploads",
    "JobDeadLetters.Arn": "arn:aws:sqs:eu-west-1:123456789012:souk-job-dead-letters",
    "StreamDeadLetters.Arn": "arn:aws:sqs:eu-west-1:123456789012:souk-stream-dead-letters",
}
"""A deployed stage, to put the question for."""


class Grant(NamedTuple):
    """One action on one resource, spelled as the policy spells it."""

    action: str
    resource: str
    besides: bool = False
    """Everything but the resource."""


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def grants(policy: Policy) -> set[Grant]:
    """All of a policy, one by one. Raises ValueError for what none of ours holds: a Deny, a NotAction, a condition."""
    return set(_grants(policy))


def _grants(policy: Policy) -> Iterator[Grant]:
    for statement in listed(policy["Statement"]):
        if extra := statement.keys() - {"Sid", "Effect", "Action", "Resource", "NotResource"}:
            raise ValueError(f"{statement.get('Sid')}: {', '.join(sorted(extra))} is for people to judge")
        if statement["Effect"] != "Allow":
            raise ValueError(f"{statement.get('Sid')}: only what is allowed is written down")
        besides = "NotResource" in statement
        for action in listed(statement["Action"]):
            for resource in listed(statement["NotResource" if besides else "Resource"]):
                yield Grant(action, spelled(resource), besides)


def spelled(resource: Any) -> str:
    """`Fn::GetAtt` and `Fn::Sub` alike as the text that `Fn::Sub` takes."""
    match resource:
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Sub": str(text)}:
            return text
        case str():
            return resource
    raise ValueError(f"not a resource we know how to read: {json.dumps(resource)}")


def resolved(text: str) -> str:
    """With the names of a deployed stage. Raises KeyError for a resource that stage does not have."""
    return re.sub(r"\$\{([^}]+)\}", lambda match: PLACE[match[1]], text)


def allows(policy: Policy, action: str, resource: str) -> bool:
    """Whether a call of `action` on the ARN `resource` would be let through."""
    for grant in grants(policy):
        fits = fnmatchcase(resource, resolved(grant.resource))
        if fnmatchcase(action.lower(), grant.action.lower()) and fits != grant.besides:
            return True
    return False


def differences(has: Policy, needs: Policy) -> list[str]:
    """What a policy grants and its function never asks, and what it lacks; sentences for people."""
    held, wanted = grants(has), grants(needs)
    return [
        *(f"may {one.action} on {_where(one)}, and never does" for one in sorted(held - wanted)),
        *(f"needs {one.action} on {_where(one)}, and may not" for one in sorted(wanted - held)),
    ]


def _where(grant: Grant) -> str:
    return f"everything but {grant.resource}" if grant.besides else grant.resource
