"""The one writer: a transaction of named parts that says which part said no, and why.

- Two demands on one item are merged into one action (DynamoDB refuses two), their amounts summed before any check.
- A failed condition is a business answer: the part's own `refuse` turns the item as it was into an exception.
- Conflicts, throttling and lost answers are retried with jitter inside a time budget, under one request token, so
  a retry that meets its own write is a success. A mix of conflict and failed condition is retried too: the
  condition may have read a write that was then rolled back (B20).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from botocore.exceptions import ClientError
from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action, RemoveAction, Update

from chalicelib.core import ids, log
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed, SoukError, Unavailable
from chalicelib.store.attributes import Wire
from chalicelib.store.client import BUDGET_SECONDS, call, error_code, pause, table_name
from chalicelib.store.items import Item
from chalicelib.store.keys import Ref

MOST_ACTIONS = 100
MOST_BYTES = 4 * 1024 * 1024
MOST_ITEM_BYTES = 400 * 1024

_FAILED = "ConditionalCheckFailed"
_RETRIED = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})

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


def _exists(name: str) -> Condition:
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
        return actions

    def wire(self) -> Wire:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        body: Wire = {"TableName": table_name()}
        condition = self._conditions()
        if self.put is not None:
            verb, body["Item"] = "Put", self.put
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


class Transaction:
    """Collects parts; commits when its `with` block ends without an exception.

    Raises what a part's `refuse` makes; `Conflict` families are business answers, `Unavailable` means the budget
    ran out with nothing known to be written.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._parts: dict[Ref, Part] = {}
        self._names: set[str] = set()
        self._replaced: list[Item] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self._take_back()

    def _take_back(self) -> None:
        for item in self._replaced:
            item.version -= 1

    def _add(self, part: Part) -> None:
        if part.name in self._names:
            raise TooBig(f"two parts are called {part.name}")
        self._names.add(part.name)
        known = self._parts.get(part.ref)
        if known is None:
            self._parts[part.ref] = part
        else:
            known.merge(part)

    def put(self, name: str, item: Item, *, refuse: Refuse | None = None) -> None:
        """A new item. Refused (by default with Conflict) when one stands at its address."""
        self._add(Part(name, item.ref, refuse or _taken, put=item.wire(), condition=~_exists("pk")))

    def put_unless(self, name: str, item: Item, *, or_when: Condition, refuse: Refuse) -> None:
        """A new item, or one that takes the place of an item for which `or_when` holds."""
        self._add(Part(name, item.ref, refuse, put=item.wire(), condition=~_exists("pk") | or_when))

    def overwrite(self, name: str, item: Item) -> None:
        """An item whatever stood there before. Only for values nobody else computes from."""
        self._add(Part(name, item.ref, refuse_with(Conflict), put=item.wire()))

    def replace(
        self, name: str, item: Item, *, refuse: Refuse | None = None, when: Condition | None = None
    ) -> None:
        """The next version of an item that was read. Refused (412) when somebody wrote it since.

        From here on the item in hand carries its new version, for other parts and the stored answer to show; a
        transaction that fails takes it back.
        """
        condition = Path("version") == {"N": str(item.version)}
        item.version += 1
        self._replaced.append(item)
        self._add(
            Part(
                name,
                item.ref,
                refuse or refuse_with(PreconditionFailed),
                put=item.wire(),
                condition=condition & when if when is not None else condition,
            )
        )

    def update(self, name: str, of: type[Item], ref: Ref, **change: Unpack[Change]) -> None:
        """Change attributes without reading first. Not for an item with index entries: replace that one."""
        self._add(part_of(name, of, ref, **change))

    def delete(
        self, name: str, ref: Ref, *, when: Condition | None = None, refuse: Refuse | None = None
    ) -> None:
        self._add(Part(name, ref, refuse or refuse_with(Conflict), delete=True, condition=when))

    def check(self, name: str, ref: Ref, when: Condition, *, refuse: Refuse | None = None) -> None:
        """Nothing is written, but the transaction holds only while `when` does."""
        self._add(Part(name, ref, refuse or refuse_with(Conflict), condition=when))

    def __len__(self) -> int:
        return len(self._parts)

    def commit(self) -> None:
        if not self._parts:
            return
        parts = list(self._parts.values())
        try:
            wires = [part.wire() for part in parts]
            _guard_limits(parts, wires)
            _commit(parts, wires)
        except BaseException:
            self._take_back()
            raise
        if self.ctx.idempotency is not None and "idempotency" in self._names:
            self.ctx.idempotency.kept = True


def transaction(ctx: Context) -> Transaction:
    return Transaction(ctx)


def refuse_with(error: type[SoukError], **fields: Any) -> Refuse:
    return lambda old: error(**fields)


def _taken(old: Wire | None) -> SoukError:
    return Conflict()


def _attribute_wire(attribute: Attribute[Any], value: Any) -> Wire:
    return {attribute.attr_type: attribute.serialize(value)}


def _guard_limits(parts: list[Part], wires: list[Wire]) -> None:
    if len(parts) > MOST_ACTIONS:
        raise TooBig(f"{len(parts)} actions, DynamoDB takes {MOST_ACTIONS}")
    whole = 0
    for part, wire in zip(parts, wires, strict=True):
        ((_, body),) = wire.items()
        size = size_of(body.get("Item", {})) + size_of(body.get("ExpressionAttributeValues", {}))
        if size > MOST_ITEM_BYTES:
            raise TooBig(f"{part.name} has {size} bytes, DynamoDB takes {MOST_ITEM_BYTES}")
        whole += size
    if whole > MOST_BYTES:
        raise TooBig(f"{whole} bytes, DynamoDB takes {MOST_BYTES}")


def _commit(parts: list[Part], wires: list[Wire]) -> None:
    token = f"{ids.random_bits(128):032x}"
    deadline = time.monotonic() + BUDGET_SECONDS
    attempt = 0
    while True:
        try:
            call(
                "TransactWriteItems",
                budget=max(0.0, deadline - time.monotonic()),
                TransactItems=wires,
                ClientRequestToken=token,
            )
        except ClientError as error:
            if error_code(error) != "TransactionCanceledException":
                raise
            reasons: list[Any] = [*error.response.get("CancellationReasons", [])]
        else:
            return
        codes = [reason.get("Code", "None") for reason in reasons]
        if not any(code in _RETRIED for code in codes):
            _refuse(parts, reasons)
        wait = pause(attempt)
        attempt += 1
        if time.monotonic() + wait > deadline:
            log.warning(
                "transaction_unavailable",
                parts=[part.name for part in parts],
                reasons=codes,
                attempts=attempt,
            )
            raise Unavailable(retry_after=2)
        time.sleep(wait)


def _refuse(parts: list[Part], reasons: list[dict[str, Any]]) -> None:
    """Raise for the first part that said no, joined with the others of its kind."""
    first: SoukError | None = None
    for part, reason in zip(parts, reasons, strict=True):
        if reason.get("Code") == _FAILED:
            error = part.refuse(reason.get("Item"))
            if first is None:
                first = error
            elif type(error) is type(first):
                first = first.joined(error)
        elif reason.get("Code", "None") != "None":
            raise RuntimeError(f"{part.name}: {reason.get('Code')}: {reason.get('Message')}")
    raise first or RuntimeError("a transaction was cancelled without a reason")
