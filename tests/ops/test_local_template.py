"""The table made locally is the table of the template."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local import clients, template
from infra.local.emulator import Emulator
from infra.local.intrinsics import NotKnownHere, resolve

TABLE = "souk-template"
PROPERTIES = template.load()["Resources"]["SoukTable"]["Properties"]


@pytest.fixture(scope="module", params=["moto", pytest.param("emulator", marks=pytest.mark.emulator)])
def dynamodb(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of an engine on which the table was just made."""
    if request.param == "moto":
        with mock_aws():
            client = boto3.client("dynamodb", region_name=clients.REGION)
            template.create_table(client, TABLE)
            yield client
    else:
        emulator: Emulator = request.getfixturevalue("emulator")
        client = clients.dynamodb(emulator.endpoint)
        template.create_table(client, TABLE)
        yield client


def test_keys_and_indexes_are_the_templates(dynamodb: Any) -> None:
    made = dynamodb.describe_table(TableName=TABLE)["Table"]
    indexes = {
        index["IndexName"]: (index["KeySchema"], index["Projection"])
        for index in made["GlobalSecondaryIndexes"]
    }
    assert made["KeySchema"] == PROPERTIES["KeySchema"]
    assert indexes == {
        index["IndexName"]: (index["KeySchema"], index["Projection"])
        for index in PROPERTIES["GlobalSecondaryIndexes"]
    }


def test_the_stream_carries_both_images(dynamodb: Any) -> None:
    made = dynamodb.describe_table(TableName=TABLE)["Table"]
    assert made["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert TABLE in made["LatestStreamArn"]


def test_expiry_backups_and_protection_are_switched_on(dynamodb: Any) -> None:
    expiry = dynamodb.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    made = dynamodb.describe_table(TableName=TABLE)["Table"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert made["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert made["SSEDescription"]["Status"] == "ENABLED"
    assert made["DeletionProtectionEnabled"] is True


def test_a_property_nobody_translated_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = template.load()
    changed["Resources"]["SoukTable"]["Properties"]["Surprise"] = 1
    monkeypatch.setattr(template, "load", lambda: changed)
    with mock_aws(), pytest.raises(ValueError, match="does not know the property Surprise of SoukTable"):
        template.create_table(boto3.client("dynamodb", region_name=clients.REGION), TABLE)


def test_what_only_a_stack_could_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = template.load()
    changed["Resources"]["SoukTable"]["Properties"]["DeletionProtectionEnabled"] = {"Fn::GetAtt": ["X", "Y"]}
    monkeypatch.setattr(template, "load", lambda: changed)
    with mock_aws(), pytest.raises(NotKnownHere, match="Fn::GetAtt"):
        template.create_table(boto3.client("dynamodb", region_name=clients.REGION), TABLE)


@pytest.mark.parametrize(("given", "protected"), [({}, True), ({"DeletionProtection": "no"}, False)])
def test_a_choice_follows_its_parameter(given: dict[str, str], protected: bool) -> None:
    resolved = resolve(PROPERTIES, template.load(), given)
    assert resolved["DeletionProtectionEnabled"] is protected
    assert resolved["KeySchema"] == PROPERTIES["KeySchema"]


def test_a_choice_of_nothing_leaves_nothing() -> None:
    whole = {"Parameters": {"P": {"Default": "a"}}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "a"]}}}
    part = {"X": {"Fn::If": ["C", {"Ref": "AWS::NoValue"}, 1]}, "Y": {"Fn::If": ["C", [{"Ref": "P"}], 1]}}
    assert resolve(part, whole) == {"Y": ["a"]}
    assert resolve(part, whole, {"P": "b"}) == {"X": 1, "Y": 1}


def test_short_tags_are_read_as_the_long_form(tmp_path: Any) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("[!Ref A, !GetAtt B.Arn.X, !Sub '${A}-x', !If [C, 1, 2], !Sub {a: !Ref B}]")
    loaded: Any = template.load(file)
    assert loaded == [
        {"Ref": "A"},
        {"Fn::GetAtt": ["B", "Arn.X"]},
        {"Fn::Sub": "${A}-x"},
        {"Fn::If": ["C", 1, 2]},
        {"Fn::Sub": {"a": {"Ref": "B"}}},
    ]
