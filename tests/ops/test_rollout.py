"""A new version that fails is taken back: the state that CodeDeploy reads, on an engine that keeps alarms.

The emulator moves no alias by percent and has no CodeDeploy. What CodeDeploy does is documented and not ours: it polls
the alarms of its deployment group, and goes back when one is raised. So what is tried here is all of ours in that: the
template's own alarms, fed with what Lambda would report of a canary that fails, and the group that names them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.account import Account
from infra.package import gateway
from infra.rehearsal.account import emulated

NEW = "8"
FUNCTION = "souk-prod-api"
ERRORS = "AlarmRolloutErrors"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """One for each test: what was reported stays reported."""
    with emulated(tmp_path) as (_, opened):
        yield opened


@pytest.fixture
def alarm(account: Account, final_template: dict[str, Any]) -> Iterator[str]:
    """The template's alarm on the errors of the new version, as CloudFormation would make it."""
    given = final_template["Resources"][ERRORS]["Properties"]
    words = {
        "FunctionName": FUNCTION,
        "Resource": f"{FUNCTION}:{gateway.ALIAS}",
        "ExecutedVersion": NEW,
    }
    cloudwatch = account.client("cloudwatch")
    name = "souk-prod-rollout_errors"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=given["Namespace"],
        MetricName=given["MetricName"],
        Dimensions=[{"Name": one["Name"], "Value": words[one["Name"]]} for one in given["Dimensions"]],
        Statistic=given["Statistic"],
        Period=given["Period"],
        EvaluationPeriods=given["EvaluationPeriods"],
        DatapointsToAlarm=given.get("DatapointsToAlarm", given["EvaluationPeriods"]),
        Threshold=given["Threshold"],
        ComparisonOperator=given["ComparisonOperator"],
        TreatMissingData=given["TreatMissingData"],
    )
    yield name
    cloudwatch.delete_alarms(AlarmNames=[name])


def report_errors(account: Account, errors: int) -> None:
    """What Lambda reports of calls through the alias that the new version answered."""
    dimensions = {
        "FunctionName": FUNCTION,
        "Resource": f"{FUNCTION}:{gateway.ALIAS}",
        "ExecutedVersion": NEW,
    }
    account.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "Errors",
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                "Timestamp": datetime.now(UTC),
                "Value": float(errors),
                "Unit": "Count",
            }
        ],
    )


def state_of(account: Account, alarm: str) -> str:
    described = account.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return str(described[0]["StateValue"])


def goes_back(account: Account, template: dict[str, Any], raised: str) -> bool:
    """What CodeDeploy decides by: one of the group's alarms is in ALARM, and the group goes back on alarms."""
    group = template["Resources"]["RolloutGroup"]["Properties"]
    named = [one["Name"] for one in group["AlarmConfiguration"]["Alarms"]]
    on_alarm = "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    watched = {"Ref": ERRORS} in named and group["AlarmConfiguration"]["Enabled"]
    enabled = group["AutoRollbackConfiguration"]["Enabled"]
    return bool(watched and on_alarm and enabled and state_of(account, raised) == "ALARM")


@pytest.mark.ledger("S4-015")
def test_errors_of_the_new_version_take_it_back(
    account: Account, alarm: str, final_template: dict[str, Any]
) -> None:
    assert not goes_back(account, final_template, alarm)

    report_errors(account, errors=3)

    assert goes_back(account, final_template, alarm)


def test_only_errors_of_the_new_version_count(final_template: dict[str, Any]) -> None:
    """By its dimensions: the emulator's alarms pass over them, so it cannot be tried there."""
    version = next(
        name for name, one in final_template["Resources"].items() if one["Type"] == "AWS::Lambda::Version"
    )
    dimensions = final_template["Resources"][ERRORS]["Properties"]["Dimensions"]

    assert {"Name": "ExecutedVersion", "Value": {"Fn::GetAtt": [version, "Version"]}} in dimensions


def test_a_single_error_of_the_new_version_is_no_reason(
    account: Account, alarm: str, final_template: dict[str, Any]
) -> None:
    report_errors(account, errors=1)

    assert not goes_back(account, final_template, alarm)


def test_the_alias_is_moved_by_that_group_alone(final_template: dict[str, Any]) -> None:
    alias = final_template["Resources"][gateway.ALIAS_ID]

    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"] == {
        "ApplicationName": {"Ref": "Rollout"},
        "DeploymentGroupName": {"Ref": "RolloutGroup"},
    }
