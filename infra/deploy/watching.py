"""What a stage is doing: its state at a glance, and its log lines, joined over all functions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.store.client import error_code
from infra.deploy import releases, stages
from infra.deploy.account import Account
from infra.deploy.stack import Stack
from infra.package import gateway

Tell = Callable[[str], None]
_RELEASES_SHOWN = 5
_FOLLOW_SECONDS = 2.0


def status(account: Account, stage: str, tell: Tell) -> bool:
    """Show the stage. Answers whether all is well: the stack at rest, no alarm, no dead letter."""
    stack = Stack(account, stages.stack_name(stage))
    state = stack.status
    tell(f"stack     {stack.name}: {state or 'there is none'}")
    if not state:
        return False
    outputs = stack.outputs()
    tell(f"api       {account.api_url(outputs)}")
    tell(f"table     {outputs.get('TableName', '')}")
    well = [state.endswith("COMPLETE") and "ROLLBACK" not in state, _alias(account, stage, tell)]
    well += [_alarms(account, stage, tell), _dead_letters(account, stack.name, tell)]
    for release in releases.listed(account, stage)[:_RELEASES_SHOWN]:
        tell(f"release   {release.id}  {release.outcome:12} version {release.version} {release.commit}")
    return all(well)


def _alias(account: Account, stage: str, tell: Tell) -> bool:
    alias = account.client("lambda").get_alias(
        FunctionName=f"souk-{stage}-{gateway.FUNCTION_NAME}", Name=gateway.ALIAS
    )
    others = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    shares = "".join(f", {weight:.0%} to version {version}" for version, weight in others.items())
    tell(f"api       version {alias['FunctionVersion']}{shares}")
    return True


def _alarms(account: Account, stage: str, tell: Tell) -> bool:
    raised = []
    pages = account.client("cloudwatch").get_paginator("describe_alarms")
    for page in pages.paginate(AlarmNamePrefix=f"souk-{stage}-", StateValue="ALARM"):
        raised += [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
    for alarm in raised:
        tell(f"ALARM     {alarm['AlarmName']}: {alarm.get('StateReason', '')[:160]}")
    if not raised:
        tell("alarms    none is raised")
    return not raised


def _dead_letters(account: Account, stack_name: str, tell: Tell) -> bool:
    """Messages in the queues where failures end."""
    sqs, found = account.client("sqs"), 0
    for url in sqs.list_queues(QueueNamePrefix=f"{stack_name}-").get("QueueUrls", []):
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        number = int(answer["Attributes"]["ApproximateNumberOfMessages"])
        if number:
            tell(f"queue     {url.rpartition('/')[2]} holds {number}")
        found += number
    return not found


def logs(
    account: Account, stage: str, tell: Tell, *, minutes: int, request_id: str, level: str, follow: bool
) -> set[str]:
    """Show the lines of all functions in the order of time. Answers which functions had some."""
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    spoke: set[str] = set()
    seen: set[str] = set()
    while True:
        lines = _lines(account, stage, since, request_id, level)
        for line in sorted(lines, key=lambda one: int(one["timestamp"])):
            said = f"{line['function']:15} {line['message'].rstrip()}"
            # the emulator gives its events no id of their own
            identity = str(line.get("eventId") or (line["timestamp"], said))
            if identity not in seen:
                seen.add(identity)
                tell(said)
                spoke.add(str(line["function"]))
        if not follow:
            return spoke
        time.sleep(_FOLLOW_SECONDS)
        since = datetime.now(UTC) - timedelta(minutes=1)


def _pattern(request_id: str, level: str) -> str:
    """CloudWatch's filter for our JSON lines."""
    asked = {"request_id": request_id, "level": level}
    terms = [f"$.{name} = {json.dumps(value)}" for name, value in asked.items() if value]
    return "{ " + " && ".join(terms) + " }" if terms else ""


def _is_asked_for(request_id: str, level: str) -> Callable[[dict[str, Any]], bool]:
    """The same once more, here: an emulator takes no pattern, and the metrics' lines have no level."""
    words = [f'"{word}"' for word in (request_id, level) if word]
    return lambda event: all(word in event["message"] for word in words)


def _lines(
    account: Account, stage: str, since: datetime, request_id: str, level: str
) -> Iterator[dict[str, Any]]:
    pattern = _pattern(request_id, level)
    client, prefix = account.client("logs"), f"/aws/lambda/souk-{stage}-"
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        for group in page["logGroups"]:
            asked: dict[str, Any] = {
                "logGroupName": group["logGroupName"],
                "startTime": int(since.timestamp() * 1000),
                **({"filterPattern": pattern} if pattern else {}),
            }
            try:
                for found in client.get_paginator("filter_log_events").paginate(**asked):
                    for event in filter(_is_asked_for(request_id, level), found["events"]):
                        yield {**event, "function": group["logGroupName"].removeprefix(prefix)}
            except ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise
