"""Rules that the final template keeps, whatever is added to it. Each answers complaints; none means it holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from infra.package import function_rules
from infra.package.reading import Resource, Template, of_type

Rule = Callable[[Template], Iterator[str]]

_RETAINED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
"""What a creation that failed had just made is empty, and would stand in the way of the next try by its name."""
_PRIVATE = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_FOURTEEN_DAYS = 14 * 86400


def tables_are_kept_and_sealed(template: Template) -> Iterator[str]:
    for name, table in of_type(template, "AWS::DynamoDB::Table"):
        properties = table["Properties"]
        restorable = properties.get("PointInTimeRecoverySpecification", {})
        stream = properties.get("StreamSpecification", {})
        protected = properties.get("DeletionProtectionEnabled")
        for holds, what in (
            (restorable.get("PointInTimeRecoveryEnabled") is True, "point-in-time recovery"),
            (properties.get("SSESpecification", {}).get("SSEEnabled") is True, "encryption"),
            (properties.get("TimeToLiveSpecification", {}).get("Enabled") is True, "time to live"),
            (stream.get("StreamViewType") == "NEW_AND_OLD_IMAGES", "stream with both images"),
            (protected in (True, {"Fn::If": ["IsTableProtected", True, False]}), "deletion protection"),
        ):
            if not holds:
                yield f"{name} has no {what}"
        yield from _retained(name, table)


def _retained(name: str, resource: Resource) -> Iterator[str]:
    if any(resource.get(policy) != kept for policy, kept in _RETAINED.items()):
        yield f"{name} goes with the stack"


def queues_have_dead_letters(template: Template) -> Iterator[str]:
    """A queue of dead letters is named so, keeps them as long as SQS does, and two alarms look at it."""
    for name, queue in of_type(template, "AWS::SQS::Queue"):
        properties = queue["Properties"]
        if not (properties.get("SqsManagedSseEnabled") or properties.get("KmsMasterKeyId")):
            yield f"{name} is not encrypted"
        if not name.endswith("DeadLetters"):
            if "deadLetterTargetArn" not in properties.get("RedrivePolicy", {}):
                yield f"{name} has no dead letters"
            continue
        if properties.get("MessageRetentionPeriod") != _FOURTEEN_DAYS:
            yield f"{name} drops letters before two weeks are over"
        for metric in ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"):
            if not function_rules.has_alarm(template, metric, {"Fn::GetAtt": [name, "QueueName"]}):
                yield f"{name} has no alarm on {metric}"


def buckets_are_private(template: Template) -> Iterator[str]:
    for name, bucket in of_type(template, "AWS::S3::Bucket"):
        properties = bucket["Properties"]
        blocked = properties.get("PublicAccessBlockConfiguration", {})
        if not all(blocked.get(one) is True for one in _PRIVATE):
            yield f"{name} can be made public"
        if not properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration"):
            yield f"{name} is not encrypted"
        if not any(_asks_for_tls(policy, name) for _, policy in of_type(template, "AWS::S3::BucketPolicy")):
            yield f"{name} answers without TLS"
        yield from _retained(name, bucket)


def _asks_for_tls(policy: Resource, bucket: str) -> bool:
    """Whether it denies everybody everything in this bucket that does not come over TLS."""
    properties = policy["Properties"]
    return properties["Bucket"] == {"Ref": bucket} and any(
        statement["Effect"] == "Deny"
        and statement["Action"] in ("s3:*", ["s3:*"])
        and statement["Principal"] in ("*", {"AWS": "*"})
        and str(statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")).lower() == "false"
        for statement in properties["PolicyDocument"]["Statement"]
    )


def the_api_is_throttled_and_traced(template: Template) -> Iterator[str]:
    stages = of_type(template, "AWS::ApiGateway::Stage")
    for name, stage in stages:
        properties = stage["Properties"]
        if properties.get("TracingEnabled") is not True:
            yield f"{name} is not traced"
        if not any(
            (one["ResourcePath"], one["HttpMethod"]) == ("/*", "*")
            and "ThrottlingRateLimit" in one
            and "ThrottlingBurstLimit" in one
            for one in properties.get("MethodSettings", [])
        ):
            yield f"{name} is not throttled"
        if "AccessLogSetting" not in properties:
            yield f"{name} cannot log what it answers by itself"
    for name, deployment in of_type(template, "AWS::ApiGateway::Deployment"):
        if "StageName" in deployment["Properties"]:
            yield f"{name} makes a stage of its own, which nothing throttles or guards"
    if len(of_type(template, "AWS::WAFv2::WebACLAssociation")) < len(stages):
        yield "the API has no web ACL that could be switched on"


def the_api_speaks_tls(template: Template) -> Iterator[str]:
    """API Gateway has no plain HTTP; an own host could still take an old TLS, and an answer forget HSTS."""
    for name, domain in of_type(template, "AWS::ApiGateway::DomainName"):
        if domain["Properties"].get("SecurityPolicy") != "TLS_1_2":
            yield f"{name} takes a TLS older than 1.2"
    for name, api in of_type(template, "AWS::ApiGateway::RestApi"):
        body = api["Properties"]["Body"]
        if set(body["schemes"]) != {"https"}:
            yield f"{name} names a scheme beside https"
        for kind, answer in body["x-amazon-apigateway-gateway-responses"].items():
            if "gatewayresponse.header.Strict-Transport-Security" not in answer["responseParameters"]:
                yield f"{name} answers {kind} without HSTS"


def logs_end_and_stay(template: Template) -> Iterator[str]:
    for name, group in of_type(template, "AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group["Properties"]:
            yield f"{name} is kept for ever"
        yield from _retained(name, group)


def stages_differ_in_parameters_alone(template: Template) -> Iterator[str]:
    """No condition asks which stage it is, so what differs can be read in infra/stages."""
    for name, condition in template["Conditions"].items():
        if '"Stage"' in json.dumps(condition):
            yield f"the condition {name} asks for the stage"
    if template.get("Mappings"):
        yield "there are mappings"


def whoever_is_told_can_be_told(template: Template) -> Iterator[str]:
    for name, topic in of_type(template, "AWS::SNS::Topic"):
        del topic
        policies: list[Any] = [
            one["Properties"]
            for _, one in of_type(template, "AWS::SNS::TopicPolicy")
            if {"Ref": name} in one["Properties"]["Topics"]
        ]
        if "aws:SecureTransport" not in json.dumps(policies):
            yield f"{name} takes messages without TLS"


ALL: tuple[Rule, ...] = (
    tables_are_kept_and_sealed,
    queues_have_dead_letters,
    buckets_are_private,
    the_api_is_throttled_and_traced,
    the_api_speaks_tls,
    logs_end_and_stay,
    stages_differ_in_parameters_alone,
    whoever_is_told_can_be_told,
    *function_rules.ALL,
)


def complaints(template: Template) -> list[str]:
    """What is wrong with the template, by every rule."""
    return [one for rule in ALL for one in rule(template)]


def billed_alarms(template: Template) -> tuple[int, int]:
    """How many metrics its alarms look at, each billed as one alarm, and how many alarms are composite."""
    single = [alarm["Properties"] for _, alarm in of_type(template, "AWS::CloudWatch::Alarm")]
    looked_at = sum(len(one["Metrics"]) - 1 if "Metrics" in one else 1 for one in single)
    return looked_at, len(of_type(template, "AWS::CloudWatch::CompositeAlarm"))
