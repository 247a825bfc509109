"""Bring what the table holds into the shape that this release writes, or back.

    make migrate ARGS="status"            what the table has had, and what runs
    make migrate ARGS="check"             whether this release and the table go together: exit code 0 or 1
    make migrate ARGS="dry-run 0001"      count what would change, show examples
    make migrate ARGS="start 0001"        do it, or go on with it
    make migrate ARGS="up"                start whatever was not applied, in order
    make migrate ARGS="undo 0001"         back into the shape before (--dry-run: count only)
    make migrate ARGS="stop 0001"         let it rest where it is

On the table in SOUK_TABLE, with the usual AWS settings; when that is not set, on the shop that `make run` serves. The
work is done here, beside the job of a deployed stage if there is one. Ctrl-C leaves the rest to that job; the same
command goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from datetime import timedelta

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.context import Act, Actor, Context, system
from chalicelib.core.errors import SoukError
from chalicelib.core.settings import Misconfigured
from chalicelib.migrations import book, fit, running, starting
from chalicelib.migrations.book import Standing
from chalicelib.migrations.schemas import MigrationProgress
from chalicelib.migrations.starting import Wish
from chalicelib.store import sizing
from chalicelib.tenants.entities import HOME
from infra.local.progress import Progress
from infra.local.running import NotRunning
from infra.tools import operators
from infra.tools.tenant import set_up

pause_seconds = 2.0
"""Between two looks, while another worker holds what is left."""
AT_A_TIME = timedelta(seconds=3)
"""Work between two lines of progress."""
_DONE, _REFUSED, _UNREADABLE = 0, 1, 2


def as_operator(command: str, number: str, reason: str) -> Context:
    """Whoever runs this command; what they do is in the audit log of the platform's own shop."""
    ctx = replace(system(HOME), actor=Actor("system", id=f"operator:{operators.name()}"))
    return replace(ctx, act=Act(f"command_migrate_{command}", {"number": number} if number else {}, reason))


def status() -> int:
    ctx, known = system(HOME), book.read()
    for standing in known.all(ctx):
        _show(standing)
    return _tell_fit(fit.of(known))


def check() -> int:
    return _tell_fit(fit.of(book.read()))


def _tell_fit(found: fit.Fit) -> int:
    if found.behind:
        print(f'This release needs {", ".join(found.behind)}: make migrate ARGS="up"', file=sys.stderr)
    if found.ahead:
        print(
            f"This release does not know {', '.join(found.ahead)}: undo it with the release that does",
            file=sys.stderr,
        )
    if found:
        print("This release and the table go together.")
    return _DONE if found else _REFUSED


def up(reason: str, *, tell: bool = True) -> int:
    """Apply, in order, whatever was not. A new table has everything applied in a moment."""
    for standing in book.read().all(system(HOME)):
        if standing.applied != "yes":
            code = run("start", standing.migration.number, Wish(), reason, tell=tell)
            if code != _DONE:
                return code
    if tell:
        print("Every migration is applied.")
    return _DONE


def run(command: str, number: str, wish: Wish, reason: str, *, tell: bool = True) -> int:
    """Start it and work until it ends. 0: it finished with nothing parked."""
    standing = starting.begin(as_operator(command, number, reason), number, wish)
    progress, seen = Progress(f"{command} {number}", sizing.table_size()), standing.looked_at
    while standing.run is not None and standing.run.status == "running":
        done = running.work(system(HOME).now, AT_A_TIME)
        standing = starting.look(system(HOME), number)
        progress.advance(standing.looked_at - seen)
        seen = standing.looked_at
        if done.status == "running" and not done.advanced:
            time.sleep(pause_seconds)
    progress.done()
    if tell:
        _show(standing)
    parked = any(one.parked_count for one in standing.segments)
    finished = standing.run is not None and standing.run.status == "finished"
    return _DONE if finished and not parked else _REFUSED


def _show(standing: Standing) -> None:
    migration, run = standing.migration, standing.run
    print(f"{migration.number}  {migration.title.en}\n      applied: {standing.applied}")
    if run is None:
        return
    told = MigrationProgress.of(standing)
    what = f"{'undo' if told.undo else 'forward'}{', dry run' if told.dry_run else ''}"
    speed = f", {told.per_second} a second" if told.per_second is not None else ""
    print(
        f"      last run: {told.status} ({what}), {told.looked_at} of about {told.estimated_items or '?'} items"
        f" looked at{speed}; {told.changed} changed, {told.unchanged} right already, {told.parked_count} parked"
    )
    for sample in told.samples:
        shown = {"before": sample.before, "after": sample.after}
        print(f"        {sample.key}\n          {json.dumps(shown, ensure_ascii=False)}")
    for parked in told.parked:
        print(f"        parked: {parked.key}: {parked.reason}")


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make migrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="command", required=True)
    acts.add_parser("status")
    acts.add_parser("check")
    for name in ("dry-run", "start", "undo", "stop", "up"):
        one = acts.add_parser(name)
        one.add_argument("--reason", default="", help="for the audit log")
        if name != "up":
            one.add_argument("number")
        if name == "undo":
            one.add_argument("--dry-run", action="store_true")
        if name in ("dry-run", "start", "undo"):
            one.add_argument("--afresh", action="store_true", help="from the beginning")
    return parser.parse_args(arguments)


def _do(told: argparse.Namespace) -> int:
    match told.command:
        case "status":
            return status()
        case "check":
            return check()
        case "up":
            return up(told.reason)
        case "stop":
            _show(starting.stop(as_operator("stop", told.number, told.reason), told.number))
            return _DONE
        case command:
            undo, dry = command == "undo", command == "dry-run" or getattr(told, "dry_run", False)
            return run(command, told.number, Wish(undo=undo, dry=dry, afresh=told.afresh), told.reason)


def main(arguments: list[str]) -> int:
    """0: done; 1: refused, stopped, failed or with items parked; 2: the command or the table cannot be read."""
    told = _read(arguments)
    try:
        set_up(os.environ)
        return _do(told)
    except KeyboardInterrupt:
        print("Left as it is: the same command goes on, or the job of the stage does.", file=sys.stderr)
        return _REFUSED
    except SoukError as error:
        detail = error.say("en")
        print(f"{told.command}: {error.title.en}.{f' {detail}' if detail else ''}", file=sys.stderr)
        return _REFUSED
    except (NotRunning, Misconfigured, ClientError, BotoCoreError, OSError) as error:
        print(f"{told.command}: {error}", file=sys.stderr)
        return _UNREADABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
