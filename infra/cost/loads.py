"""Loads and deployments: who asks how much of what, and how the shop that answers is set up. Read from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).with_name("loads")
DEPLOYMENT = Path(__file__).with_name("deployment.yaml")
STAGES = Path(__file__).with_name("stages.yaml")
_SLACK = 0.001


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Waits(_Told):
    reads: float
    writes: float
    transactions: float


class Deployment(_Told):
    """infra/cost/deployment.yaml says what each figure is."""

    gateway: str = Field(pattern="^(rest|http)$")
    memory_mb: int
    stream_mb: int
    job_mb: int
    mb_per_cpu: int
    core_speed: float
    wait_ms: Waits
    cold_share: float
    cold_ms: float
    platform_log_bytes: int
    logs_kept_months: float
    logs_compressed_to: float
    status_classes: float
    trace_share: float
    acts_per_stream_call: float
    waf: bool
    waf_share: float
    waf_rules: int
    alarms: int
    dashboards: int
    secrets: int
    backups_kept: float
    cdn: bool
    compressed: bool

    def slowness(self, memory_mb: int) -> float:
        """How much longer a millisecond of the measuring machine's processor takes with so much memory."""
        return max(1.0, self.mb_per_cpu / memory_mb) / self.core_speed


class Peak(_Told):
    busiest_hour: float
    burst: float
    payments_per_second: float = 0.0


class Plan(_Told):
    infrastructure_cny_per_year: float


class Load(_Told):
    name: str
    daily_users: float
    calls_per_user: float
    orders_per_day: float
    days_per_month: float = 30.0
    months_of_data: float
    customers: float = 0.0
    """Accounts that were ever opened: each has books of its own, whoever comes today."""
    book_entries: float = 10.0
    """Entries in a book of theirs: a cart's lines, favourites, footprints, addresses."""
    peak: Peak
    mix: dict[str, float]
    per_order: dict[str, float] = {}
    per_day: dict[str, float] = {}
    cdn_hits: dict[str, float] = {}
    one_call_home: dict[str, float] = {}
    guarded: tuple[str, ...] = ()
    plan: Plan | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Load:
        calls = sum(self.mix.values())
        if abs(calls - self.calls_per_user) > _SLACK:
            raise ValueError(f"{self.name}: the mix adds up to {calls:g} calls, not {self.calls_per_user:g}")
        placed = sum(calls for act, calls in self.mix.items() if act.partition(",")[0] == "POST /v1/orders")
        if abs(placed * self.daily_users - self.orders_per_day) > _SLACK * max(1.0, self.orders_per_day):
            raise ValueError(f"{self.name}: the mix places {placed * self.daily_users:g} orders a day")
        return self

    def acts_a_month(self) -> dict[str, float]:
        """How often each act happens in a month, jobs' empty ticks aside."""
        daily: dict[str, float] = {act: calls * self.daily_users for act, calls in self.mix.items()}
        for act, share in self.per_order.items():
            daily[act] = daily.get(act, 0.0) + share * self.orders_per_day
        for act, count in self.per_day.items():
            daily[act] = daily.get(act, 0.0) + count
        return {act: count * self.days_per_month for act, count in daily.items()}


def load(name: str) -> Load:
    """`ruizhu`, `small`, `idle`, or the path of a file. Raises FileNotFoundError, ValueError."""
    path = Path(name) if name.endswith(".yaml") else FOLDER / f"{name}.yaml"
    return Load(**_read(path))


def deployment(**changes: Any) -> Deployment:
    return Deployment(**{**_read(DEPLOYMENT), **changes})


def stages() -> dict[str, tuple[Load, Deployment]]:
    """Each stage with what it carries and how it differs."""
    told = _read(STAGES)
    return {
        stage: (load(one["load"]), deployment(**one.get("deployment", {}))) for stage, one in told.items()
    }


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return told
