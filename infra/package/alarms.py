"""Every alarm of the stack, made from what the stack is made of: its functions, queues, table, API, timers.

Who adds a function, a queue or a timer gets its alarms with it. What the kinds mean is `alarm_kinds`.
"""

from __future__ import annotations

from typing import Any

from infra.package import gateway, shop_alarms, timers
from infra.package.alarm_making import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    MINUTE,
    Resources,
    Signal,
    Sum,
    When,
    add,
    add_composite,
    ours,
)
from infra.tools.error_budget import BURN_ALARMS, BurnAlarm

_NEAR_TIMEOUT = 0.8
_STREAM_LAG_MS = 300_000
_TEN_DAYS = 10 * DAY
_LATE_SECONDS = {"rate(1 minute)": 300, "rate(1 hour)": 2 * HOUR}
"""What stands due may wait one tick of its job; this is well beyond."""
_BURNS = ("error_budget_fast", "error_budget_slow", "error_budget_trickle")
"""The kinds of the error budget's alarms, in the order of docs/error-budget.md."""
_FEW_ANSWERS = 1000
"""Below that in a window a single failure would ring: `api_errors` looks at those."""
_OPERATIONS = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems")
_SLOW_MS = {"Query": 25, "TransactWriteItems": 100}


def add_all(resources: Resources, functions: dict[str, str]) -> list[str]:
    """Put all alarms into the finished `resources`; answers those that end a roll-out.

    `functions` is logical id → name.
    """
    for logical, name in functions.items():
        _function(resources, logical, name)
    _streams(resources, functions)
    _queues(resources)
    _table(resources)
    _backups(resources)
    _api(resources)
    _timers(resources)
    shop_alarms.add_all(resources)
    return _rollout(resources, functions[gateway.FUNCTION])


def period_of(resources: Resources, logical: str) -> int:
    """Over how long a function is looked at: an hourly job by the hour, any other by five minutes."""
    for resource in resources.values():
        if resource["Type"] == "AWS::Events::Rule" and any(
            target["Arn"] == {"Fn::GetAtt": [logical, "Arn"]} for target in resource["Properties"]["Targets"]
        ):
            return HOUR if "hour" in resource["Properties"].get("ScheduleExpression", "") else FIVE_MINUTES
    return FIVE_MINUTES


def _of_function(logical: str, metric: str, statistic: str, period: int) -> Signal:
    return Signal("AWS/Lambda", metric, {"FunctionName": {"Ref": logical}}, statistic, period)


def _function(resources: Resources, logical: str, name: str) -> None:
    """A job tries again by itself, so a single failure is no alarm; of the API each counts."""
    period = period_of(resources, logical)
    errors = When(1, 2, 3) if logical == gateway.FUNCTION else When(3 if period == FIVE_MINUTES else 2)
    add(resources, "function_errors", _of_function(logical, "Errors", "Sum", period), errors, subject=name)
    throttles = _of_function(logical, "Throttles", "Sum", FIVE_MINUTES)
    add(resources, "function_throttles", throttles, When(1, 2, 3), subject=name)
    timeout = resources[logical]["Properties"]["Timeout"] * 1000
    times = 3 if period == FIVE_MINUTES else 1
    near = When(round(timeout * _NEAR_TIMEOUT), times, times)
    add(resources, "function_duration", _of_function(logical, "Duration", "p99", period), near, subject=name)


def _streams(resources: Resources, functions: dict[str, str]) -> None:
    for resource in list(resources.values()):
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            logical = resource["Properties"]["FunctionName"]["Ref"]
            age = _of_function(logical, "IteratorAge", "Maximum", FIVE_MINUTES)
            add(resources, "stream_lag", age, When(_STREAM_LAG_MS, 2, 3), subject=functions[logical])


def _queues(resources: Resources) -> None:
    """Dead letters are those queues whose name says so; a rule of the template's tests knows no other queue."""
    for logical, resource in list(resources.items()):
        if resource["Type"] == "AWS::SQS::Queue" and logical.endswith("DeadLetters"):
            of = {"QueueName": {"Fn::GetAtt": [logical, "QueueName"]}}
            lie = Signal("AWS/SQS", "ApproximateNumberOfMessagesVisible", of, "Maximum", FIVE_MINUTES)
            add(resources, "queue_dead_letters", lie, When(1), subject=logical)
            oldest = Signal("AWS/SQS", "ApproximateAgeOfOldestMessage", of, "Maximum", HOUR)
            add(resources, "queue_expiring", oldest, When(_TEN_DAYS), subject=logical)


