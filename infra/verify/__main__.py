"""`make verify`: read every item of a table (or of an export) and prove the rules on it.

Reads the running local shop by default. `SOUK_TABLE` and the usual AWS settings choose another table;
`--export FILE` reads JSON lines of DynamoDB items instead.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.store.attributes import as_json
from infra.verify.books import KINDS, Finding, Wire, read
from infra.verify.checks import CHECKS, findings


def from_table() -> Iterator[Wire]:
    """Every item, by Scan: the one place beside exports that may."""
    from chalicelib.store.client import call, table_name

    start: dict[str, Any] = {}
    while True:
        answer = call("Scan", TableName=table_name(), ConsistentRead=True, **start)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def from_export(path: Path) -> Iterator[Wire]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            yield item.get("Item", item)


def show(finding: Finding) -> None:
    print(f"\n{finding.rule} does not hold: {finding.what}\n")
    print(f"  pk {finding.item.ref.pk}\n  sk {finding.item.ref.sk}\n")
    for move in getattr(finding.item, "timeline", None) or getattr(finding.item, "log", None) or []:
        print(
            f"  {move.at}  {move.event}  {getattr(move, 'status', '')} {getattr(move, 'reason', '')}".rstrip()
        )
    print(f"\n  {as_json(finding.item.wire())}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make verify", description=__doc__)
    parser.add_argument("--export", type=Path, help="a file of DynamoDB items, one JSON document a line")
    chosen = parser.parse_args(arguments)
    books = read(from_export(chosen.export) if chosen.export else from_table())
    for kind in KINDS:
        print(f"  {sum(1 for _ in books.all(kind)):8}  {kind.__name__}")
    found = list(findings(books))
    if found:
        show(found[0])
        print(f"\n{len(found)} finding(s); the first is shown.")
        return 1
    print(f"\nAll {len(CHECKS)} checks hold: B3, B4, B10, B11, B12, B13, B15, B23.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
