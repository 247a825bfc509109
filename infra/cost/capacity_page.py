"""`make docs`: docs/capacity.md, what the peak of the largest load asks of each limit there is.

Made from docs/costs.json, the load and the deployment's assumptions; it measures nothing itself.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping

from infra.cost import baseline, loads
from infra.cost.act import Act
from infra.cost.capacity import (
    CONCURRENCY,
    GATEWAY,
    GATEWAY_MS,
    MEAN_MS,
    P99_MS,
    PARTITION,
    PLAN_GB_A_YEAR,
    SLA,
    TARGET,
    Use,
    availability,
    hot_sku_orders,
    latency_ms,
    paying_rates,
    peak_rates,
    per_second,
    uses,
)
from infra.cost.loads import Deployment, Load
from infra.cost.model import GB, MONTHS_A_YEAR, storage_by_kind
from infra.tools import generated

PATH = generated.DOCS / "capacity.md"
LOAD = "ruizhu"
_MONTH = 30 * 24 * 60
"""Minutes."""
_WIDTH = 118


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
            "What the largest load asks of each limit there is. Made by `make docs` from `docs/costs.json` "
            "(units and "
            f"sizes, measured), `infra/cost/loads/{LOAD}.yaml` (who asks how much) and "
            f"`infra/cost/deployment.yaml` "
            "(what is assumed of Lambda and DynamoDB); a test fails when it does not follow them. Nothing "
            "here was seen "
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
            f"{load.daily_users:,.0f} users a day, {load.calls_per_user:g} calls each, "
            f"{load.orders_per_day:,.0f} "
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
    said = [f"- {one.limit.name}: {one.advice}." for one in over]
    return [
        *(["Above their limits; set before a rush:", "", *said] if said else ["Every limit holds."]),
        "",
        *_prose(
            f"One SKU is one item: {PARTITION.most:,.0f} write units a second are {hot_sku_orders():,.0f} "
            f"orders a second "
            "of it, placed and paid. Beyond that its buyers conflict, are tried again for six seconds, and "
            "then told to "
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
            "There is no pool to run out of: each Lambda process keeps its own HTTP connections to "
            "DynamoDB, which limits "
            f"units and not connections. {CONCURRENCY.most:,.0f} calls at once, of {mean:.0f} ms each, are "
            f"{held:,.0f} "
            f"requests a second, so the gateway's {GATEWAY.most:,.0f} bind first: 10,000 people who each "
            f"ask once a "
            "second, or 100,000 who ask every ten. Lambda adds 1,000 processes to a function every ten "
            "seconds (Lambda "
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
            f"The aim is a mean below {MEAN_MS} ms and a 99th percentile below {P99_MS}. Scaled to "
            f"{deployed.memory_mb} "
            f"MB and with {GATEWAY_MS} ms for the gateway, a warm request takes {mean:.0f} ms in the mean; "
            f"the slowest of "
            f"the load is `{slowest}` with {most:.0f}. A cold start takes about {deployed.cold_ms:,.0f} ms: "
            f"the 99th "
            "percentile holds while fewer than one request in a hundred meets one (assumed: "
            f"{deployed.cold_share:.1%}). `make bench` measures the mean and the worst of each operation on "
            f"this machine "
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
            "Item sizes are those of real items, index entries and DynamoDB's 100 bytes each included. "
            "After a year of "
            f"this load the table holds **{total / GB:,.0f} GB**, {total / orders / 1000:,.1f} KB for each "
            f"order with all "
            f"that comes of it. The plan's {PLAN_GB_A_YEAR} GB a year hold {fits / 1e6:.1f} million orders: "
            f"{fits / 365:,.0f} a day."
        ),
        "",
        "| kind of item | GB | share |",
        "|---|---|---|",
        *(f"| `{kind}` | {size / GB:,.1f} | {size / total:.0%} |" for size, kind in rows),
        "",
        *_prose(
            "What has an end (sessions, sign-ins, answers to idempotency keys, marks of consumers) is "
            "counted for as long "
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
            f"{'meets' if promised >= TARGET else 'misses'} {TARGET:.1%} ({(1 - TARGET) * _MONTH:.0f} "
            f"minutes) on paper: "
            "what is promised is when money comes back, not what is usual. A client that asks again once "
            "meets the aim, "
            "if faults come singly: reads may be repeated, and so may every write that carries an "
            "idempotency key."
        ),
    ]


def _prose(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False)


def write() -> str:
    """Bring the page up to date; answers a line for people."""
    return generated.settle(PATH, text(), check=False)


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
