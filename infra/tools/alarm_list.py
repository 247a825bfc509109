"""`make docs`: write the list of alarms from their kinds."""

from __future__ import annotations

import sys

from infra.package import alarm_kinds
from infra.tools import generated

PATH = generated.DOCS / "alarms" / "README.md"

INTRODUCTION = """# Alarms

<!-- written by infra/tools/alarm_list.py -->
Each alarm is named `souk-<stage>-<kind>`, with the function, queue, timer or operation behind it where there are
several. Its message says how soon somebody has to look, and its page what to do.

- **urgent**: money or sales stand still, or will. Now, at night too.
- **soon**: nothing is lost yet. The next working day.

*Silence* is what the alarm takes missing data for: `breaching` rings, `notBreaching` is well, `ignore` stays as it was.
"""


def text() -> str:
    """The page."""
    rows = [
        f"| [{kind.name}]({kind.name}.md) | {kind.severity} | {kind.says} | `{kind.silence}`: {kind.why} |"
        for kind in alarm_kinds.ALL
    ]
    return "\n".join(
        [INTRODUCTION, "| kind | how soon | what happened | silence |", "|---|---|---|---|", *rows, ""]
    )


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
