"""A bill is what was measured, times what is asked, times a price; levers are pulled and not ranked by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from infra.cost import baseline, levers, loads, model, plan, prices, printing
from infra.cost.__main__ import main, schedules
from infra.cost.act import Act, Later
from infra.cost.loads import Deployment, Load
from infra.cost.prices import Line, Prices
from infra.tools.generated import ROOT

PEAK: Any = {"busiest_hour": 0.1, "burst": 2}
LOADS = [path.stem for path in sorted(loads.FOLDER.glob("*.yaml"))]


@pytest.fixture(scope="module")
def acts() -> dict[str, Act]:
    """As they were last measured: what a bill adds up does not need measuring again."""
    return baseline.read().acts


def billed(
    acts: Any, load: Load, deployed: Deployment | None = None, list_: Prices | None = None
) -> model.Bill:
    return model.bill(acts, load, deployed or loads.deployment(), list_ or prices.of(), schedules())


def one_load(calls: float, **more: Any) -> Load:
    return Load(
        name="one", daily_users=1_000_000, calls_per_user=calls, orders_per_day=0, days_per_month=1,
        months_of_data=12, peak=PEAK, mix={"GET /x": calls}, **more,
    )  # fmt: skip


def test_a_price_by_tiers_is_summed_tier_by_tier() -> None:
    line = Line(what="x", per=1_000_000, tiers=((300, 1.0), (None, 0.9)), recalled=True)
    assert line.money(100e6) == pytest.approx(100)
    assert line.money(400e6) == pytest.approx(300 + 90)


@pytest.mark.parametrize("region", prices.regions())
def test_every_price_says_where_it_was_read_or_that_it_is_recalled(region: str) -> None:
    """The file is refused otherwise; every region has every line that a bill may need."""
    needed = {line for lines in model.COMPONENTS.values() for line in lines}
    assert set(prices.of(region).region.lines) == needed
    with pytest.raises(ValidationError):
        Line(what="x", per=1, price=1.0)
    with pytest.raises(ValidationError):
        Line(what="x", per=1, price=1.0, seen="a page", recalled=True)


def test_a_bill_is_units_times_prices() -> None:
    """One million requests of one act, by hand."""
    act = Act(
        calls=1, rru=2.0, wru=3.0, answer_bytes=2_000, packed_bytes=500, log_bytes=670, cpu_ms=10.0,
        later=Later(invocations=1, rru=1.0, wru=4.0, log_bytes=0),
    )  # fmt: skip
    act.waits["reads"] = 1
    deployed = loads.deployment(
        memory_mb=1769, stream_mb=1769, core_speed=1.0, cold_share=0.0, platform_log_bytes=330, trace_share=0.0,
        compressed=False, waf=True, alarms=0, dashboards=0, secrets=0, backups_kept=0,
    )  # fmt: skip
    bill = model.bill({"GET /x": act}, one_load(1), deployed, prices.of(), {})
    gb_seconds = 1e6 * 0.014 * 1769 / 1024
    assert dict(bill.by_line) == pytest.approx(
        {
            "gateway_rest": 3.50,
            "lambda_request": 2 * 0.20,
            "lambda_gb_second": gb_seconds * 0.0000133334,
            "read_unit": 3 * 0.125,
            "write_unit": 7 * 0.625,
            "log_gb": (0.67 + 2 * 0.33) * 0.50,
            "log_stored_gb": (0.67 + 2 * 0.33) * 3 * 0.15 * 0.03,
            "egress_gb": 2.0 * 0.09,
            "waf_request": 0.60,
            "waf_acl": 5.0,
            "waf_rule": 3.0,
        }
    )
    assert bill.total == pytest.approx(sum(bill.by_component().values()))


def test_the_memory_is_what_is_deployed() -> None:
    """And so is the compression of answers."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    (stage,) = config["stages"].values()
    deployed, functions = loads.deployment(), stage["lambda_functions"]
    assert deployed.memory_mb == stage["lambda_memory_size"]
    assert deployed.stream_mb == functions.pop("table_stream")["lambda_memory_size"]
    assert {deployed.job_mb} == {one["lambda_memory_size"] for one in functions.values()}
    assert deployed.compressed is ("minimum_compression_size" in config)


def test_what_expires_is_stored_for_its_time_and_a_book_once_for_each_customer() -> None:
    act = Act(
        stored={"order": [1000, None], "session": [1000, 30], "user": [1000, None], "cart": [100, None]}
    )
    kept = model.storage_by_kind({"GET /x": act}, one_load(1, customers=500, book_entries=3))
    assert kept == {"order": 12e9, "session": 1e9, "user": 500e3, "cart": 150e3}


@pytest.mark.parametrize("name", LOADS)
def test_every_act_of_a_load_is_one_that_was_measured(name: str, acts: dict[str, Act]) -> None:
    load = loads.load(name)
    everything = {**load.acts_a_month(), **load.cdn_hits, **load.one_call_home, **dict.fromkeys(load.guarded)}
    assert set(everything) - set(acts) == set()
    assert billed(acts, load).total > 0


def test_a_load_that_does_not_add_up_is_refused() -> None:
    told = yaml.safe_load((loads.FOLDER / "ruizhu.yaml").read_text(encoding="utf-8"))
    for change in ({"calls_per_user": 61}, {"orders_per_day": 40_000}):
        with pytest.raises(ValidationError):
            Load(**{**told, **change})


