"""`make lint-template`: the final template against CloudFormation's schemas and rules, by cfn-lint, and against ours.

It runs in the emulator's virtual environment, as the translator does: both pin a pydantic below ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.local.emulator import PYTHON
from infra.package import build, rules

REGIONS = ("us-east-1", "ap-southeast-1")
"""Where everything is sold first, and one nearer to the shop's customers."""


def complaints(template: dict[str, Any], folder: Path) -> str:
    """What cfn-lint finds wrong in these regions; empty when nothing is. `folder` is for the file it reads."""
    path = folder / "template.json"
    path.write_text(json.dumps(template, indent=1), encoding="utf-8")
    outcome = subprocess.run(  # noqa: S603 - the tool of our own environment
        [str(PYTHON.with_name("cfn-lint")), "--regions", *REGIONS, "--", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return (outcome.stdout + outcome.stderr).strip() if outcome.returncode else ""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        template = build.template_only(Path(folder))
        found = "\n".join([*rules.complaints(template), complaints(template, Path(folder))]).strip()
    metrics, composites = rules.billed_alarms(template)
    print(
        f"{len(template['Resources'])} resources of {build.MOST_RESOURCES}, "
        f"{len(json.dumps(template, separators=(',', ':'))):,} bytes of {build.MOST_TEMPLATE:,}, "
        f"alarms on {metrics} metrics and {composites} composite alarms"
    )
    print(found or f"Nothing to say, in {' and '.join(REGIONS)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
