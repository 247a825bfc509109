"""`make soak`: a shop under a mixed load for as long as you say, with faults and kills; then the books are proven.

    make soak                                 a minute
    make soak ARGS="--minutes 600"            over night

Every process but the first is killed now and then, at any line, and another takes its place. Throttles, conflicts and
lost answers come by chance. Jobs and stream run all the while. It ends with 0 when no request failed, every event was
delivered, the memory of the process that was never killed stayed within its bound, and `make verify` holds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chalicelib.store import ranges
from chalicelib.store.client import client, table_name
from infra.bench.shop import BenchShop, emulated
from infra.local import clients
from infra.local.schedules import Ticker, jobs_of
from infra.local.stream_reader import StreamReader, stream_arn
from infra.local.streams import Pump, consumers_of
from infra.soak.trade import Staff, Tally
from infra.soak.worker import resident_kib
from infra.verify import __main__ as verify
from infra.verify import sources
from infra.verify.sources import Source

MOST_GROWTH = 24
"""MiB, of the process that is never killed, from the end of its first third to its end."""
_MINUTE_SECONDS = 2.0
"""How long a minute of the jobs' schedules lasts."""
_PATIENCE_SECONDS = 120.0
_SETTINGS = {
    "SOUK_PAY_MINUTES": "1",
    "SOUK_PASSWORD_MEMORY_KIB": "64",
    "SOUK_USER_REQUESTS_PER_MINUTE": "100000",
}


@dataclass(slots=True)
class Sum:
    """What all processes told, as it comes in."""

    outcomes: Counter[str] = field(default_factory=Counter)
    milliseconds: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    faults: int = 0
    replays: int = 0
    kills: int = 0
    elders_kib: list[int] = field(default_factory=list)
    own_kib: list[int] = field(default_factory=list)
    """Of this process, where jobs and stream run."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: str, *, elder: bool) -> None:
        told = json.loads(line)
        with self.lock:
            self.outcomes.update(told["outcomes"])
            self.milliseconds.update(told["milliseconds"])
            self.failures += told["failures"]
            self.faults += told["faults"]
            self.replays += told["replays"]
            if elder:
                self.elders_kib.append(told["kib"])

    def at(self, share: float) -> int:
        """The milliseconds within which that share of requests was answered."""
        left = sum(self.milliseconds.values()) * share
        for milliseconds, number in sorted(self.milliseconds.items()):
            left -= number
            if left <= 0:
                return milliseconds
        return 0


def growth(kib: list[int]) -> int:
    """From the end of the first third, when everything is loaded, to the end."""
    return kib[-1] - kib[len(kib) // 3] if kib else 0


class Crew:
    """The processes. The first is the elder, which lives to the end."""

    def __init__(self, skus: list[str], seed: int, size: int, *, faulty: bool) -> None:
        self._skus, self._faulty = skus, faulty
        self._chance = random.Random(seed)  # noqa: S311 - a load, not a secret
        self.sum = Sum()
        self._readers: list[threading.Thread] = []
        self._workers = [self._hire(elder=number == 0) for number in range(size)]

    def _hire(self, *, elder: bool) -> subprocess.Popen[str]:
        kind = "faulty" if self._faulty else "smooth"
        words = [
            sys.executable,
            "-m",
            "infra.soak.worker",
            str(self._chance.randrange(10**9)),
            kind,
            *self._skus,
        ]
        worker = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
        reader = threading.Thread(target=self._read, args=(worker, elder), daemon=True)
        reader.start()
        self._readers.append(reader)
        return worker

    def _read(self, worker: subprocess.Popen[str], elder: bool) -> None:
        assert worker.stdout is not None  # noqa: S101 - asked for above
        for line in worker.stdout:
            if line.endswith("\n"):  # the last words of one that was killed may be cut
                self.sum.add(line, elder=elder)

    def kill_one(self) -> None:
        if len(self._workers) > 1:
            place = self._chance.randrange(1, len(self._workers))
            self._workers[place].kill()
            self._workers[place].wait()
            self._workers[place] = self._hire(elder=False)
            self.sum.kills += 1

    def dead(self) -> bool:
        return any(worker.poll() is not None for worker in self._workers)

    def dismiss(self) -> None:
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            try:
                worker.wait(30)
            except subprocess.TimeoutExpired:
                worker.kill()
        for reader in self._readers:
            reader.join(5)


@contextmanager
def surroundings() -> Iterator[None]:
    """The stream and the clock, as AWS would run them."""
    from app import app

    endpoint = client().meta.endpoint_url
    reader = StreamReader(clients.streams(endpoint), stream_arn(client(), table_name()))
    running: list[Pump | Ticker] = [Pump(consumer, reader) for consumer in consumers_of(app)]
    running.append(Ticker(jobs_of(app), minute_seconds=_MINUTE_SECONDS))
    for one in running:
        one.start()
    try:
        yield
    finally:
        for one in running:
            one.stop()


def waiting() -> int:
    """Events that no consumer had yet, and acts that are not in the chain."""
    rows = (row for piece in ranges.read(None, table=table_name()) for row in piece.items)
    kinds = Counter(row["kind"]["S"] for row in rows if row["kind"]["S"] == "event" or _unlinked(row))
    return kinds.total()


def _unlinked(row: dict[str, dict[str, str]]) -> bool:
    return row["kind"]["S"] == "audit_entry" and "seq" not in row


def rest() -> int:
    """Until everything is delivered; how much is not, when patience ends."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while (left := waiting()) and time.monotonic() < give_up_at:
        time.sleep(1)
    return left


