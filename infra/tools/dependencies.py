"""`make dependencies`: what each dependency weighs on disk and at import, measured here and now.

docs/dependencies.md says why each is there; its figures are what this prints.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

from infra.tools.code import ROOT

RUNS = 7
_IMPORTS = {
    "argon2-cffi": "import argon2",
    "chalice": "import chalice.app",
    "cryptography": "from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
    "pydantic": "from pydantic import BaseModel; type('A', (BaseModel,), {})",
    "pyjwt": "import jwt",
    "pynamodb": "import pynamodb.models",
    "pytest-cov": "import pytest_cov",
    "pytest-xdist": "import xdist",
    "pyyaml": "import yaml",
}
"""Where that is not `import <name>`: what we really import of it."""
_NEVER = re.compile(r"^types-|-stubs$|^mypy$|^ruff$|^tzdata$")
_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9_.-]*)")


def names(file: str) -> list[str]:
    """The packages a requirements file names itself."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = {match[1] for line in lines if (match := _NAME.match(line))}
    return sorted(found, key=str.lower)


def kilobytes(name: str) -> int:
    """What a distribution installed, without compiled caches."""
    files = importlib.metadata.files(name) or []
    paths = [Path(str(one.locate())) for one in files if "__pycache__" not in str(one)]
    return sum(path.stat().st_size for path in paths if path.is_file()) // 1024


def milliseconds(name: str) -> str:
    """How long a fresh interpreter takes to import it: the best of several. Empty for what is never imported."""
    if _NEVER.search(name):
        return ""
    statement = _IMPORTS.get(name.lower(), f"import {name.replace('-', '_').lower()}")
    source = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", source]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(RUNS)]  # noqa: S603 - ours
    return f"{min(float(run.stdout) for run in runs) * 1000:.0f}"


def table(title: str, packages: list[str], *, timed: bool = True) -> str:
    rows = [f"{title}", f"  {'package':26}{'version':>18}{'KB':>8}{'import ms' if timed else '':>11}"]
    for name in packages:
        took = milliseconds(name) if timed else ""
        rows.append(f"  {name:26}{importlib.metadata.version(name):>18}{kilobytes(name):>8}{took:>11}")
    return "\n".join(rows) + f"\n  {sum(map(kilobytes, packages)):>52} KB in all\n"


def main() -> int:
    runtime, shipped = names("requirements.in"), names("requirements.txt")
    pulled_in = [name for name in shipped if name.lower() not in {one.lower() for one in runtime}]
    print(table("runtime", runtime))
    print(table("what these pull in", pulled_in, timed=False))
    print(table("development", names("requirements-dev.in")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
