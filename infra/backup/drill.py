"""The drill: shops trade on the emulator, one is damaged, and what was backed up brings it back, proven and timed.

    make drill                        some hundred rows: under a minute
    make drill ARGS="--orders 500"    more

Everything it does to tables it does through the code of `make backup` and `make restore`. Its figures are of this
machine and the emulator. What AWS takes and promises stands in docs/disaster-recovery.md; only a drill there measures
that: `make restore ARGS="time latest TABLE"` is one, and harms nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chalicelib.core import clock
from chalicelib.core.clock import from_text
from chalicelib.store import backups, ranges
from chalicelib.store.client import client, table_name
from infra.backup import cli, export, features, manifest, restore, shop, tables
from infra.backup.rows import Wire, fold, kind_of, of_table
from infra.backup.story import Story
from infra.backup.tables import Restored, Stopwatch
from infra.bench.shop import BenchShop, emulated
from infra.local import clients
from infra.local.stream_reader import StreamReader, stream_arn
from infra.local.streams import Pump, consumers_of
from infra.verify import __main__ as verify
from infra.verify import sources
from infra.verify.sources import Source

SLUG, OTHER = "acme", "corner"
_LOST = ("product", "order", "address_book", "payment")
_PATIENCE_SECONDS = 60.0


class Failed(RuntimeError):
    """The drill did not bring back what it should have. The message says which step."""


class Drill:
    def __init__(self, app: BenchShop, folder: Path) -> None:
        self._app = app
        self._folder = folder
        self._steps: dict[str, float] = {}
        self._watch = Stopwatch(self._steps)
        self.client = cli.client("dynamodb")
        self.lines: list[str] = []

    def fill(self, orders: int) -> None:
        """Two shops that trade, side by side."""
        owner = self._app.sign_in()
        self.shops = [Story(self._app, slug, owner) for slug in (SLUG, OTHER)]
        for one in self.shops:
            one.stock_up(5)
            one.trade(orders)
        self.rest()
        self.rows = len(list(everything()))
        self._say(f"{self.rows:,} rows of {len(self.shops)} shops and the platform, {orders} orders each")

    def rest(self) -> None:
        """Until the stream has delivered every event and linked the audit log."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while any(_waits(row) for row in everything()):
            if time.monotonic() > give_up_at:
                raise Failed(f"events were still waiting after {_PATIENCE_SECONDS:.0f} s")
            time.sleep(0.05)

    def back_up(self) -> None:
        with self._watch("back up"):
            self.backup = backups.create("drill")
        with self._watch("export to files"):
            export.write(self._folder)
        self.then = fold(everything())
        self._rate("export to files", self.rows)

    def damage(self, orders: int) -> None:
        """The other shop goes on selling; a script of the first deletes rows and writes over others."""
        self.shops[1].trade(orders)
        self.rest()
        hit = 0
        for row in of_table(SLUG, "damaging"):
            if kind_of(row) in _LOST:
                self.client.delete_item(TableName=table_name(), Key={"pk": row["pk"], "sk": row["sk"]})
                hit += 1
            elif kind_of(row) == "stock":
                self.client.put_item(TableName=table_name(), Item=row | {"available": {"N": "3"}})
                hit += 1
        self.damaged_at = clock.current().now()
        found = _findings()
        self._say(f"{hit:,} rows of {SLUG} deleted or written over; `make verify` finds {found} faults")
        _must(found > 0, "the damage is not seen")

    def whole_table(self) -> None:
        """From the backup, and from the files, each into a table beside the live one."""
        with _quiet():
            done = tables.from_backup(self.client, self.backup, table_name(), f"{table_name()}-backup")
        self._proven("the whole table from a backup", done)
        taken_at = from_text(manifest.check(self._folder).taken_at)
        with _quiet():
            done = tables.from_folder(
                self.client, self._folder, taken_at, table_name(), f"{table_name()}-files"
            )
        self._proven("the whole table from files", done)

    def _proven(self, what: str, done: Restored) -> None:
        done.asked_at = self.damaged_at
        with _quiet():
            code = restore.prove(done)
        _must(code == 0, f"{done.table} is not proven")
        _must(fold(everything(done.table)) == self.then, f"{done.table} is not what was backed up")
        restoring = done.rto_seconds - done.steps["verify"]
        self._figures(what, done.rpo_seconds, done.rto_seconds, self.rows / max(restoring, 0.001))

    def point_in_time(self) -> None:
        """The call itself; what this engine brings back is the present, whatever time it is asked for."""
        target = f"{table_name()}-time"
        with _quiet():
            tables.to_time(self.client, None, backups.window(), table_name(), target)
        is_present = fold(everything(target)) == fold(everything())
        self._say(
            "point in time: the calls work, but this engine restores the present whatever time is asked for"
            if is_present
            else "point in time: the engine restored another state than the present"
        )
        tables.drop(self.client, table_name(), target)

    def one_shop(self) -> None:
        """Only the damaged shop, into the live table, from the restored one."""
        self._app.send(
            "POST", f"/v1/platform/tenants/{SLUG}/suspend", {"reason": "drill"}, self._app.sign_in()
        )
        self.rest()
        others, letters = fold(_others()), _count("notification", OTHER)
        then = tables.then(self.client, table_name(), f"{table_name()}-backup", self.backup.made_at)
        with self._watch("compare"):
            plan = shop.plan(SLUG, then, "back")
            shop.check(plan, really=False)
        with self._watch("write"):
            done = shop.carry_out(plan, then, "drill")
        with self._watch("verify"):
            _must(_findings() == 0, "the live table does not verify")
        steps = [self._steps[step] for step in ("compare", "write", "verify")]
        _must(fold(_others()) == others, "another shop's rows changed")
        self.rest()
        _must(_count("notification", OTHER) == letters, "something was delivered twice")
        rpo = (self.damaged_at - self.backup.made_at).total_seconds()
        rate = done.written / max(steps[1], 0.001)
        self._figures(f"one shop, {done.written:,} rows written", rpo, sum(steps), rate)
        self._say(f"  comparing {cli.span(steps[0])}, writing and comparing again {cli.span(steps[1])}")
        self._say("every row of the other shop and of the platform is byte for byte the same")

    def clean_up(self) -> None:
        for name in ("backup", "files"):
            tables.drop(self.client, table_name(), f"{table_name()}-{name}")

    def _figures(self, what: str, rpo: float, rto: float, rate: float) -> None:
        self._say(f"{what}: RPO {cli.span(rpo)}, RTO {cli.span(rto)}, {rate:,.0f} rows/s")

    def _rate(self, step: str, rows: int) -> None:
        seconds = self._steps[step]
        self._say(f"{step}: {cli.span(seconds)}, {rows / max(seconds, 0.001):,.0f} rows/s")

    def _say(self, line: str) -> None:
        self.lines.append(line)
        print(f"  {line}", flush=True)


