"""docs/tuning.md says what is counted, not what was counted once."""

import pytest

from chalicelib.store import timers
from infra.bench import tuning
from infra.local.emulator import Emulator
from infra.tools.generated import DOCS


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
