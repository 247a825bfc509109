"""Rules about functions: what each has beside its code, and what it may do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from infra.package import alarm_kinds, timers
from infra.package.reading import Template, of_type

_ALARMS = ("Errors", "Throttles", "Duration")
ANYWHERE = {
    "xray:PutTraceSegments": "X-Ray has no resources",
    "xray:PutTelemetryRecords": "X-Ray has no resources",
    "dynamodb:ListBackups": "it knows no resource; the page of backups lists by it",
    "dynamodb:ListStreams": "it knows no resource; Lambda looks for the stream by it",
    "cloudwatch:DescribeAlarms": "CodeDeploy asks for the alarms of a roll-out by name, in one call",
    "sns:Publish": "a text message goes to a number, which is no resource",
}
"""What a policy may allow on `*`, or on all but what it names, and why."""


def has_alarm(template: Template, metric: str, of: Any) -> bool:
    """Whether an alarm that tells somebody looks at this metric of this function, queue or timer."""
    return any(
        alarm["Properties"].get("MetricName") == metric
        and alarm["Properties"].get("AlarmActions")
        and any(one["Value"] == of for one in alarm["Properties"]["Dimensions"])
        for _, alarm in of_type(template, "AWS::CloudWatch::Alarm")
    )


def functions_have_alarms(template: Template) -> Iterator[str]:
    for name, _ in of_type(template, "AWS::Lambda::Function"):
        for metric in _ALARMS:
            if not has_alarm(template, metric, {"Ref": name}):
                yield f"{name} has no alarm on {metric}"


def timers_have_alarms(template: Template) -> Iterator[str]:
    for timer in timers.swept_by():
        if not has_alarm(template, "timer_lateness_seconds", timer):
            yield f"nobody is told when the timer {timer} is late"


def functions_are_bounded(template: Template) -> Iterator[str]:
    """Their processor, memory, time and, for jobs, how many run at once are said for each."""
    for name, function in of_type(template, "AWS::Lambda::Function"):
        properties = function["Properties"]
        if len(properties.get("Architectures", [])) != 1:
            yield f"{name} does not say its architecture"
        for limit in ("MemorySize", "Timeout"):
            if not isinstance(properties.get(limit), int):
                yield f"{name} has no {limit}"
        if name in scheduled(template) and "ReservedConcurrentExecutions" not in properties:
            yield f"{name} may run any number of times at once"


def functions_are_seen(template: Template) -> Iterator[str]:
    groups = dict(of_type(template, "AWS::Logs::LogGroup"))
    for name, function in of_type(template, "AWS::Lambda::Function"):
        properties = function["Properties"]
        if properties.get("TracingConfig", {}).get("Mode") != "Active":
            yield f"{name} is not traced"
        if properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") not in groups:
            yield f"{name} has no log group of its own"


def scheduled(template: Template) -> set[str]:
    """Logical ids of the functions that a schedule calls."""
    return {
        target["Arn"]["Fn::GetAtt"][0]
        for _, rule in of_type(template, "AWS::Events::Rule")
        for target in rule["Properties"]["Targets"]
    }


def failed_ticks_are_kept(template: Template) -> Iterator[str]:
    kept = {
        one["Properties"]["FunctionName"]["Ref"]
        for _, one in of_type(template, "AWS::Lambda::EventInvokeConfig")
        if one["Properties"].get("DestinationConfig", {}).get("OnFailure")
    }
    for name in sorted(scheduled(template) - kept):
        yield f"a tick of {name} that failed leaves nothing behind"


def streams_end_their_retries(template: Template) -> Iterator[str]:
    for name, source in of_type(template, "AWS::Lambda::EventSourceMapping"):
        properties = source["Properties"]
        for holds, what in (
            (
                "ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
                "takes no partial answers",
            ),
            (properties.get("BisectBatchOnFunctionError") is True, "does not halve a failing batch"),
            (properties.get("MaximumRetryAttempts", -1) > 0, "may retry for ever"),
            (properties.get("DestinationConfig", {}).get("OnFailure"), "has no dead letters"),
        ):
            if not holds:
                yield f"{name} {what}"


def roles_are_their_functions_own(template: Template) -> Iterator[str]:
    users = Counter(
        function["Properties"]["Role"]["Fn::GetAtt"][0]
        for _, function in of_type(template, "AWS::Lambda::Function")
    )
    for role, count in users.items():
        if count > 1:
            yield f"{role} is shared by {count} functions"


def policies_name_their_resources(template: Template) -> Iterator[str]:
    for name, role in of_type(template, "AWS::IAM::Role"):
        for policy in role["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                for action in [actions] if isinstance(actions, str) else actions:
                    if "*" in action:
                        yield f"{name} may {action}"
                    elif statement.get("Resource", "*") in ("*", ["*"]) and action not in ANYWHERE:
                        yield f"{name} may {action} anywhere"


def alarms_lead_to_their_page(template: Template) -> Iterator[str]:
    """One name each, under the stage's; what silence means; and a page that says what to do."""
    names: Counter[str] = Counter()
    for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        for logical, alarm in of_type(template, kind):
            properties = alarm["Properties"]
            name = properties["AlarmName"].get("Fn::Sub", "")
            names[name] += 1
            page = properties.get("AlarmDescription", "").rpartition("docs/alarms/")[2].removesuffix(".md")
            if not name.startswith(f"souk-${{Stage}}-{page}") or page not in alarm_kinds.BY_NAME:
                yield f"{logical} leads to no page"
            if kind == "AWS::CloudWatch::Alarm" and "TreatMissingData" not in properties:
                yield f"{logical} does not say what silence means"
    for name, count in names.items():
        if count > 1:
            yield f"{count} alarms are called {name}"


ALL = (
    functions_have_alarms,
    timers_have_alarms,
    functions_are_bounded,
    functions_are_seen,
    failed_ticks_are_kept,
    streams_end_their_retries,
    roles_are_their_functions_own,
    policies_name_their_resources,
    alarms_lead_to_their_page,
)
