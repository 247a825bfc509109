"""The rules of the final template: it keeps each of them, and a fault planted in it breaks the rule meant for it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from infra.package import buckets, rules
from infra.package.rules import complaints

Template = dict[str, Any]
Fault = Callable[[Template], object]

BUCKET = {
    "Type": "AWS::S3::Bucket",
    "DeletionPolicy": "RetainExceptOnCreate",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [{}]},
    },
}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True}}


@pytest.mark.ledger("S0-037", "S0-039", "S1-066")
def test_the_template_keeps_every_rule(final_template: Template) -> None:
    assert complaints(final_template) == []


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def without(name: str, *path: str) -> Fault:
    """The fault of leaving out a property, or the resource itself."""

    def plant(template: Template) -> None:
        holder = template["Resources"]
        for step in (name, *path)[:-1]:
            holder = holder[step]
        del holder[(name, *path)[-1]]

    return plant


def with_(name: str, key: str, value: Any) -> Fault:
    return lambda template: properties(template, name).update({key: value})


def may(role: str, action: str, resource: Any) -> Fault:
    """One statement more in a role's policy."""

    def plant(template: Template) -> None:
        statement = {"Effect": "Allow", "Action": [action], "Resource": resource}
        properties(template, role)["Policies"][0]["PolicyDocument"]["Statement"].append(statement)

    return plant


def bucket(*, without: str = "", policy: bool = True) -> Fault:
    def plant(template: Template) -> None:
        template["Resources"]["Files"] = copy.deepcopy(BUCKET)
        if policy:
            buckets.add_policies(template["Resources"])
        properties(template, "Files").pop(without, None)

    return plant


def asked_for_stage(template: Template) -> None:
    template["Conditions"]["IsProd"] = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


