"""From acts, a load, a deployment and a price list to a month's bill. Pure: the same figures give the same bill."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from chalicelib.store.items import every_kind
from infra.cost.act import IDLE, ONE_DUE, Act, Later, Stored
from infra.cost.loads import Deployment, Load
from infra.cost.prices import Prices
from infra.local.expressions import Cron, Rate, Schedule
from infra.tools import app

GB = 1e9
DAYS = 30
MONTHS_A_YEAR = 12
_MINUTES = DAYS * 24 * 60
NOT_KEPT = frozenset({"sandbox_charge", "sandbox_letter"})
"""Of the sandbox, which stands in for a provider that keeps its own books."""
BOOKS = frozenset({"address_book", "cart", "favorites", "footprints"})
"""One item for each customer that grows with each entry."""
_OF_AN_ORDER = ("/v1/orders", "/v1/webhooks", "/shipments", "order_timeout", "auto_confirm")
_WHOSE = frozenset({"user_id", "customer_id", "owner_id"})

COMPONENTS = {
    "API Gateway": ("gateway_rest", "gateway_http"),
    "Lambda requests": ("lambda_request",),
    "Lambda time": ("lambda_gb_second",),
    "DynamoDB writes": ("write_unit",),
    "DynamoDB reads": ("read_unit",),
    "DynamoDB storage, PITR, backups": ("storage_gb", "pitr_gb", "backup_gb"),
    "logs": ("log_gb", "log_stored_gb"),
    "metrics, alarms, dashboard, traces": ("metric", "alarm", "dashboard", "trace"),
    "WAF": ("waf_acl", "waf_rule", "waf_request"),
    "data out": ("egress_gb",),
    "CDN": ("cdn_request", "cdn_gb"),
    "secrets": ("secret",),
}


@dataclass(slots=True)
class Usage:
    """What a month takes, in the units of the price list."""

    units: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    requests: float = 0.0
    """What users, providers and staff ask, whoever answers it."""
    answered: float = 0.0
    """Of these, what reaches the shop."""
    busy_ms: float = 0.0
    """Lambda time of those, starts aside."""
    kept: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Kind of item → bytes after `months_of_data`."""
    series: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Bill:
    usage: Usage
    by_line: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.by_line.values())

    def by_component(self) -> dict[str, float]:
        """What is billed for each part, dearest first; parts that cost nothing are left out."""
        found = {
            name: sum(self.by_line.get(line, 0.0) for line in lines) for name, lines in COMPONENTS.items()
        }
        return {name: money for name, money in sorted(found.items(), key=lambda one: -one[1]) if money}


@cache
def of_a_person() -> frozenset[str]:
    """Kinds of which a customer has one: nothing but the customer stands in their key."""
    app.declared()
    return frozenset(
        str(kind.item_kind.get_discriminator(kind))
        for kind in every_kind()
        if kind.key.fields() and set(kind.key.fields()) <= _WHOSE
    )


def runs_a_month(schedule: Schedule) -> float:
    match schedule:
        case Rate(minutes):
            return _MINUTES / minutes
        case Cron():
            days = DAYS * len(schedule.weekdays) / 7 * len(schedule.days) / 31 * len(schedule.months) / 12
            return len(schedule.minutes) * len(schedule.hours) * days
    raise TypeError(f"a schedule of another kind: {schedule}")


def lambda_ms(act: Act | Later, deployed: Deployment, memory_mb: int | None = None) -> float:
    """Billed milliseconds of one call: our processor time there, and the store's answers, waited for in turn.

    With the memory of the API's function, or of the stream's for what came later, unless another is given.
    """
    waits = deployed.wait_ms
    waited = (
        act.waits["reads"] * waits.reads
        + act.waits["writes"] * waits.writes
        + act.waits["transactions"] * waits.transactions
    )
    if memory_mb is None:
        memory_mb = deployed.stream_mb if isinstance(act, Later) else deployed.memory_mb
    return math.ceil(act.cpu_ms * deployed.slowness(memory_mb) + waited)


def bill(
    acts: Mapping[str, Act],
    load: Load,
    deployed: Deployment,
    prices: Prices,
    schedules: Mapping[str, Schedule],
) -> Bill:
    """Raises KeyError for an act of the load that was never measured."""
    usage = Usage()
    for name, count in load.acts_a_month().items():
        if name.endswith(f", {ONE_DUE}"):
            _add_due(usage, acts, name, count, load, deployed)
        else:
            _add_request(usage, name, acts[name], count, load, deployed)
    for job, schedule in schedules.items():
        _add_call(usage, acts[f"{job}, {IDLE}"], runs_a_month(schedule), load, deployed, deployed.job_mb)
    _add_standing(usage, load, deployed)
    return Bill(usage, {line: prices.money(line, units) for line, units in usage.units.items() if units})


def _add_request(usage: Usage, name: str, act: Act, count: float, load: Load, deployed: Deployment) -> None:
    units = usage.units
    sent = act.packed_bytes if deployed.compressed else act.answer_bytes
    usage.requests += count
    passing = count
    if deployed.cdn and name in load.cdn_hits:
        units["cdn_request"] += count
        units["cdn_gb"] += count * sent / GB
        passing = count * (1 - load.cdn_hits[name])
    else:
        units["egress_gb"] += count * sent / GB
    usage.answered += passing
    usage.busy_ms += passing * lambda_ms(act, deployed)
    units[f"gateway_{deployed.gateway}"] += passing
    if deployed.waf:
        units["waf_request"] += passing * deployed.waf_share
    units["trace"] += passing * deployed.trace_share
    cold = passing * deployed.cold_share * deployed.cold_ms
    units["lambda_gb_second"] += cold / 1000 * deployed.memory_mb / 1024
    _add_call(usage, act, passing, load, deployed)


