"""What runs before a change is merged."""

import os
import re

import pytest

from infra.tools.generated import ROOT


@pytest.mark.ledger("S4-209")
def test_ci_runs_style_types_and_every_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.search(r"^(?:exec )?make [^#\n]*\btest\b", script.read_text("utf-8"), re.MULTILINE)
    assert re.search(r"^make [^#\n]*\blint-template\b", script.read_text("utf-8"), re.MULTILINE)
    assert re.search(r"^make [^#\n]*\brehearse\b", script.read_text("utf-8"), re.MULTILINE)
    assert "set -euo pipefail" in script.read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^test: lint types\b", makefile, re.MULTILINE)
    recipe = makefile.partition("\ntest: lint types")[2].partition("\n\n")[0]
    assert re.search(r"\$\(RUN\) pytest(?! [^\n]*-(?:k|m)\b)", recipe), "no test is left out"
