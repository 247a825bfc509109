"""The parts of a transaction: one action on one item each, and what DynamoDB is asked for it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action, RemoveAction, Update

from chalicelib.core import origin
from chalicelib.core.errors import Conflict, SoukError
from chalicelib.store.attributes import Wire
from chalicelib.store.client import table_name
from chalicelib.store.items import Item
from chalicelib.store.keys import Ref

Refuse = Callable[[Wire | None], SoukError]
"""Makes the exception for a part that said no, from the item as it stands (None: there is none)."""


class Change(TypedDict, total=False):
    """The whole vocabulary of a change, each by its name.

    `add` sums; `floor` and `cap` bound the value *after* the sum; `include`/`exclude` change a set of words.
    """

    add: Mapping[str, int] | None
    floor: Mapping[str, int] | None
    cap: Mapping[str, int] | None
    set: Mapping[str, Any] | None
    unset: Iterable[str]
    include: Mapping[str, Iterable[str]] | None
    exclude: Mapping[str, Iterable[str]] | None
    when: Condition | None
    refuse: Refuse | None


class TooBig(ValueError):
    """The transaction passes a limit of DynamoDB. The caller must bound its input; this is never a client's error."""


def exists(name: str) -> Condition:
    return Path(name).exists()


@dataclass(slots=True)
class Part:
    """One action on one item. `counts` are summed when two parts meet; everything else must agree."""

    name: str
    ref: Ref
    refuse: Refuse
    put: Wire | None = None
    delete: bool = False
    condition: Condition | None = None
    counts: dict[str, int] = field(default_factory=dict)
    floors: dict[str, int] = field(default_factory=dict)
    caps: dict[str, int] = field(default_factory=dict)
    sets: dict[str, Wire] = field(default_factory=dict)
    unsets: set[str] = field(default_factory=set)
    includes: dict[str, set[str]] = field(default_factory=dict)
    excludes: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_update(self) -> bool:
        return bool(self.counts or self.sets or self.unsets or self.includes or self.excludes)

    def merge(self, other: "Part") -> None:
        if self.put is not None or other.put is not None or self.delete or other.delete:
            raise TooBig(f"{self.name} and {other.name} both write {self.ref}")
        for name, value in other.sets.items():
            if self.sets.setdefault(name, value) != value:
                raise TooBig(f"{self.name} and {other.name} set {name} of {self.ref} to different values")
        for name, amount in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + amount
        for name, least in other.floors.items():
            self.floors[name] = max(least, self.floors.get(name, least))
        for name, most in other.caps.items():
            self.caps[name] = min(most, self.caps.get(name, most))
        self.unsets |= other.unsets
        for mine, theirs in ((self.includes, other.includes), (self.excludes, other.excludes)):
            for name, words in theirs.items():
                mine.setdefault(name, set()).update(words)
        if other.condition is not None:
            self.condition = other.condition if self.condition is None else self.condition & other.condition

    def _conditions(self) -> Condition | None:
        condition = self.condition
        extra: list[Condition] = []
        for name, least in self.floors.items():
            extra.append(Path(name) >= {"N": str(least - self.counts.get(name, 0))})
        for name, most in self.caps.items():
            room = most - self.counts.get(name, 0)
            within = Path(name) <= {"N": str(room)}
            # an absent counter counts as zero: it has room unless the demand alone passes the cap
            extra.append(within | Path(name).does_not_exist() if room >= 0 else within)
        for one in extra:
            condition = one if condition is None else condition & one
        return condition

    def _actions(self) -> list[Action]:
        actions: list[Action] = [Path(name).set(value) for name, value in self.sets.items()]
        actions += [RemoveAction(Path(name)) for name in sorted(self.unsets)]
        for name, amount in self.counts.items():
            actions.append(Path(name).add({"N": str(amount)}))
        for name, words in self.includes.items():
            actions.append(Path(name).add({"SS": sorted(words)}))
        for name, words in self.excludes.items():
            actions.append(Path(name).delete({"SS": sorted(words)}))
        actions += [Path(name).set(value) for name, value in origin.stamp(waits=False).items()]
        return actions

    def wire(self) -> Wire:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        body: Wire = {"TableName": table_name()}
        condition = self._conditions()
        if self.put is not None:
            verb, body["Item"] = "Put", {**self.put, **origin.stamp(waits="due_pk" in self.put)}
        elif self.delete:
            verb, body["Key"] = "Delete", self.ref.wire()
        elif self.is_update:
            verb, body["Key"] = "Update", self.ref.wire()
            body["UpdateExpression"] = Update(*self._actions()).serialize(names, values)
        else:
            verb, body["Key"] = "ConditionCheck", self.ref.wire()
        if condition is not None:
            body["ConditionExpression"] = condition.serialize(names, values)
            body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if names:
            body["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
        if values:
            body["ExpressionAttributeValues"] = values
        return {verb: body}


def size_of(wire: Wire) -> int:
    """Bytes as DynamoDB counts them: names, values, a little for each nesting."""
    total = 0
    for name, value in wire.items():
        total += len(name.encode()) + _value_size(value)
    return total


def _value_size(value: Wire) -> int:
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return len(inner.encode())
        case "N":
            return len(inner) // 2 + 2
        case "B":
            return len(inner)
        case "M":
            return 3 + sum(len(name.encode()) + _value_size(one) + 1 for name, one in inner.items())
        case "L":
            return 3 + sum(_value_size(one) + 1 for one in inner)
        case "SS":
            return sum(len(one.encode()) for one in inner)
        case _:
            return 1


def part_of(name: str, of: type[Item], ref: Ref, **change: Unpack[Change]) -> Part:
    """A change of an item's attributes as a part. Raises AttributeError for a name the item does not declare."""
    add, floor, cap = change.get("add") or {}, change.get("floor") or {}, change.get("cap") or {}
    set_, unset = change.get("set") or {}, change.get("unset") or ()
    include, exclude = change.get("include") or {}, change.get("exclude") or {}
    attributes = of.get_attributes()
    for attribute in [*add, *floor, *cap, *set_, *unset, *include, *exclude]:
        if attribute not in attributes:
            raise AttributeError(f"{of.__name__} has no attribute {attribute}")
    return Part(
        name,
        ref,
        change.get("refuse") or refuse_with(Conflict),
        condition=change.get("when"),
        counts=dict(add),
        floors=dict(floor),
        caps=dict(cap),
        sets={key: _attribute_wire(attributes[key], value) for key, value in set_.items()},
        unsets={*unset},
        includes={key: {*words} for key, words in include.items()},
        excludes={key: {*words} for key, words in exclude.items()},
    )


def refuse_with(error: type[SoukError], **fields: Any) -> Refuse:
    return lambda old: error(**fields)


def _attribute_wire(attribute: Attribute[Any], value: Any) -> Wire:
    return {attribute.attr_type: attribute.serialize(value)}
