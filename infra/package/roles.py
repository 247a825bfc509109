"""The functions' roles as they leave here: taken on by Lambda, in this account's name, and by nobody else.

What a role may do stands in .chalice/policy-<function>.json, which `make docs` writes; docs/permissions.md has the why.
"""

from __future__ import annotations

from typing import Any

ROLE = "AWS::IAM::Role"
LAMBDA = "lambda.amazonaws.com"


def finish(resources: dict[str, Any]) -> None:
    """Bind every function's role to this account, in place: no function of another account's passes for ours."""
    for resource in resources.values():
        if resource["Type"] != ROLE:
            continue
        for statement in resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            if statement["Principal"] == {"Service": LAMBDA}:
                statement.pop("Sid", None)
                statement["Condition"] = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
