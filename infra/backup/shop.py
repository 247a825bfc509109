"""One shop back to a time, in the live table, every other shop as it is.

Each write says what it expects to find, so whoever else writes meanwhile (a provider's callback, a job) is never
overwritten: that row is looked at again in the next round. Rows without a timer go first, then what is newer goes,
then rows with a timer, and the shop itself last: no job acts on half of it, no visitor sees half of it. Killed
anywhere, the same command compares again and does what is left.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.core.clock import to_text
from chalicelib.core.context import Act, Actor, system
from chalicelib.privacy.closing import EVENT as USER_CLOSED
from chalicelib.store import Ref, emit, get, note, transaction
from chalicelib.store.client import call, error_code, table_name
from chalicelib.tenants.entities import HOME, Tenant, TenantRow, is_slug, tenant_ref, tenant_row_ref
from infra.backup import plan as plans
from infra.backup.kinds import Books
from infra.backup.plan import CannotRestore, Plan
from infra.backup.rows import Then, Wire, digest, of_table, ref_of
from infra.local.progress import Progress

threads = 8
"""How many rows are written side by side. 1 where the engine cannot stand threads."""
ROUNDS = 3
_BATCH = 256
_SCALARS = ("S", "N", "BOOL")


@dataclass(slots=True)
class Done:
    """What was written, and how many rows somebody else had written first."""

    written: int = 0
    outrun: int = 0


def plan(slug: str, then: Then, books: Books, spare: Iterable[str] = ()) -> Plan:
    """Both states read and compared. Two Scans: of the live table, and of the one of then. Raises CannotRestore.

    `spare` names people of whom nothing more is put back.
    """
    if not is_slug(slug):
        raise CannotRestore(f"{slug!r} is no shop's name")
    if then.at is None:
        raise CannotRestore(f"{then.name} does not say of when it is: add --at TIME")
    live = of_table(slug, f"reading {slug}")
    return plans.make(slug, live, then.rows(slug), then.at, books, frozenset(spare))


def check(found: Plan, *, really: bool) -> None:
    """Whether it may be carried out. Raises CannotRestore with the reason."""
    if found.books == "back" and found.moved:
        shown = "\n  ".join(found.moved[: plans.MOST_EXAMPLES])
        raise CannotRestore(
            f"{len(found.moved)} things happened since that cannot be taken back:\n  {shown}\n"
            "With --books stay orders, payments, stock and points stay as they are; of those, only what is missing or "
            "damaged is put back."
        )
    if found.under_way and not really:
        raise CannotRestore(
            f"{found.under_way} events wait to be delivered: give the jobs a minute or two, then try again"
        )


def carry_out(first: Plan, then: Then, reason: str) -> Done:
    """Write what the plan says, and what the next comparisons still find. Safe to run again. Raises CannotRestore."""
    done, found, erased = Done(), first, set[str]()
    _on_record(first, then, reason, "restore_begun")
    for _ in range(ROUNDS):
        _write(found, then, done)
        erased |= found.erase_again
        found = plan(found.slug, then, found.books, erased)
        if not found.changes:
            _on_record(first, then, reason, "restore_done")
            return done
    raise CannotRestore(
        f"{found.changes} rows were written by others again and again: stop whoever writes, and run this again"
    )


def _write(found: Plan, then: Then, done: Done) -> None:
    progress = Progress(f"restoring {found.slug}", found.changes)
    shop = tenant_ref(found.slug)

    def put(row: Wire) -> bool:
        ref = ref_of(row)
        return _put_new(row) if ref in found.inserts else _rewrite(row, found.rewrites[ref].digest)

    def each(rows: Iterable[Any], write: Callable[[Any], bool]) -> None:
        for written in _side_by_side(rows, write):
            done.written += written
            done.outrun += not written
            progress.advance(1)

    wanted = (found.inserts.keys() | found.rewrites.keys()) - {shop}
    each(then.pick(found.slug, wanted - found.timed), put)
    each(found.deletes.items(), lambda one: _delete(one[0], one[1].digest))
    each(then.pick(found.slug, wanted & found.timed), put)
    _erase_again(found)
    if shop in found.inserts:
        each(then.pick(found.slug, {shop}), _open_shut)
    progress.done()


def _side_by_side(rows: Iterable[Any], write: Callable[[Any], bool]) -> Iterator[bool]:
    """A few at once, never more than a batch in memory."""
    if threads == 1:
        yield from map(write, rows)
        return
    waiting = iter(rows)
    with ThreadPoolExecutor(threads) as pool:
        while batch := list(islice(waiting, _BATCH)):
            jobs = [pool.submit(contextvars.copy_context().run, write, row) for row in batch]
            yield from (job.result() for job in jobs)


def _put_new(row: Wire) -> bool:
    return _applied("PutItem", Item=row, ConditionExpression="attribute_not_exists(pk)")


def _rewrite(row: Wire, expected: bytes) -> bool:
    stands = _stands(ref_of(row), expected)
    return stands is not None and _applied("PutItem", Item=row, **_unchanged(stands))


def _delete(ref: Ref, expected: bytes) -> bool:
    stands = _stands(ref, expected)
    return stands is not None and _applied("DeleteItem", Key=ref.wire(), **_unchanged(stands))


def _stands(ref: Ref, expected: bytes) -> Wire | None:
    """The row as it stands, if it is still the one that was compared."""
    row: Wire | None = call("GetItem", TableName=table_name(), Key=ref.wire(), ConsistentRead=True).get(
        "Item"
    )
    return row if row is not None and digest(row) == expected else None


def _unchanged(row: Wire) -> dict[str, Any]:
    """A condition that holds while nobody writes the row: its version and everything that is counted in place."""
    names = [name for name, value in sorted(row.items()) if next(iter(value)) in _SCALARS]
    return {
        "ConditionExpression": " AND ".join(f"#c{at} = :c{at}" for at in range(len(names))),
        "ExpressionAttributeNames": {f"#c{at}": name for at, name in enumerate(names)},
        "ExpressionAttributeValues": {f":c{at}": row[name] for at, name in enumerate(names)},
    }


def _applied(operation: str, **parameters: Any) -> bool:
    """Whether it was written; a lost answer is asked for again, and then a twin of ours may have been first."""
    try:
        call(operation, TableName=table_name(), **parameters)
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _open_shut(row: Wire) -> bool:
    """A shop that was gone comes back suspended and without hosts, with its row in the platform's list.

    Its hosts may be another's by now; both are given back through the platform's page.
    """
    tenant = Tenant.from_wire(row)
    ctx = system(HOME)
    tenant.hosts = []
    if tenant.slug != HOME:
        tenant.status, tenant.suspended_at, tenant.suspended_for = (
            "suspended",
            ctx.now,
            "restored from a backup",
        )
    listed = get(TenantRow, tenant_row_ref(tenant.slug))
    with transaction(ctx) as tx:
        tx.put("tenant", tenant)
        if listed is None:
            tx.put("tenant_row", TenantRow.of(tenant))
        else:
            tx.overwrite("tenant_row", TenantRow.of(tenant))
    return True


def _erase_again(found: Plan) -> None:
    """Who closed their account since stays forgotten: what came back of them is erased as it was the first time."""
    for user_id in sorted(found.erase_again):
        with transaction(system(found.slug)) as tx:
            emit(tx, USER_CLOSED, {"user_id": user_id})


def _on_record(found: Plan, then: Then, reason: str, act: str) -> None:
    """In the shop's own audit log, which does not go back: why its past looks as it does from here on."""
    at = to_text(then.at) if then.at else ""
    targets = {"slug": found.slug, "state_of": at, "from": then.name, "books": found.books}
    ctx = replace(
        system(found.slug),
        actor=Actor("system", id="operator"),
        act=Act(act, targets, reason),
    )
    note(ctx)
