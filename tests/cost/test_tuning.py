"""docs/tuning.md says what is counted, not what was counted once."""

import os
import subprocess
import sys

import pytest

from chalicelib.store import timers
from infra.bench import tuning
from infra.local.emulator import Emulator
from infra.tools.generated import DOCS, ROOT


@pytest.mark.emulator
@pytest.mark.ledger("S0-043", "S1-063")
def test_the_figures_of_the_tuning_page_are_counted_again(emulator: Emulator) -> None:
    page = (DOCS / "tuning.md").read_text(encoding="utf-8")
    with tuning.tuned_shop(emulator.endpoint, "souk-tuning-test") as walk:
        rows = list(tuning.counts(walk))
        alone, together = (tuning.swept(walk, threads, 0.005) for threads in (1, tuning.THREADS))
    assert [str(row) for row in rows if str(row) not in page] == []
    for row in rows:
        assert row.with_.calls <= row.without.calls
    assert len(rows) >= 4
    assert alone.at_once == 1
    assert 1 < together.at_once <= tuning.THREADS == timers.threads
    assert f"| {tuning.SWEPT} |" in page


@pytest.mark.parametrize("command", ["infra.bench", "infra.cost"])
def test_the_commands_start_without_a_shops_settings(command: str) -> None:
    """Nothing that reads them may be imported before the command has made a shop of its own."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("SOUK_", "AWS_"))}
    asked = [sys.executable, "-m", command, "--help"]
    told = subprocess.run(asked, env=bare, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
