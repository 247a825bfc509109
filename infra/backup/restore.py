"""Restore the table beside the live one, take one shop back to a time, put files back.

    make restore ARGS="backup ARN TABLE"            a backup into a new table, as deployed, proven
    make restore ARGS="time 2026-05-04T12:00:00Z TABLE"   any second of the last 35 days; `latest` for the last there is
    make restore ARGS="export FOLDER TABLE"         an export into a new table
    make restore ARGS="shop acme --from TABLE"      what it would take to bring one shop back: a dry run
    make restore ARGS="shop acme --from TABLE --go --why 'import of Tuesday'"
    make restore ARGS="files FOLDER BUCKET --go"    files that are missing or other, from a copy
    make restore ARGS="versions BUCKET TIME --go"   a versioned bucket as it was: what was deleted or replaced since
    make restore ARGS="drop TABLE --yes-really TABLE"     delete a restored table that is needed no more

Nothing but `shop`, `files` and `versions` writes to anything live, and those only with --go.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from chalicelib.core.clock import from_text, to_text
from chalicelib.store import backups
from chalicelib.store.client import table_name
from infra.backup import cli, export, features, files, guard, manifest, shop, tables
from infra.backup.plan import CannotRestore, Plan
from infra.backup.rows import Then, in_export
from infra.backup.tables import Restored, Stopwatch
from infra.verify import __main__ as verify
from infra.verify import sources
from infra.verify.sources import Source


def from_backup(arn: str, target: str) -> int:
    found = next((one for one in backups.every() if one.arn == arn), None)
    if found is None:
        raise CannotRestore(f"{table_name()} has no backup {arn}: see `make backup ARGS=list`")
    client = cli.client("dynamodb")
    return prove(tables.from_backup(client, found, table_name(), target))


def to_time(when: str, target: str) -> int:
    at = None if when == "latest" else cli.instant(when)
    client = cli.client("dynamodb")
    return prove(tables.to_time(client, at, backups.window(), table_name(), target))


def from_folder(folder: Path, target: str) -> int:
    taken_at = from_text(manifest.check(folder).taken_at)
    return prove(tables.from_folder(cli.client("dynamodb"), folder, taken_at, table_name(), target))


def prove(done: Restored) -> int:
    """Run the checks of `make verify` on the restored table, and say what the restore cost: data and time."""
    client = cli.client("dynamodb")
    with Stopwatch(done.steps)("verify"):
        source = Source(done.table, lambda: sources.from_table(client, done.table), is_live=False)
        print(f"Verifying {done.table}", flush=True)
        books, report = verify.look(source)
        broken = verify.tell(books, report) or not any(books.by_kind.values())
    missing = features.lacking(client, done.table)
    for what in missing:
        print(f"{done.table} lacks {what}")
    print(f"\n{done.table} is the table as it was at {to_text(done.state_of)}")
    for step, seconds in done.steps.items():
        print(f"  {step:18} {cli.span(seconds):>8}")
    print(f"  RPO {cli.span(done.rpo_seconds)}: what was written after that time is not in it")
    print(f"  RTO {cli.span(done.rto_seconds)}: from the command to a proven table")
    return 1 if broken or missing else 0


def one_shop(told: argparse.Namespace) -> int:
    """The dry run, and with --go the restore. Raises CannotRestore."""
    slug, really = told.slug, told.yes_really == told.slug
    then = state(told.source, told.at)
    found = shop.plan(slug, then, told.books)
    show(found, then)
    if not told.go:
        print("\nNothing was written. With --go it is done.")
        return 0
    guard.check_shut(slug, really=really)
    shop.check(found, really=really)
    if not found.changes and not found.erase_again:
        print("\nThere is nothing to do.")
        return 0
    done = shop.carry_out(found, then, told.why)
    print(
        f"\n{done.written:,} rows of {slug} are as they were at {to_text(then.at) if then.at else then.name}."
    )
    if done.outrun:
        print(f"{done.outrun} had been written by others meanwhile and were looked at again.")
    print(f"Run `make verify`, look at the shop, then open it (POST /v1/platform/tenants/{slug}/reopen).")
    return 0


def state(source: str, at: datetime | None) -> Then:
    """A folder, a file, or a table, as the state to go back to."""
    path = Path(source)
    if path.is_dir() and (path / manifest.NAME).exists():
        return export.then(path)
    if path.exists():
        return in_export(path, at, source)
    return tables.then(cli.client("dynamodb"), table_name(), source, at)


def show(found: Plan, then: Then) -> None:
    print(
        f"{found.slug} as it was at {to_text(then.at) if then.at else '?'}, from {then.name}; books {found.books}\n"
    )
    print(f"  {'kind':26} {'put back':>9} {'rewritten':>9} {'deleted':>9} {'left':>9}")
    for kind, (inserts, rewrites, deletes, left) in found.table().items():
        print(f"  {kind:26} {inserts:9,} {rewrites:9,} {deletes:9,} {left:9,}")
    print(f"\n  {sum(found.same.values()):,} rows are the same.")
    if found.were_under_way:
        print(
            f"  {found.were_under_way} events were under way at that time. They are not delivered again; "
            "a time a second earlier or later may have none."
        )
    if found.moved and found.books == "back":
        print(f"  {len(found.moved)} things happened since that cannot be taken back: see --books stay.")
    for user_id in sorted(found.erase_again):
        print(f"  {user_id} has closed their account since: what comes back of them is erased again.")


def put_files_back(folder: Path, bucket: str, *, go: bool) -> int:
    return _told(files.put_back(cli.client("s3"), folder, bucket, go=go), go=go)


def versions(bucket: str, at: datetime, *, go: bool) -> int:
    return _told(files.to_time(cli.client("s3"), bucket, at, go=go), go=go)


def _told(counts: dict[str, int], *, go: bool) -> int:
    print(
        ", ".join(f"{count:,} {what}" for what, count in counts.items())
        + ("" if go else ". With --go it is done.")
    )
    return 0


def drop(target: str) -> int:
    tables.drop(cli.client("dynamodb"), table_name(), target)
    print(f"{target} is being deleted")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make restore", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="act", required=True)
    for act, what in (("backup", "arn"), ("time", "when"), ("export", "folder")):
        one = acts.add_parser(act)
        one.add_argument(what, type=Path if what == "folder" else str)
        one.add_argument("target", metavar="TABLE")
    back = acts.add_parser("shop")
    back.add_argument("slug")
    back.add_argument("--from", dest="source", required=True, metavar="TABLE or FOLDER")
    back.add_argument(
        "--at", type=cli.instant, help="of which time the source is, where it does not say so itself"
    )
    back.add_argument("--books", choices=("back", "stay"), default="back")
    back.add_argument("--go", action="store_true", help="write; without it nothing is written")
    back.add_argument("--why", default="", help="for the shop's audit log")
    back.add_argument("--yes-really", metavar="SLUG", help="the slug once more: although the shop is open")
    putting = acts.add_parser("files")
    putting.add_argument("folder", type=Path)
    putting.add_argument("bucket")
    putting.add_argument("--go", action="store_true")
    undoing = acts.add_parser("versions")
    undoing.add_argument("bucket")
    undoing.add_argument("at", type=cli.instant)
    undoing.add_argument("--go", action="store_true")
    dropping = acts.add_parser("drop")
    dropping.add_argument("target", metavar="TABLE")
    dropping.add_argument("--yes-really", metavar="TABLE", required=True, help="the table once more")
    return parser


def _act(told: argparse.Namespace) -> int:
    match told.act:
        case "backup":
            return from_backup(told.arn, told.target)
        case "time":
            return to_time(told.when, told.target)
        case "export":
            return from_folder(told.folder, told.target)
        case "shop":
            return one_shop(told)
        case "files":
            return put_files_back(told.folder, told.bucket, go=told.go)
        case "versions":
            return versions(told.bucket, told.at, go=told.go)
        case _:
            return drop(told.target)


def main(arguments: list[str]) -> int:
    """0: done and proven; 1: refused, or what came back is not as it should be; 2: the command cannot be read."""
    parser = _parser()
    told = parser.parse_args(arguments)
    meant = {"shop": (None, getattr(told, "slug", None)), "drop": (getattr(told, "target", None),)}.get(
        told.act
    )
    if meant is not None and told.yes_really not in meant:
        parser.error(f"--yes-really says {told.yes_really}, not {meant[-1]}: nothing is done")
    return cli.run(lambda: _act(told), f"restore {told.act}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
