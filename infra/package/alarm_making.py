"""How an alarm is written for CloudFormation: its metric, its name, who is told, and where its page is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.metric_names import BY_NAME
from infra.package import alarm_kinds

Resources = dict[str, Any]
Dimensions = dict[str, Any]

MINUTE = 60
FIVE_MINUTES = 300
HOUR = 3600
DAY = 86400
NAMESPACE = {"Fn::Sub": "Souk/${Stage}"}
"""Of the app's own metrics: `SOUK_METRIC_NAMESPACE` of every function."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One metric as it is looked at. `statistic` is `Sum`, `Average`, `Maximum` or a percentile such as `p99`."""

    namespace: Any
    name: str
    dimensions: Dimensions
    statistic: str
    period: int

    def as_metric(self) -> dict[str, Any]:
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions.items()],
        }

    def as_properties(self) -> dict[str, Any]:
        kind = "ExtendedStatistic" if self.statistic.startswith("p") else "Statistic"
        return {**self.as_metric(), kind: self.statistic, "Period": self.period}


@dataclass(frozen=True, slots=True)
class Sum:
    """Several metrics in one number. Each is billed as an alarm of its own."""

    expression: str
    """Over the names in `of`."""
    of: dict[str, Signal] = field(hash=False)

    def as_properties(self) -> dict[str, Any]:
        metrics = [
            {
                "Id": name,
                "ReturnData": False,
                "MetricStat": {
                    "Metric": signal.as_metric(),
                    "Stat": signal.statistic,
                    "Period": signal.period,
                },
            }
            for name, signal in self.of.items()
        ]
        return {"Metrics": [{"Id": "all", "Expression": self.expression, "ReturnData": True}, *metrics]}


def ours(name: str, statistic: str, period: int, **dimensions: str) -> Signal:
    """A metric of the app. Raises KeyError unless it is listed, ValueError unless it is kept by these dimensions."""
    if not any(set(one) == dimensions.keys() for one in BY_NAME[name].kept_by):
        raise ValueError(f"{name} is not kept by {sorted(dimensions)}")
    return Signal(NAMESPACE, name, dimensions, statistic, period)


def camel(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in text.replace("-", "_").split("_"))


def logical_id(kind: str, subject: str = "") -> str:
    return f"Alarm{camel(kind)}{camel(subject)}"


@dataclass(frozen=True, slots=True)
class When:
    """At or above `reaches` in `times` of the last `of` periods; below it, where what is counted is good."""

    reaches: Any
    times: int = 1
    of: int = 1
    below: bool = False


def add(
    resources: Resources,
    kind: str,
    signal: Signal | Sum,
    when: When,
    *,
    subject: str = "",
    condition: str | None = "HasAlarms",
    tells: bool = True,
) -> str:
    """Put the alarm into `resources`; answers its logical id. `tells`: False for a part of a composite alarm."""
    logical = logical_id(kind, subject)
    less = "LessThanThreshold"
    resources[logical] = {
        "Type": "AWS::CloudWatch::Alarm",
        **({"Condition": condition} if condition else {}),
        "Properties": {
            **_said(kind, subject, tells),
            **signal.as_properties(),
            "Threshold": when.reaches,
            "ComparisonOperator": less if when.below else "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": when.of,
            "DatapointsToAlarm": when.times,
            "TreatMissingData": alarm_kinds.BY_NAME[kind].silence,
        },
    }
    return logical


def add_composite(resources: Resources, kind: str, parts: list[str]) -> str:
    """An alarm that rings while all of `parts`, logical ids, ring."""
    logical = logical_id(kind)
    names = {part: resources[part]["Properties"]["AlarmName"]["Fn::Sub"] for part in parts}
    rule = " AND ".join(f'ALARM("{name}")' for name in names.values())
    resources[logical] = {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Condition": "HasAlarms",
        "DependsOn": parts,
        "Properties": {**_said(kind, "", tells=True), "AlarmRule": {"Fn::Sub": rule}},
    }
    return logical


def _said(name: str, subject: str, tells: bool) -> dict[str, Any]:
    kind = alarm_kinds.BY_NAME[name]
    full = f"{name}-{subject}" if subject else name
    heard = {"AlarmActions": [{"Ref": "AlarmTopic"}], "OKActions": [{"Ref": "AlarmTopic"}]} if tells else {}
    return {
        "AlarmName": {"Fn::Sub": f"souk-${{Stage}}-{full}"},
        "AlarmDescription": f"{kind.severity}: {kind.says} What to do: docs/alarms/{name}.md",
        "Tags": [{"Key": "souk:severity", "Value": kind.severity}],
        **heard,
    }
