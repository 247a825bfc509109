"""What was deployed, and when: kept in a bucket of the account, so that anyone who may deploy can also go back.

code/<sha256>.zip               a bundle
templates/<sha256>.json         a template
releases/<stage>/<id>.json      one deployment: both of them, the parameters, the backup made before it
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.store.client import error_code
from infra.deploy.account import Account, NotReady
from infra.package import functions
from infra.package.build import Build

OUTCOMES = ("started", "done", "failed", "rolled back")


@dataclass(frozen=True, slots=True)
class Release:
    id: str
    """Sorts by time."""
    stage: str
    version: str
    commit: str
    code_key: str
    template_key: str
    parameters: dict[str, str]
    backup: str
    """The address of the backup made before; empty at a first deployment."""
    by: str
    outcome: str = "started"

    @property
    def key(self) -> str:
        return f"releases/{self.stage}/{self.id}.json"


def bucket_name(account: Account) -> str:
    return f"souk-releases-{account.id}-{account.region}"


def ensure_bucket(account: Account) -> str:
    """Make the bucket where there is none: private, encrypted, every version kept."""
    s3, name = account.client("s3"), bucket_name(account)
    place = (
        {}
        if account.region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    )
    try:
        s3.create_bucket(Bucket=name, **place)
    except ClientError as error:
        if error_code(error) != "BucketAlreadyOwnedByYou":
            raise NotReady(f"the bucket {name} cannot be made or used: {error_code(error)}") from None
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    return name


def upload(account: Account, made: Build, parameters: dict[str, str]) -> tuple[str, str]:
    """The bundle and its template for these parameters, each where its content says. Answers both keys."""
    template = json.dumps(configured(made.template, parameters), sort_keys=True).encode()
    template_key = f"templates/{hashlib.sha256(template).hexdigest()}.json"
    _put(account, made.code_key, made.bundle.path.read_bytes())
    _put(account, template_key, template)
    return made.code_key, template_key


def configured(template: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """The template with a version of its own for each configuration of the function behind the alias.

    A version is a frozen copy, environment and all, and the alias shows one: with another parameter and the same code
    CloudFormation would change the function, publish nothing, and the API would go on as it was. Lambda, in turn,
    publishes no second version of an unchanged function, so the mark stands in its environment too.
    """
    text = json.dumps(template, sort_keys=True)
    versions = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::Lambda::Version"]
    for version in versions:
        function = template["Resources"][version]["Properties"]["FunctionName"]["Ref"]
        about = json.dumps([template["Resources"][function]["Properties"], parameters], sort_keys=True)
        mark = hashlib.sha256(about.encode()).hexdigest()[:10]
        marked = json.loads(text.replace(version, f"{functions.version_stem(version)}{mark}"))
        environment = marked["Resources"][function]["Properties"].setdefault("Environment", {})
        environment.setdefault("Variables", {})["SOUK_CONFIGURATION"] = mark
        text = json.dumps(marked, sort_keys=True)
    finished: dict[str, Any] = json.loads(text)
    return finished


def content_id(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _put(account: Account, key: str, body: bytes) -> None:
    s3, name = account.client("s3"), bucket_name(account)
    try:
        s3.head_object(Bucket=name, Key=key)
    except ClientError:
        s3.put_object(Bucket=name, Key=key, Body=body)


def begin(account: Account, stage: str, made: dict[str, Any], **known: Any) -> Release:
    """Write down that a deployment starts. `made` is the build's manifest."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
    release = Release(
        id=f"{stamp}-{made['code']['sha256'][:8]}",
        stage=stage,
        version=made["version"],
        commit=made["commit"],
        by=account.arn,
        **known,
    )
    _write(account, release)
    return release


def close(account: Account, release: Release, outcome: str) -> Release:
    closed = replace(release, outcome=outcome)
    _write(account, closed)
    return closed


def _write(account: Account, release: Release) -> None:
    account.client("s3").put_object(
        Bucket=bucket_name(account),
        Key=release.key,
        Body=json.dumps(asdict(release), indent=2).encode(),
        ContentType="application/json",
    )


def listed(account: Account, stage: str) -> list[Release]:
    """All of a stage's releases, the newest first."""
    s3, name = account.client("s3"), bucket_name(account)
    keys: list[str] = []
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=f"releases/{stage}/"):
            keys += [str(entry["Key"]) for entry in page.get("Contents", [])]
    except ClientError as error:
        if error_code(error) == "NoSuchBucket":
            return []
        raise
    return [_read(account, key) for key in sorted(keys, reverse=True)]


def unfinished(account: Account, stage: str) -> Release | None:
    """The newest, where its deployment was cut off or did not work: what stands there was never tried out."""
    newest = next(iter(listed(account, stage)), None)
    return newest if newest is not None and newest.outcome in ("started", "failed") else None


def current(account: Account, stage: str) -> Release | None:
    """The newest that was completed: what runs now."""
    return next((one for one in listed(account, stage) if one.outcome == "done"), None)


def _read(account: Account, key: str) -> Release:
    body = account.client("s3").get_object(Bucket=bucket_name(account), Key=key)["Body"].read()
    return Release(**json.loads(body))
