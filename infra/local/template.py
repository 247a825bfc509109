"""The table and the bucket, made from the template that deploys them: no second description of them can drift."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from infra.local.intrinsics import resolve

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

S3Client = Any
"""boto3's: its types are not installed."""

TEMPLATE = Path(__file__).parents[1] / "resources.yaml"
TABLE = "SoukTable"
BUCKET = "UploadsBucket"

_SAME_IN_THE_API = frozenset(
    {
        "AttributeDefinitions",
        "BillingMode",
        "DeletionProtectionEnabled",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
    }
)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, read as the long form: `!Ref X` is `{"Ref": "X"}`."""


def _intrinsic(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)  # type: ignore[arg-type]
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def load(path: Path = TEMPLATE) -> dict[str, Any]:
    """A CloudFormation template in YAML as plain dicts, short tags expanded."""
    return copy.deepcopy(_read(path))


@cache
def _read(path: Path) -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    return template


def create_table(client: DynamoDBClient, table_name: str) -> None:
    """Create the template's table under `table_name` and wait until it can be used.

    Parameters have their defaults. Raises ValueError for a property this translation does not know: a table that
    silently lacked it would make every local test a lie.
    """
    template = load()
    properties: dict[str, Any] = resolve(template["Resources"][TABLE]["Properties"], template)
    properties.pop("TableName", None)
    time_to_live = properties.pop("TimeToLiveSpecification", None)
    backups = properties.pop("PointInTimeRecoverySpecification", None)
    client.create_table(TableName=table_name, **_as_request(properties))
    client.get_waiter("table_exists").wait(TableName=table_name, WaiterConfig={"Delay": 1})
    if time_to_live:
        client.update_time_to_live(TableName=table_name, TimeToLiveSpecification=time_to_live)
    if backups:
        client.update_continuous_backups(TableName=table_name, PointInTimeRecoverySpecification=backups)


def _as_request(properties: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation's properties in the words of the CreateTable call, which differ in two places."""
    request: dict[str, Any] = {}
    for name, value in properties.items():
        if name in _SAME_IN_THE_API:
            request[name] = value
        elif name == "StreamSpecification":
            request[name] = {"StreamEnabled": True, **value}
        elif name == "SSESpecification":
            request[name] = {("Enabled" if key == "SSEEnabled" else key): value[key] for key in value}
        else:
            raise ValueError(f"{TEMPLATE.name}: create_table does not know the property {name} of {TABLE}")
    return request


def create_bucket(client: S3Client, name: str) -> None:
    """Create the template's bucket as `name` with everything it is set to; harmless where it is there already.

    Raises ValueError for a property this translation does not know.
    """
    properties: dict[str, Any] = load()["Resources"][BUCKET]["Properties"]
    properties.pop("BucketName", None)
    known = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    if name not in known:
        client.create_bucket(Bucket=name)
    for each, value in properties.items():
        if each not in _BUCKET_CALLS:
            raise ValueError(f"{TEMPLATE.name}: create_bucket does not know the property {each} of {BUCKET}")
        call, argument, translate = _BUCKET_CALLS[each]
        getattr(client, call)(Bucket=name, **{argument: translate(value)})


def _encryption(value: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    return {"Rules": rules}


def _cors(value: dict[str, Any]) -> dict[str, Any]:
    words = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
    return {
        "CORSRules": [{words.get(name, name): rule[name] for name in rule} for rule in value["CorsRules"]]
    }


def _lifecycle(value: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """The API puts under `Expiration` and `Filter` what CloudFormation writes flat."""
    made: dict[str, Any] = {"Filter": {"Prefix": rule.get("Prefix", "")}}
    for name, value in rule.items():
        match name:
            case "Id":
                made["ID"] = value
            case "Prefix":
                continue
            case "ExpirationInDays":
                made["Expiration"] = {"Days": value}
            case "ExpiredObjectDeleteMarker":
                made["Expiration"] = {"ExpiredObjectDeleteMarker": value}
            case "Status" | "AbortIncompleteMultipartUpload" | "NoncurrentVersionExpiration":
                made[name] = value
            case _:
                raise ValueError(f"{TEMPLATE.name}: create_bucket does not know {name} of a lifecycle rule")
    return made


def _as_it_is(value: Any) -> Any:
    return value


_BUCKET_CALLS: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "PublicAccessBlockConfiguration": (
        "put_public_access_block",
        "PublicAccessBlockConfiguration",
        _as_it_is,
    ),
    "OwnershipControls": ("put_bucket_ownership_controls", "OwnershipControls", _as_it_is),
    "BucketEncryption": ("put_bucket_encryption", "ServerSideEncryptionConfiguration", _encryption),
    "VersioningConfiguration": ("put_bucket_versioning", "VersioningConfiguration", _as_it_is),
    "CorsConfiguration": ("put_bucket_cors", "CORSConfiguration", _cors),
    "LifecycleConfiguration": ("put_bucket_lifecycle_configuration", "LifecycleConfiguration", _lifecycle),
}
"""Property → the call that sets it, its argument, and how CloudFormation's words become the API's."""
