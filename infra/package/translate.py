"""AWS SAM's short forms into plain CloudFormation, here and now, by the translator AWS uses itself.

What is reviewed, tested and rehearsed is then the very template that is deployed. The translator pins a pydantic below
ours, so it runs in the emulator's virtual environment.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from infra.local.emulator import PYTHON

PROCESS = Path(__file__).with_name("translate_process.py")


class TranslationFailed(RuntimeError):
    """The message holds the translator's own words."""


def translate(template: dict[str, Any]) -> dict[str, Any]:
    """Raises TranslationFailed."""
    outcome = subprocess.run(  # noqa: S603 - our own interpreter and file
        [str(PYTHON), "-I", str(PROCESS)],
        input=json.dumps(template),
        capture_output=True,
        text=True,
        check=False,
        env={"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"},
    )
    if outcome.returncode:
        raise TranslationFailed(outcome.stderr.strip()[-3000:])
    translated: dict[str, Any] = json.loads(outcome.stdout)
    return translated
