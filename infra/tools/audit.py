"""`make audit`: look every pinned dependency up among the known vulnerabilities, by pip-audit where it is installed.

It asks a service on the internet, so it is no part of `make test`. Run it before a release, and weekly by a schedule of
your own. Ends with 1 when something is known, with 2 when it could not be asked.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from infra.tools.generated import ROOT

TOOL = "pip-audit"
SHIPPED = ROOT / "requirements.txt"
"""What is in the bundle; what only tests and tools use is looked up after it."""
REQUIREMENTS = (SHIPPED, ROOT / "requirements-dev.txt", ROOT / "requirements-emulator.txt")
NOT_ASKED = 2


def command(tool: str, requirements: Path) -> list[str]:
    """The pins and their hashes as they are: nothing is resolved or installed."""
    return [
        tool,
        "--requirement",
        str(requirements),
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
    ]


def main() -> int:
    tool = shutil.which(TOOL)
    if tool is None:
        print(
            f"{TOOL} is not installed. Install it beside the project, not into .venv (`pipx install {TOOL}`), "
            "and run `make audit` again.",
            file=sys.stderr,
        )
        return NOT_ASKED
    worst = 0
    for requirements in REQUIREMENTS:
        print(f"{requirements.name}:", flush=True)
        worst = max(worst, subprocess.run(command(tool, requirements), check=False).returncode)  # noqa: S603
    return worst


if __name__ == "__main__":
    sys.exit(main())
