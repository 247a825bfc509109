"""After a restore the functions use another table than the stack's own: every mention of it becomes a choice."""

from __future__ import annotations

from typing import Any

TABLE = "SoukTable"
CONDITION = "IsOnRestoredTable"

_NAME = {"Ref": "RestoredTable"}
_STREAM = {"Fn::Sub": "${RestoredTableStreamArn}"}
_ARN = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${RestoredTable}"


def choose(part: Any) -> Any:
    """`part` of a template, with the table that is in use wherever it named the stack's own.

    The table's own description, and what must stay with it, are not to be given here.
    """
    if isinstance(part, list):
        return [choose(one) for one in part]
    if not isinstance(part, dict):
        return part
    restored = _restored(part)
    if restored is not None:
        return {"Fn::If": [CONDITION, restored, part]}
    return {name: choose(one) for name, one in part.items()}


def _restored(reference: dict[str, Any]) -> Any:
    """What stands for this reference when a restored table is in use. None: it refers to something else."""
    if reference == {"Ref": TABLE}:
        return _NAME
    match reference.get("Fn::GetAtt"):
        case [name, "Arn"] if name == TABLE:
            return {"Fn::Sub": _ARN}
        case [name, "StreamArn"] if name == TABLE:
            return _STREAM
    text = reference.get("Fn::Sub")
    if isinstance(text, str) and f"${{{TABLE}" in text:
        restored = text.replace(f"${{{TABLE}.Arn}}", _ARN).replace(f"${{{TABLE}}}", "${RestoredTable}")
        return {"Fn::Sub": restored.replace(f"${{{TABLE}.StreamArn}}", "${RestoredTableStreamArn}")}
    return None
