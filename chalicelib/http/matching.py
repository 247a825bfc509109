"""Which of the app's resources a path names. A literal segment wins over a parameter, as in API Gateway."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

_PARAMETER = re.compile(r"^\{(\w+)\}$")


@dataclass(frozen=True, slots=True)
class Match:
    resource: str
    """The template, for example `/v1/orders/{order_id}`."""
    parameters: dict[str, str]
    """Percent-decoded, each once."""


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    resource: str | None = None


class Resources:
    """Path templates as a tree of segments, built once; a look-up costs one step a segment."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._root = _Node()
        for template in templates:
            node = self._root
            for segment in _segments(template):
                if _PARAMETER.match(segment):
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.literals.setdefault(segment, _Node())
            node.resource = template

    def match(self, path: str) -> Match | None:
        """`path` is still percent-encoded, as it came: an encoded slash stays inside its segment."""
        segments = _segments(path)
        resource = _find(self._root, segments, 0)
        if resource is None:
            return None
        pairs = zip(_segments(resource), segments, strict=True)
        return Match(
            resource,
            {
                name.group(1): unquote(given)
                for declared, given in pairs
                if (name := _PARAMETER.match(declared))
            },
        )


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _find(node: _Node, segments: list[str], at: int) -> str | None:
    if at == len(segments):
        return node.resource
    literal = node.literals.get(unquote(segments[at]))
    if literal is not None and (found := _find(literal, segments, at + 1)) is not None:
        return found
    if node.parameter is not None and segments[at]:
        return _find(node.parameter, segments, at + 1)
    return None
