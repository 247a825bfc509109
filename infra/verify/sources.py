"""Where the items come from: the running local shop, a table on AWS, or an export of one."""

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from infra.local import clients, running
from infra.verify.books import Wire


class Unreadable(RuntimeError):
    """A file is no export of DynamoDB."""


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    items: Callable[[], Iterable[Wire]]
    is_live: bool
    """It may be written to while it is read: half of a move can be seen, and must be looked at again."""


def choose(export: Path | None, env: Mapping[str, str]) -> Source:
    """An export when one is named, else the table in `SOUK_TABLE`, else the running local shop's.

    Raises NotRunning.
    """
    if export is not None:
        return Source(f"the export {export}", lambda: from_export(export), is_live=False)
    if table := env.get("SOUK_TABLE"):
        client: Any = boto3.client("dynamodb")
        return Source(
            f"table {table} at {client.meta.endpoint_url}", lambda: from_table(client, table), is_live=True
        )
    shop = running.find(env)
    client = clients.dynamodb(shop.endpoint)
    return Source(
        f"the running shop's table {shop.table}", lambda: from_table(client, shop.table), is_live=True
    )


def from_table(client: Any, table: str) -> Iterator[Wire]:
    """Every item, by Scan: the one place beside exports that may."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def from_export(path: Path) -> Iterator[Wire]:
    """DynamoDB's own export: files of JSON lines, gzipped or not, or a folder with those. Raises Unreadable.

    A folder may be `AWSDynamoDB` as downloaded, or one that `make backup` wrote: what describes it is passed over.
    """
    files = _data_files(path) if path.is_dir() else [path]
    if not files:
        raise Unreadable(f"{path} has no file of items")
    for file in files:
        with (
            gzip.open(file, "rt", encoding="utf-8")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8") as lines
        ):
            for number, line in enumerate(lines, 1):
                try:
                    found = json.loads(line)
                    yield _with_bytes(found.get("Item", found))
                except (ValueError, TypeError, AttributeError) as error:
                    raise Unreadable(f"{file}, line {number} is no DynamoDB item: {error}") from error


def _data_files(folder: Path) -> list[Path]:
    return sorted(
        each
        for each in folder.rglob("*")
        if each.name.endswith((".json", ".jsonl", ".gz")) and not each.name.startswith("manifest")
    )


def _with_bytes(item: Wire) -> Wire:
    """JSON has no bytes: an export writes base64. Our items keep bytes at their top level only."""
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in item.items()
    }
