"""The pipeline that ships is one that our own commands can carry out."""

import re
from typing import Any

import pytest
import yaml

from infra.deploy import stages
from infra.package import gateway
from infra.tools.generated import DOCS, ROOT


def test_the_pipeline_checks_then_deploys_with_targets_that_exist() -> None:
    flow = yaml.safe_load((ROOT / "infra" / "pipeline" / "github-actions.yml").read_text(encoding="utf-8"))
    jobs = flow["jobs"]
    commands = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {one for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for one in line.split()}
    for command in (one for every in commands.values() for one in every):
        assert re.fullmatch(r"make [a-z-]+( STAGE=\w+)?( ARGS=--yes)?", command), command
        assert command.split()[1] in targets
    assert commands["check"][0] == "make test"
    for stage, needs in (("staging", "check"), ("prod", "staging")):
        assert stage in stages.STAGES
        assert jobs[stage]["needs"] == needs
        assert commands[stage][0] == f"make deploy STAGE={stage} ARGS=--yes"
        assert jobs[stage]["concurrency"]["cancel-in-progress"] is False
        assert jobs[stage]["environment"] == stage
    assert "AWS_SECRET_ACCESS_KEY" not in str(flow)


@pytest.fixture
def resources(final_template: dict[str, Any]) -> dict[str, Any]:
    """Of the template that CloudFormation is given: what CodeDeploy reads."""
    found: dict[str, Any] = final_template["Resources"]
    return found


@pytest.mark.ledger("S4-015")
def test_a_new_version_takes_over_by_percent(
    resources: dict[str, Any], final_template: dict[str, Any]
) -> None:
    """The alias follows the group, the group follows the stage's pace, and prod's lets a tenth of the calls first."""
    update = resources[gateway.ALIAS_ID]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert update == {"ApplicationName": {"Ref": "Rollout"}, "DeploymentGroupName": {"Ref": "RolloutGroup"}}
    group = resources["RolloutGroup"]["Properties"]
    assert group["DeploymentConfigName"] == {"Ref": "RolloutPace"}
    assert group["DeploymentStyle"]["DeploymentOption"] == "WITH_TRAFFIC_CONTROL"
    pace = stages.parameters("prod")["RolloutPace"]
    assert pace == "CodeDeployDefault.LambdaCanary10Percent15Minutes"
    assert pace in final_template["Parameters"]["RolloutPace"]["AllowedValues"]


@pytest.mark.ledger("S4-015")
def test_a_release_that_goes_wrong_is_taken_back_by_an_alarm_a_failure_or_a_person(
    resources: dict[str, Any],
) -> None:
    group = resources["RolloutGroup"]["Properties"]
    back = group["AutoRollbackConfiguration"]
    assert back["Enabled"] is True
    assert set(back["Events"]) == {
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
        "DEPLOYMENT_STOP_ON_REQUEST",
    }
    alarms = group["AlarmConfiguration"]
    assert (alarms["Enabled"], alarms["IgnorePollAlarmFailure"]) == (True, False)
    assert alarms["Alarms"]
    assert {resources[one["Name"]["Ref"]]["Type"] for one in alarms["Alarms"]} == {"AWS::CloudWatch::Alarm"}
    assert "RolloutPace" in (DOCS / "pipeline.md").read_text(encoding="utf-8")
