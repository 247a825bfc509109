"""In the template that is deployed: one role a function, taken on by Lambda alone, and no way in but the one meant."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.package import gateway
from infra.reach import closure, iam
from tests.permitted import policy_of

Resources = dict[str, Any]


@pytest.fixture(scope="module")
def resources(final_template: dict[str, Any]) -> Resources:
    found: Resources = final_template["Resources"]
    return found


def of_type(resources: Resources, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, one["Properties"]) for name, one in resources.items() if one["Type"] == kind)


def functions(resources: Resources) -> dict[str, dict[str, Any]]:
    """Name without the stage → the function's properties."""
    return {
        one["FunctionName"]["Fn::Sub"].removeprefix("souk-${Stage}-"): one
        for _, one in of_type(resources, "AWS::Lambda::Function")
    }


def role_of(function: dict[str, Any]) -> str:
    name: str = function["Role"]["Fn::GetAtt"][0]
    return name


def test_no_two_functions_share_a_role(resources: Resources) -> None:
    packaged = functions(resources)
    assert packaged.keys() == set(closure.ways_in())
    roles = [role_of(one) for one in packaged.values()]
    assert len(set(roles)) == len(roles)


@pytest.mark.parametrize("name", closure.ways_in())
def test_a_function_has_the_policy_that_was_reviewed_and_nothing_beside_it(
    resources: Resources, name: str
) -> None:
    role = resources[role_of(functions(resources)[name])]["Properties"]
    assert not role.get("ManagedPolicyArns")
    (only,) = role["Policies"]
    assert iam.differences(decided(only["PolicyDocument"], yes=False), policy_of(name)) == []
    otherwise = iam.grants(decided(only["PolicyDocument"], yes=True))
    assert sorted(one.action for one in otherwise) == sorted(
        one.action for one in iam.grants(policy_of(name))
    )


def decided(part: Any, *, yes: bool) -> Any:
    """A part of the template with every choice in it made one way: which of two tables is in use, for one."""
    match part:
        case {"Fn::If": [_, chosen, otherwise]}:
            return decided(chosen if yes else otherwise, yes=yes)
        case dict():
            return {name: decided(one, yes=yes) for name, one in part.items()}
        case list():
            return [decided(one, yes=yes) for one in part]
    return part


def test_a_functions_role_is_taken_on_by_lambda_in_this_account_and_by_nobody_else(
    resources: Resources,
) -> None:
    for name, function in functions(resources).items():
        document = resources[role_of(function)]["Properties"]["AssumeRolePolicyDocument"]
        (statement,) = document["Statement"]
        assert statement == {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        }, name


def test_who_may_run_a_function_is_its_own_rule_or_the_gateway(resources: Resources) -> None:
    rules = {
        rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]: name
        for name, rule in of_type(resources, "AWS::Events::Rule")
    }
    for name, permission in of_type(resources, "AWS::Lambda::Permission"):
        assert permission["Action"] == "lambda:InvokeFunction", name
        target = permission["FunctionName"]["Ref"]
        if permission["Principal"] == "apigateway.amazonaws.com":
            assert target == gateway.ALIAS_ID, "past the alias a roll-out has no say"
            text, names = permission["SourceArn"]["Fn::Sub"]
            assert "execute-api" in text
            assert names == {"RestAPIId": {"Ref": gateway.API}}
        else:
            assert permission["Principal"] == "events.amazonaws.com", name
            assert permission["SourceArn"] == {"Fn::GetAtt": [rules[target], "Arn"]}, name


def test_each_schedule_starts_one_function(resources: Resources) -> None:
    for name, rule in of_type(resources, "AWS::Events::Rule"):
        assert len(rule["Targets"]) == 1, name
    targets = [
        rule["Targets"][0]["Arn"]["Fn::GetAtt"][0] for _, rule in of_type(resources, "AWS::Events::Rule")
    ]
    assert len(set(targets)) == len(targets)


def test_the_stream_feeds_one_function(resources: Resources) -> None:
    fed = [one["FunctionName"] for _, one in of_type(resources, "AWS::Lambda::EventSourceMapping")]
    assert fed == [{"Ref": "TableStream"}]


def test_every_function_is_told_how_much_it_may_take(resources: Resources) -> None:
    """A job is never longer than its tick, and the API never longer than the gateway waits."""
    for name, function in functions(resources).items():
        assert 128 <= function["MemorySize"] <= 1024, name
        assert 1 <= function["Timeout"] <= (29 if name == closure.API else 60), name
        if name != closure.API:
            reserved = decided(function["ReservedConcurrentExecutions"], yes=True)
            assert 1 <= reserved <= 10, name