def _table(resources: Resources) -> None:
    def of_table(metric: str, statistic: str = "Sum", **more: str) -> Signal:
        return Signal(
            "AWS/DynamoDB", metric, {"TableName": {"Ref": "SoukTable"}, **more}, statistic, FIVE_MINUTES
        )

    events = {"r": of_table("ReadThrottleEvents"), "w": of_table("WriteThrottleEvents")}
    add(resources, "table_throttles", Sum("FILL(r, 0) + FILL(w, 0)", events), When(1, 2, 3))
    failed = {f"o{at}": of_table("SystemErrors", Operation=one) for at, one in enumerate(_OPERATIONS)}
    add(resources, "table_errors", Sum(" + ".join(f"FILL({one}, 0)" for one in failed), failed), When(5))
    for operation, slow in _SLOW_MS.items():
        took = of_table("SuccessfulRequestLatency", "Average", Operation=operation)
        add(resources, "table_latency", took, When(slow, 3, 3), subject=operation)


def _backups(resources: Resources) -> None:
    done = Signal(
        "AWS/Backup", "NumberOfBackupJobsCompleted", {"BackupVaultName": {"Ref": "BackupVault"}}, "Sum", DAY
    )
    add(resources, "backup_missing", done, When(1, 2, 2, below=True), condition="HasBackupAlarms")


def _of_api(metric: str, statistic: str, period: int) -> Signal:
    api = {"ApiName": {"Fn::Sub": "souk-${Stage}"}, "Stage": gateway.STAGE}
    return Signal("AWS/ApiGateway", metric, api, statistic, period)


def _failing(period: int, least: int = 0) -> Sum:
    """The share of answers that failed. The gateway counts its own and ours."""
    of = {"failed": _of_api("5XXError", "Sum", period), "answers": _of_api("Count", "Sum", period)}
    share = "FILL(failed, 0) / answers"
    return Sum(f"IF(answers >= {least}, {share}, 0)" if least else share, of)


def _api(resources: Resources) -> None:
    add(resources, "api_errors", _of_api("5XXError", "Sum", FIVE_MINUTES), When(5, 2, 3))
    add(resources, "api_latency", _of_api("Latency", "p99", FIVE_MINUTES), When(500, 3, 3))
    for kind, burn in zip(_BURNS, BURN_ALARMS, strict=True):
        _burn(resources, kind, burn)


def _burn(resources: Resources, kind: str, burn: BurnAlarm) -> None:
    """A long window and a short one, both above. CloudWatch's longest is a day: a longer one is days in a row."""
    days = max(1, burn.hours // 24)
    share = round(burn.failing / 100, 6)
    long = _failing(burn.hours * HOUR // days, _FEW_ANSWERS)
    parts = [
        add(resources, kind, long, When(share, days, days), subject="long", tells=False),
        add(resources, kind, _failing(burn.minutes * MINUTE), When(share), subject="short", tells=False),
    ]
    add_composite(resources, kind, parts)


def _timers(resources: Resources) -> None:
    for timer, job in timers.swept_by().items():
        late = _LATE_SECONDS[job.schedule]
        period = FIVE_MINUTES if "minute" in job.schedule else HOUR
        lateness = ours("timer_lateness_seconds", "Maximum", period, timer=timer)
        add(resources, "timer_late", lateness, When(late, 2, 2), subject=timer)


def _rollout(resources: Resources, name: str) -> list[str]:
    """On the new version alone where Lambda tells versions apart. There in every stage: they take a version back."""
    (version,) = (logical for logical, one in resources.items() if one["Type"] == "AWS::Lambda::Version")
    new: dict[str, Any] = {
        "FunctionName": {"Ref": gateway.FUNCTION},
        "Resource": {"Fn::Sub": f"souk-${{Stage}}-{name}:{gateway.ALIAS}"},
        "ExecutedVersion": {"Fn::GetAtt": [version, "Version"]},
    }
    return [
        add(resources, kind, signal, when, condition=None)
        for kind, signal, when in (
            ("rollout_errors", Signal("AWS/Lambda", "Errors", new, "Sum", MINUTE), When(3)),
            ("rollout_duration", Signal("AWS/Lambda", "Duration", new, "p95", MINUTE), When(3000, 2, 2)),
            ("rollout_5xx", _of_api("5XXError", "Sum", MINUTE), When(5, 2, 2)),
        )
    ]
