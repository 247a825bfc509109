"""The pipeline that ships is one that our own commands can carry out."""

import re

import pytest
import yaml

from infra.deploy.stages import STAGES
from infra.package import rollout
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


def test_a_release_that_goes_wrong_is_taken_back_as_the_page_says() -> None:
    page = (DOCS / "pipeline.md").read_text(encoding="utf-8")
    assert "RolloutPace" in page
    assert set(rollout._BACK) == {
        "DEPLOYMENT_FAILURE",
        "DEPLOYMENT_STOP_ON_ALARM",
        "DEPLOYMENT_STOP_ON_REQUEST",
    }
