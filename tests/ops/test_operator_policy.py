"""Whoever deploys may make, change and watch one stage's stack, and nothing beside it."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from infra.deploy import operator
from infra.reach.iam import listed

STAGE = "staging"
READS = ("Describe", "Get", "List", "View", "GET", "Validate", "Filter")

MADE_WITH: dict[str, tuple[str, ...]] = {
    "AWS::ApiGateway::BasePathMapping": ("apigateway:POST", "apigateway:DELETE"),
    "AWS::ApiGateway::Deployment": ("apigateway:POST", "apigateway:DELETE"),
    "AWS::ApiGateway::DomainName": ("apigateway:POST", "apigateway:PATCH"),
    "AWS::ApiGateway::RestApi": ("apigateway:POST", "apigateway:PUT", "apigateway:PATCH"),
    "AWS::ApiGateway::Stage": ("apigateway:POST", "apigateway:PATCH"),
    "AWS::Backup::BackupPlan": ("backup:CreateBackupPlan", "backup:UpdateBackupPlan"),
    "AWS::Backup::BackupSelection": ("backup:CreateBackupSelection", "iam:PassRole"),
    "AWS::Backup::BackupVault": ("backup:CreateBackupVault", "backup-storage:MountCapsule"),
    "AWS::Budgets::Budget": ("budgets:ModifyBudget",),
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
    "AWS::CloudWatch::CompositeAlarm": ("cloudwatch:PutCompositeAlarm",),
    "AWS::CloudWatch::Dashboard": ("cloudwatch:PutDashboard",),
    "AWS::CodeDeploy::Application": ("codedeploy:CreateApplication",),
    "AWS::CodeDeploy::DeploymentGroup": (
        "codedeploy:CreateDeploymentGroup",
        "codedeploy:UpdateDeploymentGroup",
    ),
    "AWS::DynamoDB::Table": (
        "dynamodb:CreateTable",
        "dynamodb:UpdateTable",
        "dynamodb:UpdateContinuousBackups",
    ),
    "AWS::Events::Rule": ("events:PutRule", "events:PutTargets"),
    "AWS::IAM::Role": ("iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"),
    "AWS::Lambda::Alias": ("lambda:CreateAlias", "lambda:UpdateAlias", "codedeploy:CreateDeployment"),
    "AWS::Lambda::EventInvokeConfig": ("lambda:PutFunctionEventInvokeConfig",),
    "AWS::Lambda::EventSourceMapping": ("lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"),
    "AWS::Lambda::Function": ("lambda:CreateFunction", "lambda:UpdateFunctionCode", "iam:PassRole"),
    "AWS::Lambda::Permission": ("lambda:AddPermission", "lambda:RemovePermission"),
    "AWS::Lambda::Version": ("lambda:PublishVersion",),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs:PutRetentionPolicy"),
    "AWS::Logs::QueryDefinition": ("logs:PutQueryDefinition",),
    "AWS::S3::Bucket": ("s3:CreateBucket", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"),
    "AWS::S3::BucketPolicy": ("s3:PutBucketPolicy",),
    "AWS::SNS::Subscription": ("sns:Subscribe",),
    "AWS::SNS::Topic": ("sns:CreateTopic",),
    "AWS::SNS::TopicPolicy": ("sns:SetTopicAttributes",),
    "AWS::SQS::Queue": ("sqs:CreateQueue", "sqs:SetQueueAttributes"),
    "AWS::WAFv2::WebACL": ("wafv2:CreateWebACL", "wafv2:UpdateWebACL"),
    "AWS::WAFv2::WebACLAssociation": ("wafv2:AssociateWebACL", "apigateway:SetWebACL"),
}
"""What CloudFormation asks for each kind of resource, in the deploying person's name: enough to miss none."""


@pytest.fixture(scope="module")
def policy() -> dict[str, Any]:
    return operator.filled("123456789012", "eu-west-1", STAGE)


def allowed(policy: dict[str, Any], action: str) -> list[dict[str, Any]]:
    return [
        one
        for one in policy["Statement"]
        if any(fnmatchcase(action, pattern) for pattern in listed(one["Action"]))
    ]


def test_every_kind_of_resource_in_the_stack_can_be_made(
    policy: dict[str, Any], final_template: dict[str, Any]
) -> None:
    kinds = {one["Type"] for one in final_template["Resources"].values()}
    assert kinds <= MADE_WITH.keys(), "say in MADE_WITH what making it takes"
    missing = {action for kind in kinds for action in MADE_WITH[kind] if not allowed(policy, action)}
    assert not missing


