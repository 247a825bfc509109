"""The table, made from the template that deploys it, so that no second description of it can drift."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from infra.local.intrinsics import resolve

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).parents[1] / "resources.yaml"
TABLE = "SoukTable"

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
