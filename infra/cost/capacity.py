"""`make cost ARGS=--write-baseline` and `make docs`: docs/capacity.md, what the peak of the largest load asks of each
limit there is.

Made from docs/costs.json, the load, the deployment's assumptions and the limits below; it measures nothing itself.
"""

from __future__ import annotations

import sys
import textwrap
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from chalicelib.store.items import DUE_SHARDS
from infra.cost import baseline, loads
from infra.cost.act import Act
from infra.cost.loads import Deployment, Load
from infra.cost.measuring import ONE_DUE
from infra.cost.model import GB, MONTHS_A_YEAR, lambda_ms, storage_by_kind
from infra.cost.tape import ANY_SHARD
from infra.tools import generated

PATH = generated.DOCS / "capacity.md"
LOAD = "ruizhu"
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
_MONTH = 30 * 24 * 60
"""Minutes."""
_WIDTH = 118


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    most: float
    where: str
    """Whose limit, and where it was read."""


CONCURRENCY = Limit("Lambda calls at once", 1_000, "account and Region, raised on request (Lambda guide)")
GATEWAY = Limit("API Gateway requests a second", 10_000, "account and Region, raised on request (recalled)")
TABLE_WRITES = Limit(
    "write units a second, new table", 4_000, "doubles as it is used; warm throughput lifts it at once"
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
    busy = sum(rate * (lambda_ms(act, deployed) + lambda_ms(act.later, deployed)) for act, rate in now)
    found = [
        Use(CONCURRENCY, "all functions", busy / 1000),
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


def text() -> str:
    """The page."""
    acts, load, deployed = baseline.read().acts, loads.load(LOAD), loads.deployment()
    lines = [
        *_opening(load),
        *_peak(load),
        "## The busiest second",
        "",
        *_table(uses(acts, peak_rates(load), deployed)),
        "",
        f"## {load.peak.payments_per_second:g} payments a second",
        "",
        "A rush in which so many orders are placed, paid and settled each second, beside nothing else.",
        "",
        *_table(uses(acts, paying_rates(load), deployed)),
        "",
        *_rush(acts, load, deployed),
        *_at_once(acts, load, deployed),
        *_time(acts, load, deployed),
        *_storage(acts, load),
        *_availability(),
    ]
    return "\n".join(lines) + "\n"


def _opening(load: Load) -> list[str]:
    return [
        "# Capacity",
        "",
        *_prose(
            "What the largest load asks of each limit there is. Made by `make docs` from `docs/costs.json` (units and "
            f"sizes, measured), `infra/cost/loads/{LOAD}.yaml` (who asks how much) and `infra/cost/deployment.yaml` "
            "(what is assumed of Lambda and DynamoDB); a test fails when it does not follow them. Nothing here was seen "
            "on AWS: units are counted, rates follow from them, times are scaled from a developer's machine."
        ),
        "",
    ]


def _peak(load: Load) -> list[str]:
    rates = per_second(load)
    return [
        "## The peak",
        "",
        *_prose(
            f"{load.daily_users:,.0f} users a day, {load.calls_per_user:g} calls each, {load.orders_per_day:,.0f} "
            f"orders. The busiest hour has {load.peak.busiest_hour:.0%} of the day, its busiest second "
            f"{load.peak.burst:g} times that hour's mean."
        ),
        "",
        "| requests a second | |",
        "|---|---|",
        f"| mean of the day | {rates['mean']:,.0f} |",
        f"| mean of the busiest hour | {rates['hour']:,.0f} |",
        f"| the busiest second | {rates['peak']:,.0f} |",
        "",
    ]


def _table(found: list[Use]) -> list[str]:
    return [
        "| limit | of | asked | most | used | whose limit |",
        "|---|---|---|---|---|---|",
        *(
            f"| {one.limit.name} | {one.what} | {one.asked:,.0f} | {one.limit.most:,.0f} | {one.share:.0%} | "
            f"{one.limit.where} |"
            for one in found
        ),
    ]


def _rush(acts: Mapping[str, Act], load: Load, deployed: Deployment) -> list[str]:
    over = [one for one in uses(acts, paying_rates(load), deployed) if one.share > 1]
    said = [
        f"Above its limit: {one.limit.name} ({one.what}): ask for {one.asked * 1.5:,.0f} before a rush "
        "(`WarmThroughput` of the table)." for one in over
    ]  # fmt: skip
    return [
        *(_prose(" ".join(said) or "Every limit holds.")),
        "",
        *_prose(
            f"One SKU is one item: {PARTITION.most:,.0f} write units a second are {hot_sku_orders():,.0f} orders a second "
            "of it, placed and paid. Beyond that its buyers conflict, are tried again for six seconds, and then told to "
            "come back; nothing is oversold. Spreading a SKU over buckets is not built yet."
        ),
        "",
    ]


def _at_once(acts: Mapping[str, Act], load: Load, deployed: Deployment) -> list[str]:
    mean = latency_ms(acts, load, deployed)[0] - GATEWAY_MS
    held = CONCURRENCY.most / (mean / 1000)
    return [
        "## Connections",
        "",
        *_prose(
            "There is no pool to run out of: each Lambda process keeps its own HTTP connections to DynamoDB, which limits "
            f"units and not connections. {CONCURRENCY.most:,.0f} calls at once, of {mean:.0f} ms each, are {held:,.0f} "
            f"requests a second, so the gateway's {GATEWAY.most:,.0f} bind first: 10,000 people who each ask once a "
            "second, or 100,000 who ask every ten. Lambda adds 1,000 processes to a function every ten seconds (Lambda "
            "guide), each of which starts cold once."
        ),
        "",
    ]


def _time(acts: Mapping[str, Act], load: Load, deployed: Deployment) -> list[str]:
    mean, slowest, most = latency_ms(acts, load, deployed)
    return [
        "## How long an answer takes",
        "",
        *_prose(
            f"The aim is a mean below {MEAN_MS} ms and a 99th percentile below {P99_MS}. Scaled to {deployed.memory_mb} "
            f"MB and with {GATEWAY_MS} ms for the gateway, a warm request takes {mean:.0f} ms in the mean; the slowest of "
            f"the load is `{slowest}` with {most:.0f}. A cold start takes about {deployed.cold_ms:,.0f} ms: the 99th "
            "percentile holds while fewer than one request in a hundred meets one (assumed: "
            f"{deployed.cold_share:.1%}). `make bench` measures the mean and the worst of each operation on this machine "
            "and fails above its aims; on AWS the metric `request_duration_ms` tells."
        ),
        "",
    ]


def _storage(acts: Mapping[str, Act], load: Load) -> list[str]:
    year = load.model_copy(update={"months_of_data": MONTHS_A_YEAR})
    kept = storage_by_kind(acts, year)
    total = sum(kept.values())
    orders = load.orders_per_day * load.days_per_month * MONTHS_A_YEAR
    rows = sorted(((size, kind) for kind, size in kept.items() if size > total / 100), reverse=True)
    fits = PLAN_GB_A_YEAR * GB / (total / orders)
    return [
        "## What a year stores",
        "",
        *_prose(
            "Item sizes are those of real items, index entries and DynamoDB's 100 bytes each included. After a year of "
            f"this load the table holds **{total / GB:,.0f} GB**, {total / orders / 1000:,.1f} KB for each order with all "
            f"that comes of it. The plan's {PLAN_GB_A_YEAR} GB a year hold {fits / 1e6:.1f} million orders: "
            f"{fits / 365:,.0f} a day."
        ),
        "",
        "| kind of item | GB | share |",
        "|---|---|---|",
        *(f"| `{kind}` | {size / GB:,.1f} | {size / total:.0%} |" for size, kind in rows),
        "",
        *_prose(
            "What has an end (sessions, sign-ins, answers to idempotency keys, marks of consumers) is counted for as long "
            "as it is kept; a book of a customer (cart, favourites, footprints, addresses) once, with "
            f"{load.book_entries:g} entries, for {load.customers:,.0f} accounts."
        ),
        "",
    ]


def _availability() -> list[str]:
    promised = availability()
    return [
        "## Availability",
        "",
        "| what a request needs | promised for a month |",
        "|---|---|",
        *(f"| {name} | {share:.2%} |" for name, share in SLA.items()),
        f"| all of them | **{promised:.2%}** |",
        "",
        *_prose(
            f"That is {(1 - promised) * _MONTH:.0f} minutes a month, and "
            f"{'meets' if promised >= TARGET else 'misses'} {TARGET:.1%} ({(1 - TARGET) * _MONTH:.0f} minutes) on paper: "
            "what is promised is when money comes back, not what is usual. A client that asks again once meets the aim, "
            "if faults come singly: reads may be repeated, and so may every write that carries an idempotency key."
        ),
    ]


def _prose(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False)


def write() -> str:
    """Bring the page up to date; answers a line for people."""
    return generated.settle(PATH, text(), check=False)


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