FAULTS: dict[str, tuple[Fault, str]] = {
    "a table without PITR": (
        without("SoukTable", "Properties", "PointInTimeRecoverySpecification"),
        "SoukTable has no point-in-time recovery",
    ),
    "a table without encryption": (
        without("SoukTable", "Properties", "SSESpecification"),
        "SoukTable has no encryption",
    ),
    "a table without TTL": (
        without("SoukTable", "Properties", "TimeToLiveSpecification"),
        "SoukTable has no time to live",
    ),
    "a table without a stream": (
        without("SoukTable", "Properties", "StreamSpecification"),
        "SoukTable has no stream with both images",
    ),
    "an unprotected table": (
        with_("SoukTable", "DeletionProtectionEnabled", False),
        "SoukTable has no deletion protection",
    ),
    "a table that goes": (without("SoukTable", "DeletionPolicy"), "SoukTable goes with the stack"),
    "a queue without dead letters": (
        lambda template: template["Resources"].update(Mails=QUEUE),
        "Mails has no dead letters",
    ),
    "dead letters in the open": (
        without("JobDeadLetters", "Properties", "SqsManagedSseEnabled"),
        "JobDeadLetters is not encrypted",
    ),
    "dead letters dropped early": (
        with_("JobDeadLetters", "MessageRetentionPeriod", 3600),
        "JobDeadLetters drops letters before two weeks are over",
    ),
    "dead letters nobody looks at": (
        without("AlarmQueueDeadLettersStreamDeadLetters"),
        "StreamDeadLetters has no alarm on ApproximateNumberOfMessagesVisible",
    ),
    "a public bucket": (bucket(without="PublicAccessBlockConfiguration"), "Files can be made public"),
    "a bucket in the open": (bucket(without="BucketEncryption"), "Files is not encrypted"),
    "a bucket without TLS": (bucket(policy=False), "Files answers without TLS"),
    "an API without a throttle": (
        without("RestAPIapiStage", "Properties", "MethodSettings"),
        "RestAPIapiStage is not throttled",
    ),
    "an API without traces": (
        with_("RestAPIapiStage", "TracingEnabled", False),
        "RestAPIapiStage is not traced",
    ),
    "an API no web ACL can guard": (
        without("WebAclAssociation"),
        "the API has no web ACL that could be switched on",
    ),
    "an old TLS": (with_("ApiDomain", "SecurityPolicy", "TLS_1_0"), "ApiDomain takes a TLS older than 1.2"),
    "logs for ever": (
        without("TableStreamLogGroup", "Properties", "RetentionInDays"),
        "TableStreamLogGroup is kept for ever",
    ),
    "a stage by name": (asked_for_stage, "the condition IsProd asks for the stage"),
    "a function without an alarm": (
        without("AlarmFunctionErrorsOrderTimeout"),
        "OrderTimeout has no alarm on Errors",
    ),
    "an alarm that tells nobody": (
        without("AlarmFunctionThrottlesApi", "Properties", "AlarmActions"),
        "APIHandler has no alarm on Throttles",
    ),
    "a timer without an alarm": (
        without("AlarmTimerLateStockRelease"),
        "nobody is told when the timer stock_release is late",
    ),
    "a function without memory": (
        without("KycExpiry", "Properties", "MemorySize"),
        "KycExpiry has no MemorySize",
    ),
    "a function on any processor": (
        without("KycExpiry", "Properties", "Architectures"),
        "KycExpiry does not say its architecture",
    ),
    "a job twice at once": (
        without("KycExpiry", "Properties", "ReservedConcurrentExecutions"),
        "KycExpiry may run any number of times at once",
    ),
    "a function nobody traces": (
        without("APIHandler", "Properties", "TracingConfig"),
        "APIHandler is not traced",
    ),
    "a function without a log": (
        without("APIHandlerLogGroup"),
        "APIHandler has no log group of its own",
    ),
    "a tick that fails silently": (
        without("OrderTimeoutEventInvokeConfig"),
        "a tick of OrderTimeout that failed leaves nothing behind",
    ),
    "a stream that stands still": (
        without("TableStreamTableStreamDynamodbEventSource", "Properties", "MaximumRetryAttempts"),
        "TableStreamTableStreamDynamodbEventSource may retry for ever",
    ),
    "a role for two": (
        with_("KycExpiry", "Role", {"Fn::GetAtt": ["OrderTimeoutRole", "Arn"]}),
        "OrderTimeoutRole is shared by 2 functions",
    ),
    "a policy for anything": (may("KycExpiryRole", "dynamodb:*", "x"), "KycExpiryRole may dynamodb:*"),
    "a policy for anywhere": (
        may("KycExpiryRole", "dynamodb:PutItem", "*"),
        "KycExpiryRole may dynamodb:PutItem anywhere",
    ),
    "an alarm without a page": (
        with_("AlarmTableErrors", "AlarmDescription", "look somewhere"),
        "AlarmTableErrors leads to no page",
    ),
    "two alarms of one name": (
        with_(
            "AlarmTableLatencyQuery",
            "AlarmName",
            {"Fn::Sub": "souk-${Stage}-table_latency-TransactWriteItems"},
        ),
        "2 alarms are called souk-${Stage}-table_latency-TransactWriteItems",
    ),
    "alarms by mail in the clear": (
        without("AlarmTopicPolicy"),
        "AlarmTopic takes messages without TLS",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_breaks_its_rule_and_no_other(fault: str, final_template: Template) -> None:
    planted = copy.deepcopy(final_template)
    plant, complaint = FAULTS[fault]
    plant(planted)
    assert complaints(planted) == [complaint]


def test_every_rule_has_a_fault_that_breaks_it(final_template: Template) -> None:
    unbroken = set(rules.ALL)
    for plant, _ in FAULTS.values():
        planted = copy.deepcopy(final_template)
        plant(planted)
        unbroken -= {rule for rule in rules.ALL if list(rule(planted))}
    assert not unbroken


def test_a_bucket_gets_a_policy_that_asks_for_tls(final_template: Template) -> None:
    planted = copy.deepcopy(final_template)
    bucket()(planted)
    assert complaints(planted) == []
