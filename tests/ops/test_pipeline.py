"""The pipeline that ships is one that our own commands can carry out."""

import re
from typing import Any

import pytest
import yaml

from infra.deploy.stages import STAGES
from infra.package import gateway, rollout
from infra.tools.generated import DOCS, ROOT


@pytest.mark.ledger("S2-005")
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
        assert stage in STAGES
        assert jobs[stage]["needs"] == needs
        assert commands[stage][0] == f"make deploy STAGE={stage} ARGS=--yes"
        assert jobs[stage]["concurrency"]["cancel-in-progress"] is False
        assert jobs[stage]["environment"] == stage
    assert "AWS_SECRET_ACCESS_KEY" not in str(flow)


@pytest.fixture
def resources() -> dict[str, Any]:
    """The alias as SAM leaves it, put under the roll-out with two alarms."""
    made: dict[str, Any] = {gateway.ALIAS_ID: {"Type": "AWS::Lambda::Alias", "Properties": {}}}
    rollout.add(made, ["RolloutErrorsAlarm", "RolloutDurationAlarm"])
    return made


@pytest.mark.ledger("S4-015")
def test_a_new_version_takes_over_by_percent(resources: dict[str, Any]) -> None:
    """What CodeDeploy reads: the alias follows the group, the group follows the stage's pace, a tenth first."""
    update = resources[gateway.ALIAS_ID]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert update == {"ApplicationName": {"Ref": "Rollout"}, "DeploymentGroupName": {"Ref": "RolloutGroup"}}
    group = resources["RolloutGroup"]["Properties"]
    assert group["DeploymentConfigName"] == {"Ref": "RolloutPace"}
    assert group["DeploymentStyle"]["DeploymentOption"] == "WITH_TRAFFIC_CONTROL"
    template = (ROOT / "infra" / "resources.yaml").read_text(encoding="utf-8")
    pace = (
        template.partition("  RolloutPace:")[2].partition("\n  ")[0] + template.partition("RolloutPace:")[2]
    )
    assert "CodeDeployDefault.LambdaCanary10Percent15Minutes" in pace.partition("Description")[0]


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
    assert alarms["Alarms"] == [
        {"Name": {"Ref": "RolloutErrorsAlarm"}},
        {"Name": {"Ref": "RolloutDurationAlarm"}},
    ]
    allowed = {
        action
        for statement in resources["RolloutRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    assert {"lambda:UpdateAlias", "cloudwatch:DescribeAlarms"} <= allowed
    assert "RolloutPace" in (DOCS / "pipeline.md").read_text(encoding="utf-8")
