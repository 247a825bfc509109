"""The drill as a person would run it: on the emulator, in a process of its own."""

import os
import re
import subprocess
import sys

import pytest

from infra.local import environment


@pytest.mark.emulator
@pytest.mark.ledger("S4-194")
def test_the_drill_brings_everything_back_and_says_how_long_it_took() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.backup.drill", "--orders", "10"],
        cwd=environment.ROOT,
        env={**os.environ, "SOUK_PASSWORD_MEMORY_KIB": "64"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything came back." in done.stdout
    for what in ("the whole table from a backup", "the whole table from files", "one shop"):
        assert re.search(rf"{what}.*: RPO [\d.]+ s, RTO [\d.]+ s, [\d,]+ rows/s", done.stdout), done.stdout
    assert "restores the present whatever time is asked for" in done.stdout
