"""`make cost`: measure every act of the shop on the emulator, and say what a load costs, part by part.

Exit code 2 when a load or a region is not there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

import yaml

from infra.cost import baseline, capacity_page, levers, loads, measuring, model, prices, printing
from infra.cost.act import Act
from infra.local.emulator import Emulator
from infra.local.expressions import Schedule
from infra.local.schedules import jobs_of
from infra.tools import app

_PASSES = 3


def options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make cost", description="What the shop costs, from what was measured."
    )
    parser.add_argument(
        "--load", default="ruizhu", help="ruizhu, small, idle, trying, or a file (default: ruizhu)"
    )
    parser.add_argument("--region", default=prices.DEFAULT_REGION, choices=prices.regions())
    parser.add_argument(
        "--free-tier", action="store_true", help="leave out what is free each month for any account"
    )
    parser.add_argument("--recorded", action="store_true", help="measure nothing: take docs/costs.json")
    parser.add_argument("--all", action="store_true", help="list every act, not those of the load alone")
    parser.add_argument(
        "--write-baseline", action="store_true", help="keep what was measured in docs/costs.json"
    )
    parser.add_argument("--release", action="store_true", help="with it: let growth count from here")
    return parser.parse_args(argv)


def measured() -> dict[str, Act]:
    app.declared()
    with Emulator() as emulator:
        return measuring.measured(emulator.endpoint, passes=_PASSES)


def schedules() -> Mapping[str, Schedule]:
    """Every job and when it runs."""
    return {job.name: job.schedule for job in jobs_of(app.declared())}


def keep(acts: dict[str, Act], *, release: bool) -> None:
    known = baseline.read() if baseline.PATH.exists() else None
    written = baseline.renewed(acts, known, release=release)
    baseline.PATH.write_text(written.text(), encoding="utf-8")
    print(f"docs/{baseline.PATH.name} is written; {capacity_page.write()}")
    grown = baseline.unexplained(acts, written.released, baseline.CHANGELOG.read_text(encoding="utf-8"))
    if grown:
        print(baseline.told_how(grown))


def show(acts: Mapping[str, Act], wanted: argparse.Namespace) -> None:
    load, deployed = loads.load(wanted.load), loads.deployment()
    list_ = prices.of(wanted.region, free_tier=wanted.free_tier)
    jobs = schedules()
    bill = model.bill(acts, load, deployed, list_, jobs)
    found = levers.effects(acts, load, deployed, list_, jobs)
    names = acts if wanted.all else [name for name in load.acts_a_month() if name in acts]
    idle = loads.load("idle")
    for block in (
        printing.bill_of(load, bill, list_, model.of_an_order(acts, load, deployed, list_)),
        printing.beside_the_plan(load, bill, list_),
        printing.strongest(found, bill),
        printing.per_million(acts, names, deployed, list_),
        ["Nothing sold:", *printing.bill_of(idle, model.bill(acts, idle, deployed, list_, jobs), list_)],
        printing.stages(
            {
                stage: (one, model.bill(acts, one, how, list_, jobs))
                for stage, (one, how) in loads.stages().items()
            },
            list_,
        ),
        printing.leaning_on(deployed, list_),
        [printing.in_chinese(load, bill, found, list_)],
    ):
        if text := "\n".join(block):
            print(text, end="\n\n")


def main(argv: list[str] | None = None) -> int:
    wanted = options(argv)
    try:
        load = loads.load(wanted.load)
    except (FileNotFoundError, ValueError, yaml.YAMLError) as error:
        print(f"{wanted.load} cannot be used: {error}", file=sys.stderr)
        return 2
    acts = baseline.read().acts if wanted.recorded else measured()
    if wanted.write_baseline:
        keep(acts, release=wanted.release)
    strange = sorted(load.acts_a_month().keys() - acts.keys())
    if strange:
        print(f"{wanted.load} names what was never measured: {'; '.join(strange)}", file=sys.stderr)
        return 2
    show(acts, wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
