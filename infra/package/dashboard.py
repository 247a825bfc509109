"""One page that shows a stage: made from the routes, the functions, the timers and the list of metrics."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from infra.package import dashboard_parts as parts
from infra.package.alarm_making import Resources
from infra.tools import app

MOST_BYTES = 400_000
"""Of the body. CloudWatch takes more, but it stands in a template that may have 1 MB."""
MOST_WIDGETS = 500
MOST_METRICS_A_WIDGET = 500
MOST_METRICS = 2500
LOGICAL_ID = "StageDashboard"


class TooLarge(ValueError):
    """CloudWatch would refuse it. The message names what is too much."""


def add(resources: Resources, functions: dict[str, str]) -> None:
    """Put the dashboard into the finished `resources`. `functions` is logical id → name. Raises TooLarge."""
    body = json.dumps({"widgets": _widgets(resources, functions)}, separators=(",", ":"))
    guard(body)
    resources[LOGICAL_ID] = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Condition": "HasDashboard",
        "Properties": {
            "DashboardName": {"Fn::Sub": "souk-${Stage}"},
            "DashboardBody": {"Fn::Sub": [body, {"Table": {"Ref": "SoukTable"}}]},
        },
    }


def guard(body: str) -> None:
    """Raises TooLarge."""
    widgets = json.loads(body)["widgets"]
    lines = [len(widget["properties"].get("metrics", [])) for widget in widgets]
    for what, size, most in (
        ("bytes", len(body.encode()), MOST_BYTES),
        ("widgets", len(widgets), MOST_WIDGETS),
        ("metrics in one widget", max(lines, default=0), MOST_METRICS_A_WIDGET),
        ("metrics", sum(lines), MOST_METRICS),
    ):
        if size > most:
            raise TooLarge(f"the dashboard has {size:,} {what}, the limit is {most:,}")


def operations() -> dict[str, list[str]]:
    """Domain → the ids of its operations, in the order in which the routes name them."""
    found: dict[str, list[str]] = defaultdict(list)
    for operation in app.declared().operations:
        found[operation.tag].append(operation.id)
    return found


def _widgets(resources: Resources, functions: dict[str, str]) -> list[parts.Widget]:
    rows = [
        [parts.alarm_states(_alarm_names(resources))],
        parts.api(),
        parts.functions(functions.values()),
        parts.waiting(functions, resources),
        parts.shop(),
        parts.table(),
        parts.others(),
        [parts.errors(functions.values())],
        *([*parts.of_domain(domain, ids)] for domain, ids in operations().items()),
    ]
    return list(_placed(rows))


def _alarm_names(resources: Resources) -> list[str]:
    """Of those that tell somebody, the urgent ones first."""
    found = [
        (one["Properties"]["AlarmDescription"], one["Properties"]["AlarmName"]["Fn::Sub"])
        for one in resources.values()
        if one["Type"].startswith("AWS::CloudWatch::") and "AlarmActions" in one["Properties"]
    ]
    return [name for _, name in sorted(found, key=lambda one: (not one[0].startswith("urgent"), one[1]))]


def _placed(rows: Iterable[list[parts.Widget]]) -> Iterable[parts.Widget]:
    """Each row's widgets side by side, as wide as fits."""
    y = 0
    for row in rows:
        width = parts.WIDTH // len(row)
        for at, widget in enumerate(row):
            yield {"x": at * width, "y": y, "width": width, "height": parts.HEIGHT, **widget}
        y += parts.HEIGHT
