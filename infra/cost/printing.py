"""The bill for people: a table of parts, of acts, of levers, the stages, and a line in Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from infra.cost import plan
from infra.cost.act import Act
from infra.cost.levers import Effect
from infra.cost.loads import Deployment, Load
from infra.cost.model import MONTHS_A_YEAR, Bill, OfAnOrder, lambda_ms, money_of
from infra.cost.prices import Prices

_STRONGEST = 3
BUDGET = 1.5
"""A stage's budget beside its estimate."""


def bill_of(load: Load, bill: Bill, prices: Prices, order: OfAnOrder | None = None) -> Iterable[str]:
    yield f"{load.name}: {load.daily_users:,.0f} users a day × {load.calls_per_user:g} calls, " + (
        f"{load.orders_per_day:,.0f} orders a day"
    )
    yield f"{bill.usage.requests / 1e6:,.1f} M requests a month, {bill.total:,.2f} {_money(prices)} a month:"
    for part, money in bill.by_component().items():
        yield f"  {part:34} {money:10,.2f}  {money / bill.total:5.0%}"
    yield f"  stored after {load.months_of_data:g} months: {sum(bill.usage.kept.values()) / 1e9:,.1f} GB"
    orders = load.orders_per_day * load.days_per_month
    if orders:
        yield f"  an order, everything included: {bill.total / orders:.5f} {_money(prices)}"
    if order is not None:
        yield (
            f"  of it what the order does itself: {order.money:.5f} {_money(prices)}, {order.wru:.0f} write units, "
            f"{order.rru:.0f} read units"
        )


def beside_the_plan(load: Load, bill: Bill, prices: Prices) -> Iterable[str]:
    if load.plan is None:
        return
    ours, theirs = bill.total * MONTHS_A_YEAR * prices.cny, load.plan.infrastructure_cny_per_year
    yield (
        f"Beside the plan: {ours:,.0f} CNY a year (1 {_money(prices)} = {prices.cny} CNY), "
        f"the plan {theirs:,.0f} CNY: {ours / theirs:.2f} ×"
    )
    whole = plan.read()
    yield (
        f"The plan's own sums: {whole.first_phase:,.0f} + 3 × {whole.per_year:,.0f} = {whole.years(3):,.0f} CNY, or "
        f"{whole.years(2):,.0f} with two years; it says {whole.three_years:,.0f}. "
        f"A year: {whole.staff_per_year:,.0f} for {whole.staff} people, {whole.infrastructure_per_year:,.0f} "
        f"infrastructure, {whole.rest_of_a_year:,.0f} that it does not split."
    )
    year = whole.year_with(ours)
    yield f"A year with this infrastructure: {year:,.0f} CNY, {ours / year:.0%} of it machines"


def strongest(found: list[Effect], bill: Bill) -> Iterable[str]:
    yield "The three largest levers (each alone; they do not add up):"
    for number, one in enumerate(found):
        if number == _STRONGEST:
            yield "The others:"
        if round(one.saved, 2) == 0:
            continue
        yield f"  {one.saved:10,.2f}  {one.saved / bill.total:5.1%}  {one.lever.name} ({one.lever.but})"


def per_million(
    acts: Mapping[str, Act], names: Iterable[str], deployed: Deployment, prices: Prices
) -> Iterable[str]:
    """Without what stands there anyway, and without what it stores."""
    yield (
        f"{'a million of':60} {_money(prices):>8} {'calls':>6} {'RRU':>6} {'WRU':>6} {'bytes':>7} {'log':>6} "
        f"{'stored':>7} {'ms':>6}   + later: calls, RRU, WRU"
    )
    rows = sorted((-money_of(acts[name], deployed, prices), name) for name in names)
    for money, name in rows:
        act = acts[name]
        stored = sum(size or 0 for kept in (act.stored, act.later.stored) for size, _ in kept.values())
        later = f"{act.later.calls:3} {act.later.rru:5g} {act.later.wru:5g}" if act.later.invocations else ""
        yield (
            f"{name:60} {-money:8,.2f} {act.calls:6} {act.rru:6g} {act.wru:6g} {act.answer_bytes:7,} "
            f"{act.log_bytes:6,} {stored:7,} {lambda_ms(act, deployed):6.0f}   {later}"
        )


def stages(bills: Mapping[str, tuple[Load, Bill]], prices: Prices) -> Iterable[str]:
    yield f"Each stage a month, its load from infra/cost/stages.yaml, and a budget of {BUDGET:g} times as much:"
    for stage, (load, bill) in bills.items():
        yield f"  {stage:10} {load.name:10} {bill.total:10,.2f} {_money(prices)}   budget {budget(bill):6,.0f}"


def budget(bill: Bill) -> int:
    return int(bill.total * BUDGET) + 1


def leaning_on(deployed: Deployment, prices: Prices) -> Iterable[str]:
    recalled = [one.what for one in prices.region.lines.values() if one.recalled]
    yield (
        f"{prices.region.name}, list prices as found on {prices.read_on}; from memory, look them up: "
        + ("; ".join(recalled) or "none")
        + "."
    )
    yield (
        "Units and bytes are counted; milliseconds are processor time of the machine that measured. "
        f"Assumed (infra/cost/deployment.yaml): {deployed.gateway.upper()} API, {deployed.memory_mb} MB, which makes a "
        f"millisecond of this machine {deployed.slowness(deployed.memory_mb):.1f} there; DynamoDB answers in "
        f"{deployed.wait_ms.reads:g}, {deployed.wait_ms.writes:g}, {deployed.wait_ms.transactions:g} ms (read, write, "
        "transaction). Not in it: support plan, text messages, payment providers' fees, taxes, domain names, a VPC."
    )


def in_chinese(load: Load, bill: Bill, found: list[Effect], prices: Prices) -> str:
    yearly = bill.total * MONTHS_A_YEAR * prices.cny
    text = f"每月约 {bill.total:,.0f} 美元（每年约 {yearly / 10_000:.1f} 万元人民币，汇率 {prices.cny}），最大的一项是 "
    text += f"{next(iter(bill.by_component()))}"
    orders = load.orders_per_day * load.days_per_month
    if orders:
        text += f"；每单约 {bill.total / orders * prices.cny:.4f} 元"
    return f"{text}。最有效的一招：{found[0].lever.name}，每月省 {found[0].saved:,.0f} 美元。"


def _money(prices: Prices) -> str:
    return prices.region.currency
