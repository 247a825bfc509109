"""The dashboard: what every route, function and timer does, on one page that CloudWatch takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.http.app import read_table
from infra.package import dashboard, dashboard_parts
from infra.package.timers import swept_by
from infra.tools import app

Template = dict[str, Any]
Widget = dict[str, Any]


@pytest.fixture(scope="module")
def widgets(final_template: Template) -> list[Widget]:
    found: list[Widget] = json.loads(body(final_template))["widgets"]
    return found


def body(final_template: Template) -> str:
    text: str = final_template["Resources"]["StageDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]
    return text


def lines(widgets: list[Widget]) -> list[list[Any]]:
    return [line for widget in widgets for line in widget["properties"].get("metrics", [])]


@pytest.mark.ledger("S2-052")
def test_every_route_is_on_it_with_how_long_it_takes_and_how_often_it_fails(widgets: list[Widget]) -> None:
    places = {place for room in read_table().values() for place in room}
    ids = {f"{one.method} {one.path}": one.id for one in app.declared().operations}
    assert places == ids.keys()
    for what, status in (("request_duration_ms", "2xx"), ("requests", "5xx"), ("requests", "4xx")):
        shown = {line[3] for line in lines(widgets) if line[1] == what and status in line}
        assert shown == set(ids.values())


@pytest.mark.ledger("S2-052")
def test_every_function_timer_and_queue_is_on_it(widgets: list[Widget], final_template: Template) -> None:
    text = json.dumps(widgets)
    functions = [
        one["Properties"]["FunctionName"]["Fn::Sub"]
        for one in final_template["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function"
    ]
    for expected in (
        *functions,
        *swept_by(),
        "${JobDeadLetters.QueueName}",
        "${StreamDeadLetters.QueueName}",
    ):
        assert f'"{expected}"' in text, expected


@pytest.mark.ledger("S2-052")
def test_faults_are_listed_by_kind_from_every_functions_log(widgets: list[Widget]) -> None:
    (log,) = (one["properties"]["query"] for one in widgets if one["type"] == "log")
    assert "SOURCE '/aws/lambda/souk-${Stage}-api'" in log
    assert "SOURCE '/aws/lambda/souk-${Stage}-table_stream'" in log
    assert "by event, fault" in log


def test_widgets_do_not_lie_on_one_another(widgets: list[Widget]) -> None:
    taken: set[tuple[int, int]] = set()
    for one in widgets:
        area = {
            (x, y)
            for x in range(one["x"], one["x"] + one["width"])
            for y in range(one["y"], one["y"] + one["height"])
        }
        assert not area & taken
        assert one["x"] + one["width"] <= dashboard_parts.WIDTH
        taken |= area


def test_it_follows_the_table_in_use(final_template: Template) -> None:
    names = final_template["Resources"]["StageDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][1]
    assert names["Table"]["Fn::If"][0] == "IsOnRestoredTable"
    assert '"${Table}"' in body(final_template)


def test_a_dashboard_that_cloudwatch_takes_is_let_through(final_template: Template) -> None:
    dashboard.guard(body(final_template))


@pytest.mark.parametrize(
    ("widgets", "what"),
    [
        ([{"properties": {"title": "x" * dashboard.MOST_BYTES}}], "bytes"),
        ([{"properties": {}}] * (dashboard.MOST_WIDGETS + 1), "widgets"),
        (
            [{"properties": {"metrics": [[]] * (dashboard.MOST_METRICS_A_WIDGET + 1)}}],
            "metrics in one widget",
        ),
        ([{"properties": {"metrics": [[]] * 400}}] * 7, "metrics, the limit is 2,500"),
    ],
)
def test_a_dashboard_that_cloudwatch_would_refuse_is_not_made(widgets: list[Widget], what: str) -> None:
    with pytest.raises(dashboard.TooLarge, match=what):
        dashboard.guard(json.dumps({"widgets": widgets}))
