"""How far the shop carries: what a rate of acts asks of each limit there is. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from chalicelib.store.items import DUE_SHARDS
from infra.cost.act import ONE_DUE, Act
from infra.cost.loads import Deployment, Load
from infra.cost.model import lambda_ms
from infra.cost.tape import ANY_SHARD

SECONDS_A_DAY, SECONDS_AN_HOUR = 86_400, 3_600
PLAN_GB_A_YEAR = 20
ORDER = "POST /v1/orders"
START, SETTLE = "POST /v1/orders/{order_id}/payments", "POST /v1/webhooks/{provider}"
MEAN_MS, P99_MS, GATEWAY_MS = 200, 500, 15
"""S4-002, and what the gateway adds (assumed)."""
STOCK_UNITS = 2
"""Of one transactional write of a stock item, which is below 1 KB: a test looks."""
SLA = {"API Gateway": 0.9995, "Lambda": 0.9995, "DynamoDB": 0.9999}
"""Of one month, in one Region (cloudonaut.io, AWS SLA, 2019; read the agreements of the day)."""
TARGET = 0.999


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    most: float
    where: str
    """Whose limit, and where it was read."""
    lift: str = "ask AWS for {asked:,.0f}"
    """What to do before a rush that asks for more."""


CONCURRENCY = Limit("Lambda calls at once", 1_000, "account and Region, raised on request (Lambda guide)")
STREAM = Limit(
    "stream calls at once",
    10,
    "ours, `reserved_concurrency`; and one for each shard of the stream",
    "`reserved_concurrency` of `table_stream` {asked:,.0f}; with less, messages come late and none is lost",
)
GATEWAY = Limit("API Gateway requests a second", 10_000, "account and Region, raised on request (recalled)")
TABLE_WRITES = Limit(
    "write units a second, new table",
    4_000,
    "doubles as it is used; warm throughput lifts it at once",
    "`WarmThroughput` of the table {asked:,.0f} write units; with less, some buyers are told to come back",
)
TABLE_READS = Limit("read units a second, new table", 12_000, "the same")
PARTITION = Limit("write units a second, one partition", 1_000, "fixed (DynamoDB guide)")


@dataclass(frozen=True, slots=True)
class Use:
    limit: Limit
    what: str
    asked: float

    @property
    def share(self) -> float:
        return self.asked / self.limit.most

    @property
    def advice(self) -> str:
        """What to set before such a rush, half as much again as it asks for."""
        return self.limit.lift.format(asked=self.asked * 1.5)


def per_second(load: Load) -> dict[str, float]:
    """The day's mean, the busiest hour's, and its busiest second: requests a second."""
    day = sum(count for act, count in load.acts_a_month().items() if ONE_DUE not in act) / load.days_per_month
    hour = day * load.peak.busiest_hour / SECONDS_AN_HOUR
    return {"mean": day / SECONDS_A_DAY, "hour": hour, "peak": hour * load.peak.burst}


def peak_rates(load: Load) -> dict[str, float]:
    """Each act in the busiest second."""
    at_peak = load.peak.busiest_hour * load.peak.burst / SECONDS_AN_HOUR / load.days_per_month
    return {act: count * at_peak for act, count in load.acts_a_month().items()}


def paying_rates(load: Load) -> dict[str, float]:
    """A rush: so many orders placed, paid and settled each second."""
    return dict.fromkeys((ORDER, START, SETTLE), load.peak.payments_per_second)


def uses(acts: Mapping[str, Act], rates: Mapping[str, float], deployed: Deployment) -> list[Use]:
    """What these rates ask of every limit; of the shared partitions the busiest three."""
    now = [(acts[name], rate) for name, rate in rates.items()]
    later = sum(rate * lambda_ms(act.later, deployed) for act, rate in now)
    busy = later + sum(rate * lambda_ms(act, deployed) for act, rate in now)
    found = [
        Use(CONCURRENCY, "all functions", busy / 1000),
        Use(STREAM, "the stream's consumer", later / 1000),
        Use(GATEWAY, "the API", sum(rate for name, rate in rates.items() if ONE_DUE not in name)),
        Use(TABLE_WRITES, "the table", sum(rate * act.all_wru for act, rate in now)),
        Use(TABLE_READS, "the table", sum(rate * act.all_rru for act, rate in now)),
    ]
    shared: dict[str, float] = defaultdict(float)
    for act, rate in now:
        for partition, units in act.shared.items():
            shared[partition] += rate * units / (DUE_SHARDS if partition.endswith(ANY_SHARD) else 1)
    busiest = sorted(shared, key=lambda one: -shared[one])[:3]
    return found + [Use(PARTITION, f"`{partition}`", shared[partition]) for partition in busiest]


def hot_sku_orders() -> float:
    """Orders a second of one SKU that is one item: each reserves, and is paid, in a transaction."""
    return PARTITION.most / (2 * STOCK_UNITS)


def latency_ms(acts: Mapping[str, Act], load: Load, deployed: Deployment) -> tuple[float, str, float]:
    """The mean over the load, and the slowest act of it with its time: what a client waits for, gateway included."""
    counts = {name: count for name, count in load.acts_a_month().items() if ONE_DUE not in name}
    times = {name: lambda_ms(acts[name], deployed) + GATEWAY_MS for name in counts}
    mean = sum(times[name] * count for name, count in counts.items()) / sum(counts.values())
    slowest = max(times, key=lambda name: times[name])
    return mean, slowest, times[slowest]


def availability() -> float:
    """All of them at once, as if they failed independently."""
    return prod(SLA.values())
