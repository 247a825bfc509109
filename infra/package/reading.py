"""A template as its rules read it."""

from __future__ import annotations

from typing import Any

Template = dict[str, Any]
Resource = dict[str, Any]


def of_type(template: Template, kind: str) -> list[tuple[str, Resource]]:
    """Logical id and resource of every resource of a type."""
    return [
        (name, {"Properties": {}, **resource})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    ]
