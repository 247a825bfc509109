"""Back up the table, the files and the configuration; list, check and prune what there is.

    make backup ARGS="take"                            an on-demand backup of the table, now
    make backup ARGS="list"                            all backups, and how far back any second can be had
    make backup ARGS="prune --days 35 --go"            delete on-demand ones that are older; never the newest
    make backup ARGS="export FOLDER"                   the table as files, with counts and checksums
    make backup ARGS="export-s3 BUCKET PREFIX"         the same by DynamoDB, of one instant; then `fetch`
    make backup ARGS="files BUCKET FOLDER"             the files bucket
    make backup ARGS="configuration souk/prod FOLDER"  names and versions of parameters and secrets, stack parameters
    make backup ARGS="check FOLDER"                    whether a folder is still what was written

On the table in SOUK_TABLE, with the usual AWS settings; when that is not set, on the shop that `make run` serves.
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from pathlib import Path

from botocore.exceptions import ClientError

from chalicelib.core import clock
from chalicelib.core.clock import to_text
from chalicelib.store import backups
from chalicelib.store.backups import AVAILABLE, ON_DEMAND, Backup
from chalicelib.store.client import error_code, table_name
from infra.backup import cli, configuration, export, features, files, manifest, s3
from infra.backup.plan import CannotRestore
from infra.local.progress import Progress


def take(name: str | None) -> int:
    """Ask for a backup and wait until it can be restored."""
    made = backups.create(name or backups.new_name(clock.current().now()))
    features.wait_until(lambda: cli.client("dynamodb").describe_backup(BackupArn=made.arn), _is_made)
    print(f"{made.name} holds {table_name()} as it was at {to_text(made.made_at)}\n  {made.arn}")
    return 0


def _is_made(told: dict[str, dict[str, dict[str, str]]]) -> bool:
    return told["BackupDescription"]["BackupDetails"]["BackupStatus"] == AVAILABLE


def listed() -> int:
    for one in backups.every():
        kept = f", kept until {to_text(one.expires_at)}" if one.expires_at else ""
        print(
            f"{to_text(one.made_at)}  {one.status:9}  {one.kind:10}  {cli.size(one.size_bytes):>7}  {one.name}{kept}"
        )
        print(f"    {one.arn}")
    try:
        window = backups.window()
    except ClientError as error:
        if error_code(error) != "TableNotFoundException":
            raise
        print(f"{table_name()} is not there: these can be restored into another table")
        return 0
    if window.is_on and window.earliest and window.latest:
        print(f"any second from {to_text(window.earliest)} to {to_text(window.latest)} can be had")
    else:
        print("point-in-time recovery is off: nothing between these backups can be had")
    return 0


def describe(arn: str) -> int:
    told = cli.client("dynamodb").describe_backup(BackupArn=arn)["BackupDescription"]
    for group in ("BackupDetails", "SourceTableDetails"):
        for name, value in told.get(group, {}).items():
            print(f"{name:28} {value}")
    return 0


def prune(days: int, *, go: bool) -> int:
    """Delete on-demand backups that are older than `days`; the newest that can be restored stays whatever its age.

    The plan's own have their lifecycle; DynamoDB lets nobody else delete them.
    """
    doomed = outlived(backups.every(), days)
    client, progress = cli.client("dynamodb"), Progress("deleting backups", len(doomed))
    for one in doomed:
        print(f"{'deleting' if go else 'would delete'} {one.name} of {to_text(one.made_at)}")
        if go:
            client.delete_backup(BackupArn=one.arn)
            progress.advance(1)
    progress.done()
    print(f"{len(doomed)} older than {days} days" + ("" if go or not doomed else ". Add --go to delete them"))
    return 0


def outlived(found: list[Backup], days: int) -> list[Backup]:
    """Newest first in, oldest first out; the newest of ours is never among them. Pure but for the time."""
    before = clock.current().now() - timedelta(days=days)
    own = [one for one in found if one.kind == ON_DEMAND and one.status == AVAILABLE]
    return [one for one in reversed(own[1:]) if one.made_at < before]


def export_table(folder: Path) -> int:
    made = export.write(folder)
    shops = [name for name in made.counts if name.startswith(manifest.OF_SHOP)]
    print(f"{made.items:,} items of {len(shops)} shops are in {folder}, from {made.taken_at} on")
    return 0


def export_to_s3(bucket: str, prefix: str, at: str | None) -> int:
    dynamodb = cli.client("dynamodb")
    arn = features.describe(dynamodb, table_name())["TableArn"]
    when = cli.instant(at) if at else None
    told = s3.wait(dynamodb, s3.start(dynamodb, arn, bucket, prefix, when))
    print(f"{told.get('ItemCount', 0):,} items are in s3://{bucket}/{prefix}: bring them here with `fetch`")
    return 0


def fetch(bucket: str, prefix: str, folder: Path) -> int:
    count = s3.fetch(cli.client("s3"), bucket, prefix, folder)
    if not count:
        raise CannotRestore(f"there is nothing under s3://{bucket}/{prefix}")
    items = s3.check(folder)
    print(f"{count} files are in {folder}; {items:,} items agree with DynamoDB's manifests")
    return 0


def check(folder: Path) -> int:
    found = manifest.check(folder)
    print(f"{folder} is as it was written at {found.finished_at}: {len(found.files)} files of {found.source}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make backup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("take").add_argument("--name")
    acts.add_parser("list")
    acts.add_parser("describe").add_argument("arn")
    pruning = acts.add_parser("prune")
    pruning.add_argument("--days", type=int, default=35)
    pruning.add_argument("--go", action="store_true", help="delete; without it they are only named")
    acts.add_parser("export").add_argument("folder", type=Path)
    to_s3 = acts.add_parser("export-s3")
    to_s3.add_argument("bucket")
    to_s3.add_argument("prefix")
    to_s3.add_argument("--at", help="RFC 3339; absent: now")
    fetching = acts.add_parser("fetch")
    fetching.add_argument("bucket")
    fetching.add_argument("prefix")
    fetching.add_argument("folder", type=Path)
    copying = acts.add_parser("files")
    copying.add_argument("bucket")
    copying.add_argument("folder", type=Path)
    configured = acts.add_parser("configuration")
    configured.add_argument("prefix", help="souk/prod: parameters /souk/prod/…, secrets souk/prod/…")
    configured.add_argument("folder", type=Path)
    configured.add_argument("--stack", help="a CloudFormation stack, for its parameters and outputs")
    acts.add_parser("check").add_argument("folder", type=Path)
    return parser


def _act(told: argparse.Namespace) -> int:  # noqa: PLR0911 - one line a command
    match told.act:
        case "take":
            return take(told.name)
        case "list":
            return listed()
        case "describe":
            return describe(told.arn)
        case "prune":
            return prune(told.days, go=told.go)
        case "export":
            return export_table(told.folder)
        case "export-s3":
            return export_to_s3(told.bucket, told.prefix, told.at)
        case "fetch":
            return fetch(told.bucket, told.prefix, told.folder)
        case "files":
            made = files.copy(cli.client("s3"), told.bucket, told.folder)
            print(f"{made.counts['objects']:,} files, {cli.size(made.counts['bytes'])}, are in {told.folder}")
            return 0
        case "configuration":
            return configure(told)
        case _:
            return check(told.folder)


def configure(told: argparse.Namespace) -> int:
    made = configuration.write(
        told.folder,
        told.prefix,
        told.stack,
        ssm=cli.client("ssm"),
        secrets=cli.client("secretsmanager"),
        stacks=cli.client("cloudformation"),
    )
    print(
        f"{made.counts['parameters']} parameters and {made.counts['secrets']} secrets are named in {told.folder}"
    )
    return 0


def main(arguments: list[str]) -> int:
    """0: done; 1: refused, or stopped where the same command goes on; 2: the command cannot be read."""
    told = _parser().parse_args(arguments)
    return cli.run(lambda: _act(told), told.act)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
