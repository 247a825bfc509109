"""The policy of a packaged function: what its code reaches, on exactly the resources the template makes for it."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from typing import Any

from infra.local.template import load
from infra.reach import closure
from infra.reach.actions import ACTIONS, FILE_FOLDERS, READERS
from infra.reach.program import Function, Unreadable, shipped
from infra.reach.uses import Use
from infra.tools import app

Statement = dict[str, Any]
Policy = dict[str, Any]

TABLE = "SoukTable"
BUCKET = "UploadsBucket"
_OUR = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"
_ORDER = ("Table", "Indexes", "Tables", "Settings", "Secrets", "Phones", "Mail", "Files", "Bucket")


def policy(function: str) -> Policy:
    """Of a packaged function, by its name. Raises KeyError, Unreadable."""
    found = [*_asked(function), *_given(function)]
    return {"Version": "2012-10-17", "Statement": found}


def _asked(function: str) -> list[Statement]:
    """What the code itself asks for."""
    names: dict[str, set[str]] = defaultdict(set)
    resources: dict[str, set[str]] = defaultdict(set)
    for use in closure.reach(function).uses:
        for action, sid, resource in granted(function, use):
            names[sid].add(action)
            resources[sid].add(resource)
    return [_statement(sid, names[sid], resources[sid]) for sid in _ORDER if sid in names]


def granted(function: str, use: Use) -> list[tuple[str, str, str]]:
    """(action, statement, resource) of one use by one function. The resource is `Fn::Sub` text.

    Reading a secret is granted for the parameters the function's settings name, and for no others.
    """
    if use.service == "settings":
        return _secrets_of(use.operation)
    if (use.service, use.operation) not in ACTIONS:
        raise Unreadable(
            f"{function} reaches {use.service} {use.operation}: infra/reach/actions.py does not say what IAM calls that"
        )
    found: list[tuple[str, str, str]] = []
    for action in ACTIONS[use.service, use.operation]:
        match action.target:
            case "table" if use.index not in ("", "table"):
                found.append((action.name, "Indexes", f"${{{TABLE}.Arn}}/index/{use.index}"))
            case "table":
                found.append((action.name, "Table", f"${{{TABLE}.Arn}}"))
            case "every table":
                found.append((action.name, "Tables", "*"))
            case "phone":
                found.append((action.name, "Phones", "arn:${AWS::Partition}:sns:*:*:*"))
            case "mail":
                found.append((action.name, "Mail", _OUR % ("ses", "identity/*")))
            case "file":
                found += [(action.name, "Files", f"${{{BUCKET}.Arn}}/{one}/*") for one in FILE_FOLDERS]
            case "bucket":
                found.append((action.name, "Bucket", f"${{{BUCKET}.Arn}}"))
    return found


def _statement(sid: str, actions: set[str], resources: set[str]) -> Statement:
    # A telephone number has no ARN, so whoever may send to one must be allowed "anything": here, anything but a topic.
    word = "NotResource" if sid == "Phones" else "Resource"
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(actions),
        word: [_resource(one) for one in sorted(resources)],
    }


def _resource(text: str) -> Any:
    if text == f"${{{TABLE}.Arn}}":
        return {"Fn::GetAtt": [TABLE, "Arn"]}
    return {"Fn::Sub": text} if "${" in text else text


def _given(function: str) -> list[Statement]:
    """What Lambda does in the function's name: its log, its traces, what feeds it and where its failures go."""
    found: list[Statement] = [
        {
            "Sid": "Log",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::Sub": _OUR % ("logs", f"log-group:/aws/lambda/souk-${{Stage}}-{function}:*")},
        },
        {
            "Sid": "Traces",  # X-Ray knows no resources
            "Effect": "Allow",
            "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "Resource": "*",
        },
    ]
    if function in fed_by_stream():
        found += [
            {
                "Sid": "Stream",
                "Effect": "Allow",
                "Action": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
                "Resource": {"Fn::GetAtt": [TABLE, "StreamArn"]},
            },
            # what Lambda asks for before it polls; the list knows no resources
            {"Sid": "Streams", "Effect": "Allow", "Action": ["dynamodb:ListStreams"], "Resource": "*"},
        ]
    if function != closure.API:
        queue = "StreamDeadLetters" if function in fed_by_stream() else "JobDeadLetters"
        found.append(
            {
                "Sid": "DeadLetters",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Resource": {"Fn::GetAtt": [queue, "Arn"]},
            }
        )
    return found


@cache
def fed_by_stream() -> frozenset[str]:
    return frozenset(
        source.name for source in app.declared().event_sources if type(source).__name__.startswith("DynamoDB")
    )


def _secrets_of(setting: str) -> list[tuple[str, str, str]]:
    """Reading what a setting refers to, as the template gives it to every function; nothing where it gives none."""
    variables = load()["Globals"]["Function"]["Environment"]["Variables"]
    found: list[tuple[str, str, str]] = []
    for text in _texts(variables.get(variable_of(setting), ""), setting):
        scheme, _, name = text.partition(":")
        target = READERS.get(scheme) if name else None
        if target == "parameter":
            found.append(("ssm:GetParameter", "Settings", _OUR % ("ssm", f"parameter/{name.lstrip('/')}")))
        elif target == "secret":
            # Secrets Manager adds six characters of its own to every name
            found.append(
                (
                    "secretsmanager:GetSecretValue",
                    "Secrets",
                    _OUR % ("secretsmanager", f"secret:{name}-??????"),
                )
            )
    return found


def _texts(value: Any, setting: str) -> list[str]:
    """Every text a value of the template may become. Raises Unreadable where only the deployment knows."""
    match value:
        case str():
            return [value]
        case {"Fn::Sub": str(text)}:
            return [text]
        case {"Fn::If": [_, yes, no]}:
            return _texts(yes, setting) + _texts(no, setting)
        case {"Ref": "AWS::NoValue"}:
            return []
    raise Unreadable(f"infra/resources.yaml: the secret of `{setting}` must be named there, not {value}")


@cache
def variable_of(setting: str) -> str:
    """The environment variable that a setting is read from, as `core.settings.read` has it."""
    read = shipped().thing("chalicelib.core.settings.read")
    assert isinstance(read, Function)  # noqa: S101 - a function of ours
    for node in ast.walk(read.node):
        if isinstance(node, ast.keyword) and node.arg == setting and isinstance(node.value, ast.Call):
            for argument in node.value.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    return argument.value
    raise Unreadable(f"chalicelib.core.settings.read: which variable is `{setting}` read from?")