def run(
    shop: BenchShop, minutes: float, crew_size: int, kill_each: float, seed: int, *, faulty: bool
) -> Crew:
    staff = Staff(shop, Tally(), random.Random(seed))  # noqa: S311
    skus = staff.stock_up()
    crew = Crew(skus, seed, crew_size, faulty=faulty)
    ends_at, kill_at = time.monotonic() + minutes * 60, time.monotonic() + kill_each
    said_at = time.monotonic()
    try:
        while time.monotonic() < ends_at and not crew.dead():
            time.sleep(0.2)
            if time.monotonic() > kill_at:
                crew.kill_one()
                kill_at = time.monotonic() + kill_each
            if time.monotonic() - said_at > 10:
                said_at = time.monotonic()
                crew.sum.own_kib.append(resident_kib())
                print(f"  {crew.sum.milliseconds.total():>9,} requests, {crew.sum.kills} kills", flush=True)
        if crew.dead():
            crew.sum.failures.append("a process ended by itself")
    finally:
        crew.dismiss()
    return crew


def tell(found: Sum, seconds: float, left: int, broken: int) -> list[str]:
    """Print the figures; answers what is not as it should be."""
    total = found.milliseconds.total()
    print(f"\n{total:,} requests in {seconds:.0f} s, {total / seconds:.0f} a second")
    for outcome, number in found.outcomes.most_common():
        print(f"  {number:>9,}  {outcome}")
    print(f"answered within {found.at(0.5)} ms (half), {found.at(0.99)} ms (99 %), {found.at(1)} ms (all)")
    print(f"{found.faults:,} faults, {found.kills} kills, {found.replays:,} repetitions compared")
    elder, own = growth(found.elders_kib) // 1024, growth(found.own_kib) // 1024
    print(f"memory since the first third: the oldest process {elder:+d} MiB, jobs and stream {own:+d} MiB")
    print(f"events not delivered: {left}; findings of the proof: {broken}")
    missed = [f"{len(found.failures)} requests failed, for example: {one}" for one in found.failures[:3]]
    missed += [f"{left} events were never delivered"] if left else []
    missed += [f"{broken} findings: the books are wrong"] if broken else []
    missed += ["no request was answered"] if not total else []
    if elder > MOST_GROWTH:
        missed.append(f"memory grew by {elder} MiB")
    return missed


def main(arguments: list[str] | None = None) -> int:
    """0: everything held; 1: something did not."""
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kill-each", type=float, default=15, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1, help="the same load again")
    parser.add_argument("--no-faults", action="store_true")
    asked = parser.parse_args(arguments)
    os.environ.update(_SETTINGS)
    print(f"Soaking for {asked.minutes:g} minutes on the emulator of this machine", flush=True)
    with emulated("souk-soak") as shop, surroundings():
        began = time.monotonic()
        crew = run(
            shop, asked.minutes, asked.processes, asked.kill_each, asked.seed, faulty=not asked.no_faults
        )
        seconds = time.monotonic() - began
        left = rest()
        source = Source("the soak", lambda: sources.from_table(client(), table_name()), is_live=True)
        _, report = verify.look(source)
    broken = sum(len(findings) for findings in report.values())
    missed = tell(crew.sum, seconds, left, broken)
    for line in missed:
        print(f"MISSED  {line}")
    print("Something did not hold." if missed else "Everything held.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
