"""Importing a catalogue: rows one by one in their checks, many at a time in their writes, none twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Literal

from chalicelib.catalog import filing
from chalicelib.catalog.import_plans import BrandPlan, CategoryPlan, Change, Plan, ProductPlan
from chalicelib.catalog.import_rows import BrandRow, CategoryRow, M, ProductRow, Row, read_row, what_is_wrong
from chalicelib.catalog.schemas import ImportCounts, ImportFile, ImportProblem, ImportReport
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, PreconditionFailed, SoukError
from chalicelib.store import MOST_ACTIONS, Found, TooBig, get_many, transaction
from chalicelib.tenants import service as tenants

MOST_BYTES = 5 * 1024 * 1024
TIME = timedelta(seconds=20)
"""A gateway waits 29 s for an answer: what is not begun by then is left for the next time."""
_ROWS = 100
"""Read together, in one BatchGet."""
_LOOK_AT_CLOCK = 500
"""Rows read between two looks at the time."""
_MOST_PROBLEMS = 200
_TRIES = 3
"""How often a row may be outrun by other writers of its item before it is told as a problem."""

Section = Literal["categories", "brands", "products"]


def run(ctx: Context, file: ImportFile) -> ImportReport:
    """Carry out a file. It may be repeated: a row that is as it was imported before costs no write.

    Store calls: 2, and in each section one BatchGet for 100 rows and one transaction for as many changed rows
    as fit 100 actions. Raises Unavailable; what was written until then stays, and a second run goes on.
    """
    work = _Import(ctx)
    known_categories, known_brands = filing.categories(ctx), filing.brands(ctx)
    work.done |= {one.category_id for one in known_categories} | {one.brand_id for one in known_brands}
    categories = work.read("categories", "cat", CategoryRow, file.categories)
    brands = work.read("brands", "brd", BrandRow, file.brands)
    products = work.read("products", "prd", ProductRow, file.products)
    work.carry_out("categories", CategoryPlan(ctx, known_categories, categories), categories)
    work.carry_out("brands", BrandPlan(ctx), brands)
    currency = tenants.of(ctx).currency
    if products:
        tenants.fix_currency(ctx, currency)
    work.carry_out("products", ProductPlan(ctx, currency, work.done), products)
    return work.report(len(file.categories) + len(file.brands) + len(file.products))


class _Import:
    """One run: what came of the rows so far, and until when it goes on."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._ends_at = ctx.now + TIME
        self._counts: dict[Section, Counter[str]] = {
            "categories": Counter(),
            "brands": Counter(),
            "products": Counter(),
        }
        self._problems: list[ImportProblem] = []
        self.done: set[str] = set()
        """Our ids of what is in the shop."""

    def report(self, rows: int) -> ImportReport:
        return ImportReport(
            categories=ImportCounts(**self._counts["categories"]),
            brands=ImportCounts(**self._counts["brands"]),
            products=ImportCounts(**self._counts["products"]),
            problems=self._problems[:_MOST_PROBLEMS],
            left=rows - sum(counts.total() for counts in self._counts.values()),
        )

    def read(self, section: Section, prefix: str, of: type[M], raw_rows: Sequence[Any]) -> list[Row[M]]:
        """The rows that can be read, each id once."""
        rows: dict[str, Row[M]] = {}
        for number, raw in enumerate(raw_rows):
            if number and number % _LOOK_AT_CLOCK == 0 and self._is_over():
                break
            place = f"{section}/{number}"
            try:
                row = read_row(self._ctx, prefix, of, place, raw)
                if row.id in rows:
                    raise Invalid.field("id", "duplicate_id", f"is the id of {rows[row.id].place} too")
            except SoukError as error:
                self._fail(section, place, raw.get("id") if isinstance(raw, dict) else None, error)
            else:
                rows[row.id] = row
        return list(rows.values())

    def carry_out(self, section: Section, plan: Plan[M], rows: Sequence[Row[M]]) -> None:
        """Write the rows that have changed, until the time is over."""
        for start in range(0, len(rows), _ROWS):
            if self._is_over():
                return
            batch = rows[start : start + _ROWS]
            found = get_many(plan.ref(row) for row in batch)
            planned = ((row, self._change(section, plan, row, found)) for row in batch)
            for group in _groups((row, change) for row, change in planned if change is not None):
                if self._is_over():
                    return
                self._write(section, plan, group)

    def _change(self, section: Section, plan: Plan[M], row: Row[M], found: Found) -> Change | None:
        try:
            change = plan.change(row, found)
        except SoukError as error:
            self._fail(section, row.place, row.data.id, error)
            return None
        if change is None:
            self._count(section, row, "unchanged")
        return change

    def _write(self, section: Section, plan: Plan[M], group: Sequence[tuple[Row[M], Change]]) -> None:
        try:
            with transaction(self._ctx) as tx:
                for _, change in group:
                    change.write(tx)
        except (Conflict, PreconditionFailed, TooBig):
            # somebody else wrote one of them first, or together they pass 4 MB: whoever can go, goes alone
            for row, _ in group:
                self._write_alone(section, plan, row)
        else:
            for row, change in group:
                self._count(section, row, change.outcome)

    def _write_alone(self, section: Section, plan: Plan[M], row: Row[M]) -> None:
        lost: SoukError | None = None
        for _ in range(_TRIES):
            change = self._change(section, plan, row, get_many([plan.ref(row)]))
            if change is None:
                return
            try:
                with transaction(self._ctx) as tx:
                    change.write(tx)
            except (Conflict, PreconditionFailed) as error:
                lost = error
                continue
            self._count(section, row, change.outcome)
            return
        if lost is not None:
            self._fail(section, row.place, row.data.id, lost)

    def _is_over(self) -> bool:
        return self._ctx.fresh().now >= self._ends_at

    def _count(self, section: Section, row: Row[M], outcome: str) -> None:
        self._counts[section][outcome] += 1
        self.done.add(row.id)

    def _fail(self, section: Section, place: str, external_id: Any, error: SoukError) -> None:
        code, message = what_is_wrong(error, self._ctx)
        known = external_id[:64] if isinstance(external_id, str) else None
        self._counts[section]["failed"] += 1
        self._problems.append(ImportProblem(row=place, id=known, code=code, message=message))


def _groups(changes: Iterable[tuple[Row[M], Change]]) -> Iterator[list[tuple[Row[M], Change]]]:
    """As many as fit one transaction."""
    group: list[tuple[Row[M], Change]] = []
    room = MOST_ACTIONS
    for row, change in changes:
        if change.actions > room:
            yield group
            group, room = [], MOST_ACTIONS
        group.append((row, change))
        room -= change.actions
    if group:
        yield group
