"""One process of the soak: a shop's function with its customers, until it is told to end, or killed.

Prints what happened since it last did, a line of JSON each second.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from infra.bench.shop import BenchShop
from infra.soak.faults import Faults
from infra.soak.trade import Refused, Round, Staff, Tally

_STATM = Path("/proc/self/statm")
_PAGE_KIB = 4
_FILL_UP_EACH = 25
_going_on = True


def resident_kib() -> int:
    """What of this process lies in memory now; 0 where the system does not say."""
    return int(_STATM.read_text().split()[1]) * _PAGE_KIB if _STATM.exists() else 0


def _told(tally: Tally, faults: Faults) -> dict[str, Any]:
    return {
        "outcomes": dict(tally.outcomes),
        "milliseconds": tally.milliseconds,
        "failures": tally.failures,
        "replays": tally.replays,
        "faults": faults.count,
        "kib": resident_kib(),
    }


def _stop(*_: Any) -> None:
    global _going_on  # noqa: PLW0603 - a signal's handler has no other way to say it
    _going_on = False


def main(skus: list[str], seed: int, *, faulty: bool) -> None:
    from app import app

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    chance = random.Random(seed)  # noqa: S311 - a load, not a secret
    shop, tally, faults = BenchShop(app), Tally(), Faults(random.Random(seed + 1))  # noqa: S311
    if faulty:
        faults.start()
    staff = Staff(shop, tally, chance)
    rounds, said_at = 0, time.monotonic()
    while _going_on:
        try:
            if rounds % _FILL_UP_EACH == 0:
                staff.fill_up(skus)
            Round(shop, tally, chance, staff, skus).walk()
        except Refused:
            pass
        rounds += 1
        if time.monotonic() - said_at > 1 or not _going_on:
            print(json.dumps(_told(tally, faults)), flush=True)
            tally.__init__()  # type: ignore[misc]
            faults.count, said_at = 0, time.monotonic()


if __name__ == "__main__":
    main(sys.argv[3:], int(sys.argv[1]), faulty=sys.argv[2] == "faulty")
