"""Read every item of a shop's table, or of an export, and prove the rules on it.

Without arguments: the table in SOUK_TABLE, with the usual AWS settings; when that is not set, the shop that
`make run` serves on SOUK_DATA. A table that is written to meanwhile is read again before anything is blamed.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.store.attributes import as_json
from infra.local.running import NotRunning
from infra.verify import history, sources
from infra.verify.books import KINDS, Books, Finding, read
from infra.verify.checks import CHECKS, Check
from infra.verify.sources import Source, Unreadable

LOOKS = 3
"""A write in full swing looks wrong to one reader; what is wrong in all of these readings is."""
pause_seconds = 1.0
_HOLDS, _BROKEN, _COULD_NOT_LOOK = 0, 1, 2

Report = dict[Check, list[Finding]]


def look(source: Source) -> tuple[Books, Report]:
    """The books, and what each check found in them."""
    books = read(source.items())
    report = {check: list(check(books)) for check in CHECKS}
    for _ in range(LOOKS - 1 if source.is_live else 0):
        if not any(report.values()):
            break
        time.sleep(pause_seconds)
        books = read(source.items())
        report = {check: _still(check, books, found) for check, found in report.items()}
    return books, report


def _still(check: Check, books: Books, found: Sequence[Finding]) -> list[Finding]:
    """What is wrong with the same items under the same rule as before."""
    before = {(finding.rule, finding.item.ref) for finding in found}
    return (
        [finding for finding in check(books) if (finding.rule, finding.item.ref) in before] if before else []
    )


def show(books: Books, finding: Finding) -> None:
    """A counter-example with its history."""
    print(f"\n{finding.rule} does not hold: {finding.what}\n")
    print(f"  pk {finding.item.ref.pk}\n  sk {finding.item.ref.sk}\n")
    for at, what in history.of(books, finding.item):
        print(f"  {at}  {what}")
    print(f"\n  {as_json(finding.item.wire())}")


def tell(books: Books, report: Report) -> int:
    """Print the report; answers the exit code."""
    print("  " + ", ".join(f"{sum(1 for _ in books.all(kind))} {kind.__name__}" for kind in KINDS) + "\n")
    for check, found in report.items():
        said = (check.__doc__ or check.__name__).strip()
        print(f"  {'BROKEN' if found else 'holds ':6}  {said}")
    everything = [finding for found in report.values() for finding in found]
    if not everything:
        print(f"\nAll {len(report)} checks hold.")
        return _HOLDS
    show(books, everything[0])
    rules = ", ".join(sorted({finding.rule for finding in everything}))
    print(f"\n{len(everything)} finding(s) against {rules}; the first is shown.")
    return _BROKEN


def main(arguments: list[str]) -> int:
    """0: every check holds; 1: one does not; 2: there was nothing to look at."""
    parser = argparse.ArgumentParser(prog="python -m infra.verify", description=__doc__)
    parser.add_argument(
        "--export", type=Path, help="DynamoDB's export to S3: a file of JSON lines, or its folder"
    )
    try:
        source = sources.choose(parser.parse_args(arguments).export, os.environ)
        print(f"Verifying {source.name}", flush=True)
        books, report = look(source)
    except (NotRunning, Unreadable, ClientError, BotoCoreError, OSError) as error:
        print(f"There is nothing to verify: {error}", file=sys.stderr)
        return _COULD_NOT_LOOK
    if not any(books.by_kind.values()):
        print("There is nothing to verify: no item of a kind that the checks know", file=sys.stderr)
        return _COULD_NOT_LOOK
    return tell(books, report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
