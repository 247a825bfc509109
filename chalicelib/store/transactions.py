"""The one writer: a transaction of named parts that says which part said no, and why.

- Two demands on one item are merged into one action (DynamoDB refuses two), their amounts summed before any check.
- A failed condition is a business answer: the part's own `refuse` turns the item as it was into an exception.
- Conflicts, throttling and lost answers are retried with jitter inside a time budget, under one request token, so
  a retry that meets its own write is a success. A mix of conflict and failed condition is retried too: the
  condition may have read a write that was then rolled back (B20).
"""

import time
from types import TracebackType
from typing import Any, Self, Unpack

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from chalicelib.core import ids, log
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed, SoukError, Unavailable
from chalicelib.store import acts
from chalicelib.store.acts import Written
from chalicelib.store.attributes import Wire
from chalicelib.store.client import BUDGET_SECONDS, call, error_code, pause
from chalicelib.store.items import Item
from chalicelib.store.keys import Ref
from chalicelib.store.parts import Change, Part, Refuse, TooBig, exists, part_of, refuse_with, size_of

_MOST = 100
MOST_ACTIONS = _MOST - 1
"""What a domain may put into one transaction: DynamoDB's limit, less the audit log's entry."""
MOST_BYTES = 4 * 1024 * 1024
MOST_ITEM_BYTES = 400 * 1024

_FAILED = "ConditionalCheckFailed"
_RETRIED = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


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
        self._written: list[Written] = []

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

    def _note(self, of: type[Item], ref: Ref, **how: Any) -> None:
        if self.ctx.act is not None:
            self._written.append(Written(of, ref, **how))

    def put(self, name: str, item: Item, *, refuse: Refuse | None = None) -> None:
        """A new item. Refused (by default with Conflict) when one stands at its address."""
        self._put(Part(name, item.ref, refuse or _taken, put=item.wire(), condition=~exists("pk")), item)

    def put_unless(self, name: str, item: Item, *, or_when: Condition, refuse: Refuse) -> None:
        """A new item, or one that takes the place of an item for which `or_when` holds."""
        self._put(Part(name, item.ref, refuse, put=item.wire(), condition=~exists("pk") | or_when), item)

    def overwrite(self, name: str, item: Item) -> None:
        """An item whatever stood there before. Only for values nobody else computes from."""
        self._put(Part(name, item.ref, refuse_with(Conflict), put=item.wire()), item)

    def _put(self, part: Part, item: Item, before: Wire | None = None) -> None:
        self._add(part)
        self._note(type(item), part.ref, before=before, after=part.put)

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
        part = Part(
            name,
            item.ref,
            refuse or refuse_with(PreconditionFailed),
            put=item.wire(),
            condition=condition & when if when is not None else condition,
        )
        self._put(part, item, before=item.as_read)

    def update(self, name: str, of: type[Item], ref: Ref, **change: Unpack[Change]) -> None:
        """Change attributes without reading first. Not for an item with index entries: replace that one."""
        part = part_of(name, of, ref, **change)
        self._add(part)
        words = {name: {"SS": sorted(said)} for name, said in (part.includes | part.excludes).items()}
        self._note(of, ref, after={**part.sets, **words}, added=part.counts)

    def delete(
        self,
        name: str,
        ref: Ref,
        *,
        was: Item | None = None,
        when: Condition | None = None,
        refuse: Refuse | None = None,
    ) -> None:
        """`was` is the item as it was read, for the audit log to tell what went."""
        self._add(Part(name, ref, refuse or refuse_with(Conflict), delete=True, condition=when))
        if was is not None:
            self._note(type(was), ref, before=was.wire())

    def check(self, name: str, ref: Ref, when: Condition, *, refuse: Refuse | None = None) -> None:
        """Nothing is written, but the transaction holds only while `when` does."""
        self._add(Part(name, ref, refuse or refuse_with(Conflict), condition=when))

    def __len__(self) -> int:
        return len(self._parts)

    def commit(self) -> None:
        if not self._parts:
            return
        if any(one.is_told for one in self._written):
            self.put("audit", acts.entry(self.ctx, self._written))
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


def note(ctx: Context) -> None:
    """Record a staff act that writes nothing else: something was taken out or shown. One transaction."""
    with transaction(ctx) as tx:
        tx.put("audit", acts.entry(ctx, ()))


def _taken(old: Wire | None) -> SoukError:
    return Conflict()


def _guard_limits(parts: list[Part], wires: list[Wire]) -> None:
    if len(parts) > _MOST:
        raise TooBig(f"{len(parts)} actions, DynamoDB takes {_MOST}")
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
            if any(part.name.startswith("stock:") for part in parts):
                log.metrics({}, stock_conflicts=1)
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
