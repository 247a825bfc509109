"""The price list: what a unit costs where, and where that figure was read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

PATH = Path(__file__).with_name("prices.yaml")
DEFAULT_REGION = "us-east-1"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Told):
    """One thing that is billed."""

    what: str
    per: int
    price: float | None = None
    tiers: tuple[tuple[float | None, float], ...] = ()
    seen: str = ""
    recalled: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Line:
        if (self.price is None) == (not self.tiers):
            raise ValueError(f"{self.what}: a price, or tiers")
        if bool(self.seen) == self.recalled:
            raise ValueError(f"{self.what}: say where it was seen, or that it is recalled")
        return self

    def money(self, units: float) -> float:
        """What so many units cost, tier by tier."""
        left, total, from_ = units / self.per, 0.0, 0.0
        for up_to, price in self.tiers or ((None, self.price or 0.0),):
            taken = left if up_to is None else min(left, up_to - from_)
            total, left, from_ = total + taken * price, left - taken, up_to or from_
        return total


class Region(_Told):
    name: str
    currency: str
    lines: dict[str, Line]


class Free(_Told):
    units: float
    seen: str = ""
    recalled: bool = False


class Prices(_Told):
    """One region's list. `free` is empty unless the free tier was asked for."""

    region: Region
    free: dict[str, Free]
    cny: float
    read_on: str

    def money(self, line: str, units: float) -> float:
        free = self.free[line].units if line in self.free else 0.0
        return self.region.lines[line].money(max(0.0, units - free))


@cache
def _file() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return told


def regions() -> list[str]:
    return list(_file()["regions"])


def of(region: str = DEFAULT_REGION, *, free_tier: bool = False) -> Prices:
    """Raises KeyError for a region that is not in the file."""
    told = _file()
    return Prices(
        region=Region(**told["regions"][region]),
        free={name: Free(**one) for name, one in told["free_tier"].items()} if free_tier else {},
        cny=told["exchange"]["CNY_per_USD"],
        read_on=told["read_on"],
    )
