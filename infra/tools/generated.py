"""Documents that are made from the code: one way to write them, one way to see that they are stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


class Stale(RuntimeError):
    """A document does not say what the code says."""


def settle(path: Path, text: str, *, check: bool) -> str:
    """Write `text`, or only compare; answers a line for people. Raises Stale."""
    shown = path.relative_to(ROOT)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return f"{shown} is up to date"
    if check:
        raise Stale(f"{shown} does not follow the code any more: run `make docs` and commit it")
    path.write_text(text, encoding="utf-8")
    return f"{shown} is written"


def run(path: Path, make: Callable[[], str], argv: list[str] | None = None) -> int:
    """The command line of one such document: writes it, or with `--check` fails when it is stale."""
    parser = argparse.ArgumentParser(description=(make.__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the document is stale")
    try:
        print(settle(path, make(), check=parser.parse_args(argv).check))
    except Stale as error:
        print(error, file=sys.stderr)
        return 1
    return 0
