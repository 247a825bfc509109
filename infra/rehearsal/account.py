"""An account to rehearse in: the emulator, and what of the template it cannot make."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy import releases
from infra.deploy.account import Account, open_account
from infra.local import clients
from infra.local.emulator import Emulator
from infra.package.build import Build

SERVICES = (
    *("apigateway", "backup", "budgets", "cloudformation", "cloudwatch", "dynamodb", "dynamodbstreams"),
    *("events", "iam", "lambda", "logs", "monitoring", "s3", "secretsmanager", "ses"),
    *("sns", "sqs", "ssm", "sts", "wafv2"),
)
_UNKNOWN = re.compile(r"Unrecognized resource types: \[([^]]*)\]")


@contextlib.contextmanager
def emulated(folder: Path) -> Iterator[tuple[Emulator, Account]]:
    """An empty account that ends with the block. The scripts find it as they would find a real one."""
    kept = dict(os.environ)
    with Emulator(services=SERVICES, folder=folder) as emulator:
        for name in [name for name in os.environ if name.startswith(("AWS_", "SOUK_"))]:
            del os.environ[name]
        os.environ.update(
            {
                "AWS_ACCESS_KEY_ID": clients.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": clients.SECRET_KEY,
                "AWS_REGION": clients.REGION,
                "AWS_DEFAULT_REGION": clients.REGION,
                "AWS_ENDPOINT_URL": emulator.endpoint,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "NO_PROXY": "127.0.0.1,localhost",
                "no_proxy": "127.0.0.1,localhost",
            }
        )
        try:
            yield emulator, open_account()
        finally:
            os.environ.clear()
            os.environ.update(kept)


def adapted(
    account: Account, made: Build, parameters: dict[str, str], folder: Path
) -> tuple[Build, list[str]]:
    """The build with only those resources that the emulator knows; and which types had to go.

    It says itself which it does not know, so the list cannot grow old here.
    """
    template = copy.deepcopy(made.template)
    unknown = _unknown_types(account, template, parameters)
    kept = {
        name: resource for name, resource in template["Resources"].items() if resource["Type"] not in unknown
    }
    for resource in kept.values():
        policy = resource.get("UpdatePolicy", {})
        if "CodeDeployLambdaAliasUpdate" in policy and "AWS::CodeDeploy::DeploymentGroup" in unknown:
            del resource["UpdatePolicy"]
    template["Resources"] = kept
    return rewritten(made, template, folder), unknown


def rewritten(made: Build, template: dict[str, Any], folder: Path) -> Build:
    """The same bundle with another template, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    other = replace(made, template=template, folder=folder)
    other.template_path.write_text(json.dumps(template, sort_keys=True), encoding="utf-8")
    manifest = json.loads(made.manifest_path.read_text(encoding="utf-8"))
    manifest["template"]["sha256"] = releases.content_id(other.template_path)
    manifest["code"].update(key=other.code_key, sha256=other.bundle.sha256)
    other.manifest_path.write_text(json.dumps(manifest), encoding="utf-8")
    return other


def _unknown_types(account: Account, template: dict[str, Any], parameters: dict[str, str]) -> list[str]:
    """Asks for a change set that is never carried out."""
    bucket = releases.ensure_bucket(account)
    account.client("s3").put_object(Bucket=bucket, Key="probe.json", Body=json.dumps(template).encode())
    client = account.client("cloudformation")
    try:
        client.create_change_set(
            StackName="souk-probe",
            ChangeSetName="probe",
            ChangeSetType="CREATE",
            TemplateURL=account.object_url(bucket, "probe.json"),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
    except ClientError as error:
        found = _UNKNOWN.search(str(error))
        if found is None:
            raise
        return [kind.strip() for kind in found.group(1).split(",")]
    client.delete_stack(StackName="souk-probe")
    return []
