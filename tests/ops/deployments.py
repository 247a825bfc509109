"""Small stacks of the shape of ours, for tests of the script that deploys it."""

import json
import sys
from pathlib import Path
from typing import Any

from infra.deploy import releases
from infra.package.build import Build
from infra.package.bundle import Bundle
from infra.rehearsal.account import rewritten

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    },
}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {}}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
}
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Runtime": "python{}.{}".format(*sys.version_info[:2]),
        "Handler": "index.handler",
        "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "ReservedConcurrentExecutions": {"Fn::If": ["Reserve", 950, {"Ref": "AWS::NoValue"}]},
    },
}


def build_of(folder: Path, **resources: Any) -> Build:
    folder.mkdir(exist_ok=True)
    archive = folder / "souk.zip"
    archive.write_bytes(b"a bundle")
    bundle = Bundle(archive, "0" * 64, 8, 8, 1, {})
    template = {
        "Parameters": {
            "Stage": {"Type": "String"},
            "CodeBucket": {"Type": "String"},
            "ReserveForJobs": {"Type": "String", "Default": "no"},
        },
        "Conditions": {"Reserve": {"Fn::Equals": [{"Ref": "ReserveForJobs"}, "yes"]}},
        "Resources": {"Role": ROLE, "Function": FUNCTION, **resources},
    }
    made = Build("x86_64", bundle, template, folder)
    made.template_path.write_text(json.dumps(template), encoding="utf-8")
    digest = releases.content_id(made.template_path)
    manifest = {
        "version": "1",
        "commit": "abc",
        "code": {"sha256": f"{digest}", "key": made.code_key},
        "template": {"sha256": digest},
    }
    made.manifest_path.write_text(json.dumps(manifest), encoding="utf-8")
    return made


def with_api(folder: Path, text: str, **resources: Any) -> Build:
    """A stack whose outputs name an API and a table; `text` makes its code another one."""
    outputs = {
        "ApiId": {"Value": "none"},
        "ApiUrl": {"Value": "none"},
        "TableName": {"Value": {"Ref": "Table"}},
    }
    made = build_of(folder, Table=TABLE, **resources)
    made.template["Outputs"] = outputs
    function = json.loads(json.dumps(FUNCTION))
    function["Properties"]["Code"]["ZipFile"] = f"def handler(event, context):\n    return {text!r}\n"
    made.template["Resources"]["Function"] = function
    return rewritten(made, made.template, folder)
