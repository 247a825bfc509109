"""The saved queries of a deployed stage's log, as CloudWatch Logs Insights reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

PATH = Path(__file__).with_name("queries.yaml")


@dataclass(frozen=True, slots=True)
class SavedQuery:
    name: str
    """Folder and name, as the console shows them."""
    answers: str
    """The question it answers."""
    query: str


def saved_queries() -> list[SavedQuery]:
    """All of them, in their order. Meant for all log groups of a stage's functions together."""
    return [SavedQuery(**one) for one in yaml.safe_load(PATH.read_text(encoding="utf-8"))]
