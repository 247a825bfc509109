"""CloudFormation's functions, as far as they can be answered without a stack: parameters and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NO_VALUE = {"Ref": "AWS::NoValue"}


class NotKnownHere(ValueError):
    """Only a stack could answer it. The message names what was asked."""


def resolve(value: Any, template: Mapping[str, Any], given: Mapping[str, str] | None = None) -> Any:
    """`value` with parameters and conditions put in: `given` ones, or their defaults. Raises NotKnownHere."""
    if isinstance(value, list):
        return [resolve(one, template, given) for one in value if one != NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref":
            return _parameter(argument, template, given)
        if name == "Fn::If":
            condition, yes, no = argument
            return resolve(yes if holds(condition, template, given) else no, template, given)
        if name.startswith("Fn::"):
            raise NotKnownHere(f"{name} {argument}")
    return {
        name: resolve(one, template, given)
        for name, one in value.items()
        if _chosen(one, template, given) != NO_VALUE
    }


def _chosen(value: Any, template: Mapping[str, Any], given: Mapping[str, str] | None) -> Any:
    """The branch an `Fn::If` takes, unresolved: it may be no value at all."""
    while isinstance(value, dict) and set(value) == {"Fn::If"}:
        condition, yes, no = value["Fn::If"]
        value = yes if holds(condition, template, given) else no
    return value


def holds(condition: str, template: Mapping[str, Any], given: Mapping[str, str] | None = None) -> bool:
    """Whether one of the template's conditions holds. Raises NotKnownHere."""
    return _holds(template["Conditions"][condition], template, given)


def _holds(rule: dict[str, Any], template: Mapping[str, Any], given: Mapping[str, str] | None) -> bool:
    ((name, arguments),) = rule.items()
    if name == "Condition":
        return holds(arguments, template, given)
    if name == "Fn::Equals":
        left, right = (str(resolve(one, template, given)) for one in arguments)
        return left == right
    outcomes = [_holds(one, template, given) for one in arguments]
    if name == "Fn::Not":
        return not outcomes[0]
    return any(outcomes) if name == "Fn::Or" else all(outcomes)


def _parameter(name: str, template: Mapping[str, Any], given: Mapping[str, str] | None) -> Any:
    if given and name in given:
        return given[name]
    try:
        return template["Parameters"][name]["Default"]
    except KeyError:
        raise NotKnownHere(f"Ref {name}") from None
