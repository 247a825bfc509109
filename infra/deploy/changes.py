"""What a change set would do, in words, and which of it no script of ours carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KEEPS_DATA = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
    }
)
"""Replacing or removing one of these loses what is in it, or leaves it behind where nobody looks."""


@dataclass(frozen=True, slots=True)
class Change:
    action: str
    """Add, Modify, Remove."""
    logical_id: str
    kind: str
    replaces: str
    """`no`, `maybe` (CloudFormation finds out on the way) or `yes`."""

    @property
    def loses_data(self) -> bool:
        return self.kind in KEEPS_DATA and (self.action == "Remove" or self.replaces == "yes")

    @property
    def might_lose_data(self) -> bool:
        """The stack's policy stops it where it would; still somebody should have looked."""
        return self.kind in KEEPS_DATA and self.replaces == "maybe"

    def __str__(self) -> str:
        mark = {"Add": "+", "Modify": "~", "Remove": "-"}.get(self.action, "?")
        what = {"no": "", "maybe": ", perhaps replaced", "yes": ", REPLACED"}[self.replaces]
        return f"{mark} {self.logical_id} ({self.kind}){what}"


STACK_POLICY: dict[str, Any] = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"ResourceType": sorted(KEEPS_DATA)}},
        },
    ]
}
"""CloudFormation's own refusal, which holds for whoever updates the stack by other means too."""


def read(change_set: list[dict[str, Any]]) -> list[Change]:
    """From the `Changes` of DescribeChangeSet."""
    replaces = {"True": "yes", "Conditional": "maybe"}
    changes = [entry["ResourceChange"] for entry in change_set if entry.get("Type", "Resource") == "Resource"]
    return [
        Change(
            action=str(change["Action"]),
            logical_id=str(change["LogicalResourceId"]),
            kind=str(change["ResourceType"]),
            replaces=replaces.get(str(change.get("Replacement")), "no"),
        )
        for change in changes
    ]
