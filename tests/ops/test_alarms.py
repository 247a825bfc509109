"""The alarms: made from what the stack has, named for good, each with a page, and paid for."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from chalicelib.core.metric_names import BY_NAME
from infra.package import alarm_kinds, alarms, rules
from infra.package.alarm_making import ours
from infra.package.reading import of_type
from infra.package.timers import swept_by
from infra.tools.generated import DOCS

Template = dict[str, Any]
PAGES = {page.stem for page in (DOCS / "alarms").glob("*.md")} - {"README"}
SINGLE, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"


def name_of(alarm: dict[str, Any]) -> str:
    found: str = alarm["Properties"]["AlarmName"]["Fn::Sub"]
    return found.removeprefix("souk-${Stage}-")


def names(template: Template) -> set[str]:
    return {name_of(alarm) for kind in (SINGLE, COMPOSITE) for _, alarm in of_type(template, kind)}


def test_every_kind_of_alarm_has_its_page_and_every_page_its_alarm(final_template: Template) -> None:
    rung = {name.partition("-")[0] for name in names(final_template)}
    assert rung == set(alarm_kinds.BY_NAME) == PAGES


@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_says_what_it_means_and_what_to_do(page: str) -> None:
    text = (DOCS / "alarms" / f"{page}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# `{page}`: ")
    assert re.search(r"^\*\*What it means\.\*\* \S.{60}", text, re.MULTILINE)
    assert re.search(r"^\*\*What to do\.\*\*\n\n1\. \S", text, re.MULTILINE)


@pytest.mark.ledger("S0-014", "S0-039", "S1-066", "S4-209")
def test_every_function_timer_queue_and_the_table_are_watched(final_template: Template) -> None:
    functions = "api order_timeout stock_release auto_confirm kyc_expiry alert_dispatch table_stream".split()
    expected = {
        *(f"function_{what}-{one}" for what in ("errors", "throttles", "duration") for one in functions),
        *(f"timer_late-{timer}" for timer in swept_by()),
        *(f"queue_dead_letters-{queue}" for queue in ("JobDeadLetters", "StreamDeadLetters")),
        *("table_throttles", "table_errors", "table_latency-Query", "table_size", "stream_lag-table_stream"),
        *("api_errors", "api_latency", "error_budget_fast", "orders_stuck", "payment_failures"),
        *("reconciliation_difference", "events_dead", "breaker_open", "backup_missing"),
    }
    assert expected <= names(final_template)


def test_every_timer_of_the_shop_is_known() -> None:
    assert {"order_timeout", "stock_release", "outbox", "audit_link", "kyc_expiry"} <= swept_by().keys()
    assert {job.name for job in swept_by().values()} <= {"alert_dispatch"} | swept_by().keys()


def test_every_alarm_of_ours_is_on_a_metric_that_is_told(final_template: Template) -> None:
    told_as = final_template["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    looked_at = {
        metric["MetricName"]
        for _, alarm in of_type(final_template, SINGLE)
        for metric in metrics_of(alarm["Properties"])
        if metric["Namespace"] == told_as["SOUK_METRIC_NAMESPACE"]
    }
    assert {"timer_lateness_seconds", "orders_stuck", "table_size_bytes"} <= looked_at <= BY_NAME.keys()
    assert {name for name in looked_at if not BY_NAME[name].is_emitted} <= {"reconciliation_difference"}


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    return inner or [alarm]


@pytest.mark.parametrize(("name", "by"), [("orders_stuck", {"tenant": "a"}), ("timer_failed", {"job": "a"})])
def test_a_metric_by_dimensions_nobody_keeps_is_refused(name: str, by: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=f"{name} is not kept by"):
        ours(name, "Sum", 300, **by)


def test_an_hourly_job_is_looked_at_by_the_hour(final_template: Template) -> None:
    periods = {
        name: alarms.period_of(final_template["Resources"], name)
        for name in ("AutoConfirm", "OrderTimeout", "TableStream")
    }
    assert periods == {"AutoConfirm": 3600, "OrderTimeout": 300, "TableStream": 300}


def test_cloudwatch_takes_every_window(final_template: Template) -> None:
    """At most a day of evaluation for periods below an hour, and a week above."""
    for name, alarm in of_type(final_template, SINGLE):
        properties = alarm["Properties"]
        period = properties.get("Period") or properties["Metrics"][1]["MetricStat"]["Period"]
        window = period * properties["EvaluationPeriods"]
        assert window <= (86400 if period < 3600 else 7 * 86400), name
        assert properties["DatapointsToAlarm"] <= properties["EvaluationPeriods"], name


def test_a_composite_alarm_is_made_of_alarms_there_are(final_template: Template) -> None:
    for _, alarm in of_type(final_template, COMPOSITE):
        parts = re.findall(
            r'ALARM\("souk-\$\{Stage\}-([^"]+)"\)', alarm["Properties"]["AlarmRule"]["Fn::Sub"]
        )
        assert len(parts) == 2
        assert set(parts) <= names(final_template)


def test_a_roll_out_ends_on_alarms_of_the_new_version(final_template: Template) -> None:
    resources = final_template["Resources"]
    stops = resources["RolloutGroup"]["Properties"]["AlarmConfiguration"]["Alarms"]
    assert [one["Name"]["Ref"] for one in stops] == [
        "AlarmRolloutErrors",
        "AlarmRolloutDuration",
        "AlarmRollout5xx",
    ]
    (version,) = (name for name, one in resources.items() if one["Type"] == "AWS::Lambda::Version")
    dimensions = {
        one["Name"]: one["Value"] for one in resources["AlarmRolloutErrors"]["Properties"]["Dimensions"]
    }
    assert dimensions == {
        "FunctionName": {"Ref": "APIHandler"},
        "Resource": {"Fn::Sub": "souk-${Stage}-api:live"},
        "ExecutedVersion": {"Fn::GetAtt": [version, "Version"]},
    }
    assert not any("Condition" in resources[one["Name"]["Ref"]] for one in stops), (
        "they are there in every stage"
    )


def test_one_more_function_has_its_alarms_with_it(final_template: Template) -> None:
    planted = copy.deepcopy(final_template)["Resources"]
    planted["Mailer"] = copy.deepcopy(planted["KycExpiry"])
    kept = {name: one for name, one in planted.items() if not one["Type"].startswith("AWS::CloudWatch")}
    functions = {name: name for name, one in kept.items() if one["Type"] == "AWS::Lambda::Function"}
    alarms.add_all(kept, functions | {"APIHandler": "api"})
    made = {name_of(one) for one in kept.values() if one["Type"] == SINGLE}
    assert {f"function_{what}-Mailer" for what in ("errors", "throttles", "duration")} <= made


def test_the_alarms_stay_cheap(final_template: Template) -> None:
    """Prices of docs/decisions/0028: whoever adds alarms by the dozen is asked why."""
    singles, composites = rules.billed_alarms(final_template)
    assert 0.10 * singles + 0.50 * composites <= 12, f"{singles} metrics, {composites} composite alarms"


@pytest.mark.ledger("S2-052")
def test_the_dashboard_shows_every_alarm_that_tells_somebody(final_template: Template) -> None:
    body = final_template["Resources"]["StageDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]
    (shown,) = (one for one in json.loads(body)["widgets"] if one["type"] == "alarm")
    telling = {
        name_of(alarm)
        for kind in (SINGLE, COMPOSITE)
        for _, alarm in of_type(final_template, kind)
        if "AlarmActions" in alarm["Properties"]
    }
    assert {one.rpartition("souk-${Stage}-")[2] for one in shown["properties"]["alarms"]} == telling
    assert len(telling) <= 100, "a widget takes no more"
