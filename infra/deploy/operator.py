"""Print infra/deploy/operator-policy.json for one account, region and stage, ready for IAM.

It lets a person or a pipeline make, change and watch that stage's stack, make and rotate its keys, and bring its items
into a new shape. It deletes no table, no bucket and no backup. docs/security.md says what it cannot prevent.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from infra.deploy import stages

PATH = Path(__file__).with_name("operator-policy.json")
_PLACES = re.compile(r"ACCOUNT|REGION|STAGE")
MOST_BYTES = 10_240
"""What IAM takes as a role's inline policies, white space not counted. A managed policy may have 6,144: too few."""


def filled(account: str, region: str, stage: str, partition: str = "aws") -> dict[str, Any]:
    """The policy with its places filled in."""
    known = {"ACCOUNT": account, "REGION": region, "STAGE": stage}
    text = _PLACES.sub(lambda match: known[match[0]], PATH.read_text(encoding="utf-8"))
    policy: dict[str, Any] = json.loads(text.replace("arn:aws:", f"arn:{partition}:"))
    return policy


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--account", required=True, help="twelve digits")
    parser.add_argument("--region", required=True)
    parser.add_argument("--stage", required=True, choices=stages.STAGES)
    parser.add_argument("--partition", default="aws", help="aws-cn in China")
    asked = parser.parse_args()
    if not re.fullmatch(r"[0-9]{12}", asked.account):
        parser.error("--account is twelve digits")
    print(json.dumps(filled(asked.account, asked.region, asked.stage, asked.partition), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