def everything(table: str | None = None) -> Iterator[Wire]:
    for piece in ranges.read(None, table=table):
        yield from piece.items


def _others() -> Iterator[Wire]:
    return (row for row in everything() if not row["pk"]["S"].startswith(f"{SLUG}#"))


def _count(kind: str, slug: str) -> int:
    return sum(kind_of(row) == kind and row["pk"]["S"].startswith(f"{slug}#") for row in everything())


def _waits(row: Wire) -> bool:
    return kind_of(row) == "event" or (kind_of(row) == "audit_entry" and "seq" not in row)


def _findings() -> int:
    source = Source("the drill", lambda: sources.from_table(client(), table_name()), is_live=False)
    _, report = verify.look(source)
    return sum(len(found) for found in report.values())


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The report of a table that holds is long, and the drill makes three."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            yield
    except BaseException:
        print(said.getvalue())
        raise


@contextlib.contextmanager
def _stream(endpoint: str) -> Iterator[None]:
    """The table's own stream, read as Lambda would: what a restore writes is delivered too."""
    from app import app

    reader = StreamReader(clients.streams(endpoint), stream_arn(client(), table_name()))
    pumps = [Pump(consumer, reader) for consumer in consumers_of(app)]
    for pump in pumps:
        pump.start()
    try:
        yield
    finally:
        for pump in pumps:
            pump.stop()


def run(orders: int) -> None:
    features.POLL_SECONDS = 0.05
    with (
        emulated("souk-drill") as app,
        tempfile.TemporaryDirectory(prefix="souk-drill-") as folder,
        _stream(client().meta.endpoint_url),
    ):
        drill = Drill(app, Path(folder) / "export")
        steps: tuple[Callable[[], Any], ...] = (
            lambda: drill.fill(orders),
            drill.back_up,
            lambda: drill.damage(max(5, orders // 5)),
            drill.point_in_time,
            drill.whole_table,
            drill.one_shop,
            drill.clean_up,
        )
        for step in steps:
            step()


def main(arguments: list[str]) -> int:
    """0: everything came back; 1: something did not."""
    parser = argparse.ArgumentParser(
        prog="make drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=50, help="of each of the two shops")
    told = parser.parse_args(arguments)
    print("Drill on the emulator of this machine")
    try:
        run(told.orders)
    except (Failed, *cli.REFUSALS) as error:
        print(f"drill: {error}", file=sys.stderr)
        return 1
    print("Everything came back.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
