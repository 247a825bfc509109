"""What a change set does to data, and what a stage is told: read without an account."""

from pathlib import Path
from typing import Any

import pytest

from infra.deploy import changes, releases, stages
from infra.deploy.account import NotReady
from infra.package import gateway


@pytest.mark.parametrize(
    ("given", "loses", "might"),
    [
        ({"Action": "Remove", "ResourceType": "AWS::DynamoDB::Table"}, True, False),
        ({"Action": "Modify", "ResourceType": "AWS::S3::Bucket", "Replacement": "True"}, True, False),
        (
            {"Action": "Modify", "ResourceType": "AWS::DynamoDB::Table", "Replacement": "Conditional"},
            False,
            True,
        ),
        ({"Action": "Modify", "ResourceType": "AWS::DynamoDB::Table", "Replacement": "False"}, False, False),
        ({"Action": "Remove", "ResourceType": "AWS::Lambda::Version"}, False, False),
        ({"Action": "Modify", "ResourceType": "AWS::IAM::Role", "Replacement": "True"}, False, False),
    ],
)
def test_what_a_change_does_to_data_is_read_from_the_change_set(
    given: dict[str, str], loses: bool, might: bool
) -> None:
    (change,) = changes.read([{"Type": "Resource", "ResourceChange": {"LogicalResourceId": "It", **given}}])

    assert (change.loses_data, change.might_lose_data) == (loses, might)


def test_the_stacks_own_policy_keeps_what_keeps_data() -> None:
    denied = changes.STACK_POLICY["Statement"][1]

    assert denied["Effect"] == "Deny"
    assert set(denied["Condition"]["StringEquals"]["ResourceType"]) == changes.KEEPS_DATA


def test_a_stage_is_one_of_four_with_a_file_of_texts(tmp_path: Path) -> None:
    assert {path.stem for path in stages.FOLDER.glob("*.json")} == set(stages.STAGES)
    with pytest.raises(NotReady, match="a stage is one of dev, test, staging, prod"):
        stages.parameters("moon", tmp_path)
    (tmp_path / "moon.json").write_text('{"ApiRate": 5}')
    with pytest.raises(NotReady, match="one object of texts"):
        stages.parameters("moon", tmp_path)


def version_of(template: dict[str, Any]) -> str:
    resources = template["Resources"].items()
    return next(str(name) for name, one in resources if one["Type"] == "AWS::Lambda::Version")


def test_another_parameter_is_another_version_behind_the_alias(final_template: dict[str, Any]) -> None:
    """A version is a frozen copy: without a new one the API would go on with the old parameter."""
    quiet = releases.configured(final_template, {"LogLevel": "INFO"})
    again = releases.configured(final_template, {"LogLevel": "INFO"})
    loud = releases.configured(final_template, {"LogLevel": "DEBUG"})

    assert version_of(quiet) == version_of(again) != version_of(loud)
    alias = loud["Resources"][gateway.ALIAS_ID]["Properties"]["FunctionVersion"]
    assert alias == {"Fn::GetAtt": [version_of(loud), "Version"]}
    marks = [
        one["Resources"][gateway.FUNCTION]["Properties"]["Environment"]["Variables"]["SOUK_CONFIGURATION"]
        for one in (quiet, loud)
    ]
    assert marks[0] != marks[1], "Lambda publishes no second version of an unchanged function"
