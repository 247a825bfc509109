"""What has to be written to take one shop back to a time: read both states, compare, decide. Nothing is written here.

Two passes: the live rows, kept as 16 bytes each, then the rows of then, one at a time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.core import clock
from chalicelib.core.clock import to_text
from chalicelib.store import Ref, get
from chalicelib.tenants.entities import Tenant, is_slug, tenant_ref
from infra.backup import evidence
from infra.backup.kinds import WRITTEN_WHOLE, Books, Rule, rule_of
from infra.backup.rows import Wire, digest, kind_of, ref_of, text_of, version_of

MOST_EXAMPLES = 10
_LOGINS = ("email", "phone", "username", "wechat_openid", "wechat_unionid")
_WHOSE = ("user_id", "customer_id", "owner_id")


class CannotRestore(RuntimeError):
    """Refused before anything was written. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A live row, as much of it as is kept."""

    kind: str
    version: int
    digest: bytes


@dataclass(slots=True)
class Plan:
    """What is to be done, by address. `inserts`, `rewrites` and `deletes` never share one."""

    slug: str
    books: Books
    inserts: dict[Ref, str] = field(default_factory=dict)
    rewrites: dict[Ref, Seen] = field(default_factory=dict)
    deletes: dict[Ref, Seen] = field(default_factory=dict)
    timed: set[Ref] = field(default_factory=set)
    """Of those to be put in or rewritten, the ones that some job waits for."""
    same: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    """Rows that differ and stand as they are, by kind."""
    moved: list[str] = field(default_factory=list)
    """What happened since and cannot be taken back: money, parcels, keys that were seen."""
    under_way: int = 0
    """Events that wait to be delivered now."""
    were_under_way: int = 0
    """Events that waited then: they are not delivered again."""
    erase_again: set[str] = field(default_factory=set)
    """People who closed their accounts since, and of whom something goes back, or may have gone back before."""

    @property
    def changes(self) -> int:
        return len(self.inserts) + len(self.rewrites) + len(self.deletes)

    def table(self) -> dict[str, tuple[int, int, int, int]]:
        """Kind → put back, rewritten, deleted, left as they are though they differ."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for column, kinds in enumerate(
            (
                self.inserts.values(),
                (seen.kind for seen in self.rewrites.values()),
                (seen.kind for seen in self.deletes.values()),
                self.left.elements(),
            )
        ):
            for kind in kinds:
                found[kind][column] += 1
        return {kind: (row[0], row[1], row[2], row[3]) for kind, row in sorted(found.items())}


class Live:
    """What there is now, and what follows from it for rows of then."""

    def __init__(self, rows: Iterable[Wire], at: datetime) -> None:
        self.rows: dict[Ref, Seen] = {}
        self.moved: list[str] = []
        self.deducted: set[Ref] = set()
        self.under_way = 0
        self.forgotten: set[str] = set()
        self._logins: dict[str, set[tuple[str, str]]] = {}
        for row in rows:
            kind = kind_of(row)
            self.rows[ref_of(row)] = Seen(kind, version_of(row), digest(row))
            if (what := evidence.moved_since(row, at)) is not None:
                self.moved.append(what)
            if kind == "reservation" and evidence.is_sold_elsewhere(row):
                self.deducted.add(ref_of(row))
            self.under_way += kind == "event" and text_of(row, "state") != "dead"
            if kind == "user":
                self._person(row, to_text(at))

    def _person(self, row: Wire, at: str) -> None:
        user_id = text_of(row, "user_id")
        self._logins[user_id] = {(kind, text_of(row, kind)) for kind in _LOGINS if text_of(row, kind)}
        if text_of(row, "status") == "closed" and text_of(row, "closed_at") > at:
            self.forgotten |= {user_id, *row.get("absorbed", {}).get("SS", [])}

    def forgets(self, row: Wire) -> set[str]:
        """Who of those the row is about has closed their account since."""
        return {text_of(row, name) for name in _WHOSE} & self.forgotten

    def wants_back(self, row: Wire, now: datetime) -> bool:
        """Whether a row that is missing may be put back under `STAYS`: what was taken away on purpose may not."""
        match kind_of(row):
            case "login":
                named = self._logins.get(text_of(row, "user_id"))
                return named is None or (text_of(row, "login_kind"), text_of(row, "login")) in named
            case "audit_entry":
                return "seq" in row  # else it waited for its place in the chain, and may have one by now
            case "host":
                slug = text_of(row, "slug")
                shop = get(Tenant, tenant_ref(slug)) if is_slug(slug) else None
                return shop is not None and text_of(row, "host") in shop.hosts
            case _:
                return True


def make(
    slug: str, live: Iterable[Wire], then: Iterable[Wire], at: datetime, books: Books, spare: frozenset[str]
) -> Plan:
    """Compare; `spare` names people of whom nothing more is put back.

    Raises CannotRestore when a row of either state is of a kind without a rule, or when there was no such shop then.
    """
    now = clock.current().now()
    plan, there = Plan(slug, books), Live(live, at)
    plan.moved, plan.under_way = there.moved, there.under_way
    seen: set[Ref] = set()
    for row in then:
        seen.add(ref_of(row))
        _decide(plan, there, row, now, spare)
    if tenant_ref(slug) not in seen:
        raise CannotRestore(f"there was no shop {slug!r} at that time: nothing can be put back")
    for ref, one in there.rows.items():
        if ref in seen:
            continue
        if _rule(one.kind, books) is Rule.BACK and books == "back":
            plan.deletes[ref] = one
        else:
            plan.left[one.kind] += 1
    return plan


def _rule(kind: str, books: Books) -> Rule:
    try:
        return rule_of(kind, books)
    except KeyError:
        raise CannotRestore(
            f"items of kind {kind!r} have no rule: say in infra/backup/kinds.py whether they go back in time"
        ) from None


def _decide(plan: Plan, there: Live, row: Wire, now: datetime, spare: frozenset[str]) -> None:
    ref, kind = ref_of(row), kind_of(row)
    rule, stands = _rule(kind, plan.books), there.rows.get(ref)
    plan.were_under_way += kind == "event" and text_of(row, "state") != "dead"
    forgotten = there.forgets(row)
    is_book = rule_of(kind, "back") is not rule_of(kind, "stay")
    if stands is not None and stands.digest == digest(row):
        plan.same[kind] += 1
        # put back by a try that was killed, perhaps, before it had it erased
        plan.erase_again |= forgotten - spare if is_book else set()
        return
    expired = "ttl" in row and int(row["ttl"]["N"]) <= now.timestamp()
    if rule is Rule.NEVER or expired or (forgotten and not is_book) or forgotten & spare:
        plan.left[kind] += 1
    elif stands is None:
        if rule is Rule.BACK or there.wants_back(row, now):
            plan.inserts[ref] = kind
            _note(plan, ref, row, forgotten)
        else:
            plan.left[kind] += 1
    elif rule is Rule.BACK or (kind in WRITTEN_WHOLE and stands.version == version_of(row)):
        plan.rewrites[ref] = stands
        _note(plan, ref, row, forgotten)
        if ref in there.deducted:
            plan.moved.append(f"reservation {text_of(row, 'reservation_id')} was sold elsewhere")
    else:
        plan.left[kind] += 1


def _note(plan: Plan, ref: Ref, row: Wire, forgotten: set[str]) -> None:
    plan.erase_again |= forgotten
    if "timer" in row:
        plan.timed.add(ref)
