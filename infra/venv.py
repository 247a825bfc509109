"""Makes a virtual environment from a lock file: `python -m infra.venv .venv requirements-dev.txt`.

Runs before anything is installed, so it needs the standard library alone.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

from infra.local.progress import Progress

_TAIL_LINES = 30


def main(folder: Path, lock: Path) -> int:
    """Make `folder` afresh with exactly what `lock` names. Returns 0, or 1 with pip's own words shown."""
    began = time.monotonic()
    packages = sum("==" in line and not line.startswith("#") for line in lock.read_text().splitlines())
    print(f"Installing {lock} into {folder} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    if importlib.util.find_spec("ensurepip") is None:
        print(
            "This Python comes without pip: install python3-venv (Debian, Ubuntu), or set PYTHON=",
            file=sys.stderr,
        )
        return 1
    venv.create(folder, with_pip=True, symlinks=os.name == "posix")
    output = _install(folder, lock, packages)
    if output:
        print("\n".join(output[-_TAIL_LINES:]), file=sys.stderr)
        print(f"{lock} could not be installed into {folder}; pip's last words are above.", file=sys.stderr)
        return 1
    print(f"Installed {lock} into {folder} in {time.monotonic() - began:.0f} s", flush=True)
    return 0


def _install(folder: Path, lock: Path, packages: int) -> list[str]:
    """Run pip. Returns nothing after a success and its output after a failure."""
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    output: list[str] = []
    progress = Progress("  collecting packages", packages)
    with subprocess.Popen(  # noqa: S603 - the interpreter just made, with our own lock
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in pip.stdout or ():
            output.append(line.rstrip())
            if line.startswith("Collecting "):
                progress.advance(1)
    progress.done()
    return output if pip.returncode else []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