def test_nothing_is_granted_that_no_resource_or_command_of_ours_needs(policy: dict[str, Any]) -> None:
    services = {action.partition(":")[0] for one in policy["Statement"] for action in listed(one["Action"])}
    made = {action.partition(":")[0] for actions in MADE_WITH.values() for action in actions}
    assert services - made == {"cloudformation", "kms", "servicequotas", "ses", "ssm", "sts"}


def test_nothing_is_granted_wholesale(policy: dict[str, Any]) -> None:
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in listed(statement["Action"]):
            verb = action.partition(":")[2]
            assert "*" not in verb.removesuffix("*"), action
            assert not verb.endswith("*") or verb.startswith(READS), action


def test_what_changes_anything_is_bound_to_the_stage(policy: dict[str, Any]) -> None:
    """API Gateway, backup plans and log deliveries carry no name of ours in their ARNs: they are told, not hidden."""
    ours = (f"souk-{STAGE}", f"souk/{STAGE}", "souk-releases-123456789012-eu-west-1", "souk-deploys")
    unbound = {
        statement["Sid"]
        for statement in policy["Statement"]
        if not all(one.partition(":")[2].startswith(READS) for one in listed(statement["Action"]))
        and not all(any(name in one for name in ours) for one in listed(statement["Resource"]))
    }
    assert unbound == {
        *("AccessLogAndQueries", "BackupStorage", "Backups", "Gateway", "Rollout", "StreamMapping", "WebAcl")
    }
    (mapping,) = allowed(policy, "lambda:CreateEventSourceMapping")
    assert mapping["Condition"]["ArnLike"]["lambda:FunctionArn"].endswith(f"function:souk-{STAGE}-*")


@pytest.mark.parametrize(
    "action",
    "dynamodb:DeleteTable dynamodb:DeleteBackup s3:DeleteBucket s3:DeleteObject "
    "ssm:DeleteParameter secretsmanager:GetSecretValue cloudformation:DeleteStack "
    "lambda:InvokeFunction "
    "backup:DeleteBackupVault backup:DeleteRecoveryPoint iam:CreateUser iam:CreateAccessKey sts:AssumeRole "
    "organizations:LeaveOrganization kms:ScheduleKeyDeletion".split(),
)
def test_who_deploys_deletes_no_data(policy: dict[str, Any], action: str) -> None:
    assert not allowed(policy, action)


def test_a_role_is_handed_to_the_services_that_take_ours_and_to_no_other(policy: dict[str, Any]) -> None:
    (statement,) = allowed(policy, "iam:PassRole")
    assert statement["Resource"] == [f"arn:aws:iam::123456789012:role/souk-{STAGE}-*"]
    assert statement["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "backup.amazonaws.com",
        "codedeploy.amazonaws.com",
        "lambda.amazonaws.com",
    ]


def test_the_policy_fits_into_a_role_and_leaves_no_place_open(policy: dict[str, Any]) -> None:
    text = json.dumps(policy, separators=(",", ":"))
    assert len(text) <= operator.MOST_BYTES
    for place in ("ACCOUNT", "REGION", "STAGE"):
        assert place not in text
    china = json.dumps(operator.filled("1" * 12, "cn-north-1", "prod", "aws-cn"))
    assert "arn:aws:" not in china


ASKED_BY_THE_SCRIPTS = {
    "keys": ("ssm:GetParameter", "ssm:PutParameter"),
    "lock": ("dynamodb:CreateTable", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"),
    "preflight": (
        *("sts:GetCallerIdentity", "lambda:GetAccountSettings", "lambda:ListFunctions"),
        *("lambda:GetFunctionConcurrency", "ses:GetEmailIdentity", "cloudformation:DescribeStacks"),
    ),
    "releases": ("s3:CreateBucket", "s3:PutObject", "s3:GetObject", "s3:ListBucket"),
    "stack": (
        *(
            "cloudformation:CreateChangeSet",
            "cloudformation:ExecuteChangeSet",
            "cloudformation:SetStackPolicy",
        ),
        "cloudformation:UpdateTerminationProtection",
    ),
    "backup": ("dynamodb:CreateBackup",),
    "migrations": ("dynamodb:Scan", "dynamodb:UpdateItem", "dynamodb:DescribeTable"),
    "status": ("lambda:GetAlias", "cloudwatch:DescribeAlarms", "sqs:ListQueues", "sqs:GetQueueAttributes"),
    "logs": ("logs:DescribeLogGroups", "logs:FilterLogEvents"),
}


@pytest.mark.parametrize("step", ASKED_BY_THE_SCRIPTS)
def test_what_the_scripts_ask_themselves_is_granted(policy: dict[str, Any], step: str) -> None:
    missing = [action for action in ASKED_BY_THE_SCRIPTS[step] if not allowed(policy, action)]
    assert not missing
