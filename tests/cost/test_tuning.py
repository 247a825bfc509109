"""docs/tuning.md says what is counted, not what was counted once."""

import pytest

from infra.bench import tuning
from infra.local.emulator import Emulator
from infra.tools.generated import DOCS


@pytest.mark.emulator
@pytest.mark.ledger("S0-043")
def test_the_figures_of_the_tuning_page_are_counted_again(emulator: Emulator) -> None:
    page = (DOCS / "tuning.md").read_text(encoding="utf-8")
    with tuning.tuned_shop(emulator.endpoint, "souk-tuning-test") as walk:
        rows = list(tuning.counts(walk))
    assert [str(row) for row in rows if str(row) not in page] == []
    for row in rows:
        assert row.with_.calls <= row.without.calls
    assert len(rows) >= 4
