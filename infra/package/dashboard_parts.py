"""The rows of the dashboard: what each widget draws. `${…}` is CloudFormation's, put in when the stack is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.core.metric_names import BY_NAME
from infra.package import gateway, timers
from infra.package.alarm_making import FIVE_MINUTES, Resources

WIDTH = 24
HEIGHT = 6

Widget = dict[str, Any]
Line = list[Any]

_OURS = "Souk/${Stage}"
_API = ["ApiName", "souk-${Stage}", "Stage", gateway.STAGE]


def _graph(title: str, lines: list[Line], statistic: str = "Sum", **more: Any) -> Widget:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "region": "${AWS::Region}",
            "period": FIVE_MINUTES,
            "stat": statistic,
            "metrics": lines,
            **more,
        },
    }


def _ours(name: str, **dimensions: str) -> Line:
    """Raises KeyError for a metric that is not listed, ValueError for dimensions it is not kept by."""
    if not any(set(one) == dimensions.keys() for one in BY_NAME[name].kept_by):
        raise ValueError(f"{name} is not kept by {sorted(dimensions)}")
    return [_OURS, name, *(word for pair in dimensions.items() for word in pair)]


def alarm_states(names: list[str]) -> Widget:
    start = "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:"
    return {
        "type": "alarm",
        "properties": {"title": "Alarms, urgent ones first", "alarms": [start + name for name in names]},
    }


def api() -> list[Widget]:
    def of(metric: str, **more: str) -> Line:
        return ["AWS/ApiGateway", metric, *_API, more]

    return [
        _graph("Answers", [of("Count"), of("4XXError"), of("5XXError")]),
        _graph("How long, ms", [of("Latency", stat=each) for each in ("p50", "p90", "p99")]),
        _graph(
            "Store calls a request", [[*_ours("store_calls"), {"stat": each}] for each in ("Average", "p99")]
        ),
    ]


def functions(names: Iterable[str]) -> list[Widget]:
    every = list(names)

    def lines(metric: str) -> list[Line]:
        return [
            ["AWS/Lambda", metric, "FunctionName", f"souk-${{Stage}}-{name}", {"label": name}]
            for name in every
        ]

    return [
        _graph("Calls of functions", lines("Invocations")),
        _graph("Errors of functions", lines("Errors") + lines("Throttles")),
        _graph("How long functions take, p99 ms", lines("Duration"), "p99"),
        _graph("At once", lines("ConcurrentExecutions"), "Maximum"),
    ]


def waiting(functions: dict[str, str], resources: Resources) -> list[Widget]:
    """What stands due, undelivered or dead."""
    streams = [
        ["AWS/Lambda", "IteratorAge", "FunctionName", f"souk-${{Stage}}-{functions[logical]}"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
        and (logical := resource["Properties"]["FunctionName"]["Ref"])
    ]
    dead = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", f"${{{logical}.QueueName}}"]
        for logical, resource in resources.items()
        if resource["Type"] == "AWS::SQS::Queue"
    ]
    late = [[*_ours("timer_lateness_seconds", timer=timer), {"label": timer}] for timer in timers.swept_by()]
    failed = [[*_ours("timer_failed", timer=timer), {"label": timer}] for timer in timers.swept_by()]
    return [
        _graph("Lateness of timers, s", late, "Maximum"),
        _graph("Due items that failed", failed),
        _graph("Stream behind, ms", streams, "Maximum"),
        _graph("Dead letters", [*dead, _ours("dead_letters"), _ours("outbox_backlog")], "Maximum"),
    ]


def shop() -> list[Widget]:
    return [
        _graph("Payments", [_ours("payments_succeeded"), _ours("payment_failures")]),
        _graph(
            "For a person to settle",
            [_ours(name) for name in ("payments_parked", "payments_disputed", "orders_stuck")],
        ),
        _graph("Books beside the provider's", [_ours("reconciliation_difference")], "Maximum"),
        _graph("Fights over stock", [_ours("stock_conflicts")]),
    ]


def table() -> list[Widget]:
    def of(metric: str, *operation: str, **more: str) -> Line:
        return ["AWS/DynamoDB", metric, "TableName", "${Table}", *operation, more]

    slow = [
        of("SuccessfulRequestLatency", "Operation", operation, label=operation)
        for operation in ("GetItem", "Query", "UpdateItem", "TransactWriteItems")
    ]
    return [
        _graph("Units", [of("ConsumedReadCapacityUnits"), of("ConsumedWriteCapacityUnits")]),
        _graph("Throttled", [of("ReadThrottleEvents"), of("WriteThrottleEvents")]),
        _graph("How long DynamoDB takes, ms", slow, "Average"),
        _graph("Size, bytes", [_ours("table_size_bytes")], "Maximum", period=3600),
    ]


def others() -> list[Widget]:
    return [
        _graph("Other services given a rest", [_ours("breaker_opened")]),
        _graph("Memory of a process, bytes", [_ours("memory_usage_bytes")], "Maximum"),
        _graph("Store calls under way", [_ours("store_calls_in_flight")], "Maximum"),
        _graph("New accounts", [_ours("user_registrations_total")], period=3600),
    ]


def errors(names: Iterable[str]) -> Widget:
    """Faults of ours by kind, with how often and when last."""
    sources = " | ".join(f"SOURCE '/aws/lambda/souk-${{Stage}}-{name}'" for name in names)
    query = (
        f"{sources} | filter level = 'ERROR' | stats count(*) as times, max(@timestamp) as last "
        "by event, fault, operation, job | sort times desc | limit 20"
    )
    return {
        "type": "log",
        "properties": {"title": "Faults", "region": "${AWS::Region}", "query": query, "view": "table"},
    }


def of_domain(domain: str, operations: list[str]) -> Iterable[Widget]:
    took = [
        [*_ours("request_duration_ms", operation=one, status="2xx"), {"label": one}] for one in operations
    ]
    failed = [[*_ours("requests", operation=one, status="5xx"), {"label": one}] for one in operations]
    refused = [[*_ours("requests", operation=one, status="4xx"), {"label": one}] for one in operations]
    yield _graph(f"{domain}: how long, p99 ms", took, "p99")
    yield _graph(f"{domain}: failed", failed)
    yield _graph(f"{domain}: refused", refused)
