"""A new version of the API gets a tenth of the calls first; alarms take it back. CodeDeploy moves the alias."""

from __future__ import annotations

from typing import Any

from infra.package import gateway

_BACK = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


def add(resources: dict[str, Any], alarms: list[str]) -> None:
    """Put the alias under CodeDeploy, with the logical ids of the alarms that end a roll-out."""
    resources["Rollout"] = {
        "Type": "AWS::CodeDeploy::Application",
        "Properties": {"ApplicationName": {"Fn::Sub": "souk-${Stage}"}, "ComputePlatform": "Lambda"},
    }
    resources["RolloutRole"] = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "codedeploy.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "Policies": [{"PolicyName": "MoveTheAlias", "PolicyDocument": _policy()}],
        },
    }
    resources["RolloutGroup"] = {
        "Type": "AWS::CodeDeploy::DeploymentGroup",
        "Properties": {
            "ApplicationName": {"Ref": "Rollout"},
            "DeploymentGroupName": {"Fn::Sub": "souk-${Stage}-api"},
            "ServiceRoleArn": {"Fn::GetAtt": ["RolloutRole", "Arn"]},
            "DeploymentConfigName": {"Ref": "RolloutPace"},
            "DeploymentStyle": {
                "DeploymentType": "BLUE_GREEN",
                "DeploymentOption": "WITH_TRAFFIC_CONTROL",
            },
            "AutoRollbackConfiguration": {"Enabled": True, "Events": _BACK},
            "AlarmConfiguration": {
                "Enabled": True,
                "IgnorePollAlarmFailure": False,
                "Alarms": [{"Name": {"Ref": alarm}} for alarm in alarms],
            },
        },
    }
    resources[gateway.ALIAS_ID]["UpdatePolicy"] = {
        "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": {"Ref": "Rollout"},
            "DeploymentGroupName": {"Ref": "RolloutGroup"},
        }
    }


def _policy() -> dict[str, Any]:
    name = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:souk-${Stage}-api"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
                "Resource": [{"Fn::Sub": name}, {"Fn::Sub": f"{name}:*"}],
            },
            {"Effect": "Allow", "Action": ["cloudwatch:DescribeAlarms"], "Resource": "*"},
        ],
    }
