"""The plan's own sums beside what follows from its parts, and the same years with the infrastructure computed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

PATH = Path(__file__).with_name("plan.yaml")


class Ours(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    staff: int
    staff_per_year: float
    other_per_year: float


class Plan(BaseModel):
    """CNY."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weeks: int
    team: int
    first_phase: float
    per_year: float
    three_years: float
    staff_per_year: float
    staff: int
    infrastructure_per_year: float
    ours: Ours

    @property
    def first_phase_of_a_person_week(self) -> float:
        return self.first_phase / (self.team * self.weeks)

    @property
    def rest_of_a_year(self) -> float:
        """What a year of the plan holds beside staff and infrastructure."""
        return self.per_year - self.staff_per_year - self.infrastructure_per_year

    def years(self, count: int) -> float:
        """First phase and so many years, added up."""
        return self.first_phase + count * self.per_year

    def follows(self) -> bool:
        """Whether the stated three years are the sum of the parts, in either way of counting them: the first phase
        before three years, or as the first of them."""
        return self.three_years in (self.years(3), self.years(2))

    def year_with(self, infrastructure: float) -> float:
        """A year of ours, infrastructure as computed."""
        return self.ours.staff_per_year + self.ours.other_per_year + infrastructure


def read() -> Plan:
    told: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return Plan(**told)
