"""Write .chalice/policy-<function>.json for every packaged function, from what its code reaches."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from infra.reach import closure, grants
from infra.reach.program import Unreadable
from infra.tools import generated

FOLDER = generated.ROOT / ".chalice"


def path_of(function: str) -> Path:
    return FOLDER / f"policy-{function}.json"


def text(function: str) -> str:
    return json.dumps(grants.policy(function), indent=2) + "\n"


def strays() -> list[Path]:
    """Policies of functions there are none of any more."""
    known = {path_of(function) for function in closure.ways_in()}
    return sorted(path for path in FOLDER.glob("policy-*.json") if path not in known)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a policy is stale")
    check = parser.parse_args().check
    try:
        for function in closure.ways_in():
            print(generated.settle(path_of(function), text(function), check=check))
        for path in strays():
            if check:
                raise generated.Stale(
                    f"{path.relative_to(generated.ROOT)} is of no function: run `make docs`"
                )
            path.unlink()
            print(f"{path.relative_to(generated.ROOT)} is removed: there is no such function")
    except (generated.Stale, Unreadable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