def test_the_largest_load_is_the_plans() -> None:
    load = loads.load("ruizhu")
    assert (load.daily_users, load.calls_per_user, load.orders_per_day) == (100_000, 60, 50_000)
    assert load.plan is not None
    assert load.plan.infrastructure_cny_per_year == plan.read().infrastructure_per_year == 102_800


def test_an_idle_shop_costs_the_clock_and_what_stands_there(acts: dict[str, Act]) -> None:
    bill = billed(acts, loads.load("idle"))
    assert bill.usage.requests == 0
    assert bill.by_line["lambda_request"] > 0
    clock = sum(money for line, money in bill.by_line.items() if line.startswith(("lambda", "read", "log")))
    assert clock < 1, "ticking with nothing due costs cents"


def test_the_strongest_lever_follows_from_the_figures(acts: dict[str, Act]) -> None:
    load = loads.load("ruizhu")

    def strongest(**changes: Any) -> str:
        found = levers.effects(acts, load, loads.deployment(**changes), prices.of(), schedules())
        assert [one.saved for one in found] == sorted((one.saved for one in found), reverse=True)
        return found[0].lever.name

    assert strongest() == "HTTP API instead of REST"
    assert strongest(gateway="http", waf=False) != "HTTP API instead of REST"
    assert strongest(platform_log_bytes=100_000) == "Lambda's own START, END and REPORT lines off"


def test_a_lever_that_is_pulled_already_saves_nothing(acts: dict[str, Act]) -> None:
    deployed = loads.deployment(gateway="http", cdn=True, compressed=True, trace_share=0.0, backups_kept=0)
    found = levers.effects(acts, loads.load("ruizhu"), deployed, prices.of(), schedules())
    saved = {one.lever.name: one.saved for one in found}
    for name in ("HTTP API instead of REST", "answers compressed at the gateway", "no traces"):
        assert saved[name] == pytest.approx(0)


def test_the_start_page_in_one_call_asks_for_the_same(acts: dict[str, Act]) -> None:
    lever = next(one for one in levers.LEVERS if one.name == levers.HOME)
    load = loads.load("ruizhu")
    more, lighter, _ = lever.pull(acts, load, loads.deployment())
    assert lighter.calls_per_user == load.calls_per_user - 3
    assert more[levers.HOME].rru == sum(acts[name].rru for name in load.one_call_home)


def test_an_order_costs_what_its_own_acts_do(acts: dict[str, Act]) -> None:
    load = loads.load("ruizhu")
    order = model.of_an_order(acts, load, loads.deployment(), prices.of())
    assert order is not None
    acts_of_it = {"POST /v1/orders": 1, "POST /v1/webhooks/{provider}": 0.9, "order_timeout, one due": 0.1}
    assert order.wru > sum(acts[name].all_wru * share for name, share in acts_of_it.items())
    assert 0 < order.money < billed(acts, load).total / (load.orders_per_day * load.days_per_month)
    assert model.of_an_order(acts, loads.load("idle"), loads.deployment(), prices.of()) is None


def test_the_free_tier_is_off_unless_asked_for(acts: dict[str, Act]) -> None:
    small = loads.load("small")
    assert billed(acts, small, None, prices.of(free_tier=True)).total < billed(acts, small).total
    assert prices.of().free == {}


@pytest.mark.ledger("S2-003")
def test_each_stage_has_its_estimate_and_a_budget_above_it(acts: dict[str, Act]) -> None:
    stages = loads.stages()
    assert list(stages) == ["dev", "test", "staging", "prod"]
    for load, deployed in stages.values():
        bill = billed(acts, load, deployed)
        assert 0 < bill.total < printing.budget(bill)


@pytest.mark.ledger("S4-014")
def test_the_plans_own_three_years_do_not_follow_from_its_parts(acts: dict[str, Act]) -> None:
    told = plan.read()
    assert (told.weeks, told.team, told.first_phase, told.per_year) == (14, 9, 693_000, 1_367_800)
    assert told.first_phase_of_a_person_week * told.weeks * told.team == told.first_phase
    assert told.staff_per_year + told.infrastructure_per_year + told.rest_of_a_year == told.per_year
    assert not told.follows()
    assert (told.years(2), told.years(3)) == (3_428_600, 4_796_400)
    bill = billed(acts, loads.load("ruizhu"))
    ours = bill.total * 12 * prices.of().cny
    assert told.year_with(ours) == told.ours.staff_per_year + told.ours.other_per_year + ours


@pytest.mark.parametrize(
    "argv", [[], ["--load", "small", "--region", "ap-southeast-1", "--free-tier", "--all"]]
)
def test_the_command_says_what_a_load_costs(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--recorded", *argv]) == 0
    said = capsys.readouterr().out
    for part in (
        "The three largest levers",
        "a million of",
        "Nothing sold:",
        "staging",
        "每月约",
        "from memory",
    ):
        assert part in said
    assert ("Beside the plan:" in said) is (argv == [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "mine.yaml"),
        ("name: [", "mine.yaml"),
        ("name: mine", "Field required"),
        ("mix: {GET /v1/nothing: 1}", "never measured: GET /v1/nothing"),
    ],
)
def test_a_load_that_cannot_be_used_is_told(
    text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    if text is not None:
        whole = yaml.safe_load((loads.FOLDER / "idle.yaml").read_text(encoding="utf-8"))
        more = {"calls_per_user": 1, "daily_users": 1}
        path.write_text(text if "mix" not in text else yaml.safe_dump(whole | more | yaml.safe_load(text)))
    assert main(["--recorded", "--load", str(path)]) == 2
    assert said in capsys.readouterr().err