def _add_call(usage: Usage, act: Act, count: float, load: Load, deployed: Deployment, mb: int = 0) -> None:
    """One Lambda call, of the API's function unless another memory is given, and those of the stream's consumer that
    follow from it."""
    usage.series |= act.metrics | act.later.metrics
    _add_lambda(usage, act, count, 1.0, deployed, mb or deployed.memory_mb)
    if act.later.invocations:
        later_calls = act.later.invocations / deployed.acts_per_stream_call
        _add_lambda(usage, act.later, count, later_calls, deployed, deployed.stream_mb)
    _keep(usage, act.stored, count, load)
    _keep(usage, act.later.stored, count, load)


def _add_lambda(
    usage: Usage, act: Act | Later, count: float, invocations: float, deployed: Deployment, mb: int
) -> None:
    units = usage.units
    units["lambda_request"] += count * invocations
    units["lambda_gb_second"] += count * lambda_ms(act, deployed, mb) / 1000 * mb / 1024
    units["read_unit"] += count * act.rru
    units["write_unit"] += count * act.wru
    units["log_gb"] += count * (act.log_bytes + invocations * deployed.platform_log_bytes) / GB


def _add_due(
    usage: Usage, acts: Mapping[str, Act], name: str, count: float, load: Load, deployed: Deployment
) -> None:
    """One more item in a tick that comes anyway: what it takes beyond the empty tick."""
    act, idle = acts[name], acts[name.replace(ONE_DUE, IDLE)]
    more = Act(
        rru=act.rru - idle.rru,
        wru=act.wru - idle.wru,
        waits=act.waits - idle.waits,
        cpu_ms=max(0.0, act.cpu_ms - idle.cpu_ms),
        stored=act.stored,
        later=act.later,
    )
    _add_call(usage, more, count, load, deployed, deployed.job_mb)
    usage.units["lambda_request"] -= count
    usage.units["log_gb"] -= count * deployed.platform_log_bytes / GB


def _keep(usage: Usage, stored: Stored, count: float, load: Load) -> None:
    for kind, (size, days) in stored.items():
        if kind in NOT_KEPT or not size:
            continue
        if kind in of_a_person():
            # the second act of a person writes the same item again
            full = load.customers * size * (load.book_entries if kind in BOOKS else 1)
            usage.kept[kind] = max(usage.kept[kind], min(full, count * size * load.months_of_data))
            continue
        months = load.months_of_data if days is None else min(load.months_of_data, days / DAYS)
        usage.kept[kind] += count * size * months


def storage_by_kind(acts: Mapping[str, Act], load: Load) -> dict[str, float]:
    """Kind of item → bytes that stand there after `months_of_data`, index entries and overhead included."""
    usage = Usage()
    for name, count in load.acts_a_month().items():
        _keep(usage, acts[name].stored, count, load)
        _keep(usage, acts[name].later.stored, count, load)
    return dict(usage.kept)


def _add_standing(usage: Usage, load: Load, deployed: Deployment) -> None:
    """What is billed whether or not anybody asks."""
    units = usage.units
    stored = max(0.0, sum(usage.kept.values())) / GB
    units["storage_gb"] = units["pitr_gb"] = stored
    units["backup_gb"] = stored * deployed.backups_kept
    units["log_stored_gb"] = units["log_gb"] * deployed.logs_kept_months * deployed.logs_compressed_to
    of_requests = {one for one in usage.series if "operation=" in one}
    units["metric"] = len(of_requests) * deployed.status_classes + len(usage.series - of_requests)
    units["alarm"], units["dashboard"] = deployed.alarms, deployed.dashboards
    units["secret"] = deployed.secrets
    if deployed.waf:
        units["waf_acl"], units["waf_rule"] = 1, deployed.waf_rules


@dataclass(frozen=True, slots=True)
class OfAnOrder:
    """What one order does itself, from its quote to its end; browsing, storage and what stands there are not in it."""

    money: float
    wru: float
    rru: float


def of_an_order(
    acts: Mapping[str, Act], load: Load, deployed: Deployment, prices: Prices
) -> OfAnOrder | None:
    """None for a load without orders."""
    orders = load.orders_per_day * load.days_per_month
    if not orders:
        return None
    share = {name: count / orders for name, count in load.acts_a_month().items() if is_of_an_order(name)}
    return OfAnOrder(
        money=sum(money_of(acts[name], deployed, prices) / 1e6 * each for name, each in share.items()),
        wru=sum(acts[name].all_wru * each for name, each in share.items()),
        rru=sum(acts[name].all_rru * each for name, each in share.items()),
    )


def is_of_an_order(name: str) -> bool:
    """Whether an act moves an order along, rather than looks at one."""
    return not name.startswith("GET ") and any(part in name for part in _OF_AN_ORDER)


def money_of(act: Act, deployed: Deployment, prices: Prices) -> float:
    """What a million of one act cost, standing charges and storage aside."""
    usage = Usage()
    alone = Load(
        name="one", daily_users=0, calls_per_user=0, orders_per_day=0, months_of_data=0, mix={},
        peak={"busiest_hour": 0, "burst": 0},  # type: ignore[arg-type]
    )  # fmt: skip
    if act.answer_bytes:
        _add_request(usage, "", act, 1e6, alone, deployed)
    else:
        _add_call(usage, act, 1e6, alone, deployed)
    return sum(prices.money(line, units) for line, units in usage.units.items())
