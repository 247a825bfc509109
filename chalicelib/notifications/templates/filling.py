"""Putting values into a template: `{name}` becomes a value, and nothing else happens. Pure.

Not `str.format`: there `{order.__class__}` walks from any value to the secrets of the process.
"""

import re
from collections.abc import Mapping

_NAME = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_VALUE = 200


def names_in(text: str) -> list[str]:
    """The variables a template names, in their order."""
    return _NAME.findall(text)


def has_stray_brace(text: str) -> bool:
    """A brace that is no variable's: mistyped, or meant for another language of templates."""
    rest = _NAME.sub("", text)
    return "{" in rest or "}" in rest


def fill(text: str, values: Mapping[str, str]) -> str:
    """Each variable once, from left to right: what a value holds is no template. Unknown ones are empty."""
    return _NAME.sub(lambda found: values.get(found.group(1), ""), text)


def plain(value: object) -> str:
    """A value on one line, of bounded length: it ends no header and pushes no other words off the screen."""
    text = _CONTROLS.sub(" ", str(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
