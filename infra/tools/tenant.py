"""Export one shop of the table to a file, or delete it for good.

    make tenant ARGS="export acme acme.jsonl"
    make tenant ARGS="delete acme --yes-really acme"

On the table in SOUK_TABLE, with the usual AWS settings; when that is not set, on the shop that `make run` serves. Both
read the whole table. Both may be stopped at any time: the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import contextvars
import os
import secrets
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import SoukError
from chalicelib.core.settings import Misconfigured, settings
from chalicelib.media import storage
from chalicelib.platform import ending
from chalicelib.platform.ending import CannotEnd
from chalicelib.store import Ref, get, ranges, sizing
from chalicelib.tenants.entities import Tenant, is_slug, tenant_ref
from infra.local import environment, running
from infra.local.progress import Progress
from infra.local.running import NotRunning
from infra.tools.tenant_file import Export, NotOurs

segments = 4
"""How many parts of the table are read side by side. 1 where the engine cannot stand threads."""
_TIMER = "timer"


def set_up(env: MutableMapping[str, str]) -> None:
    """Point the store at the table that is meant. Nothing is signed here: keys are made up. Raises NotRunning."""
    if not env.get("SOUK_TABLE"):
        shop = running.find(env)
        environment.set_up(env, environment.data_path(env), shop.endpoint)
        env["SOUK_TABLE"] = shop.table
    env.setdefault("SOUK_STAGE", "tool")
    for name in ("SOUK_JWT_KEYS", "SOUK_SECRET_KEYS"):
        env.setdefault(name, f"none:{secrets.token_urlsafe(32)}")
    settings.cache_clear()


def export(slug: str, path: Path) -> None:
    """Write every item of a shop as `make verify --export` reads it. Raises CannotEnd, NotOurs."""
    tenant = get(Tenant, tenant_ref(slug)) if is_slug(slug) else None
    if tenant is None:
        raise CannotEnd(f"there is no shop {slug!r}")
    if tenant.status == "active":
        print(
            f"{slug} is open: what is written meanwhile may be half in the file. Suspend it for an exact export."
        )
    with Export(path, slug, segments) as file:
        progress = Progress(f"exporting {slug}", sizing.table_size())
        lock = threading.Lock()

        def one(segment: int) -> None:
            if file.is_done(segment):
                return
            for piece in ranges.read(slug, segment=segment, segments=segments, after=file.after(segment)):
                with lock:
                    file.add(segment, piece)
                    progress.advance(piece.looked_at)

        _side_by_side(one)
        progress.done()
        print(f"{file.finish():,} items of {slug} are in {path}")


def delete(slug: str, *, abandon: bool) -> None:
    """Delete everything of a suspended shop. Its slug stays reserved. Raises CannotEnd."""
    tenant = ending.check(slug)
    if tenant is not None and tenant.status != "deleting" and not abandon:
        _refuse_unfinished(slug)
    ending.begin(slug)
    gone = 0
    while found := _delete_once(slug):
        gone += found
    files = storage.remove_everything_of(slug) if settings().uploads_bucket else 0
    ending.finish(slug)
    print(f"{gone:,} items and {files:,} files of {slug} are deleted. Nobody can open a shop {slug} again.")
    if not settings().uploads_bucket:
        print("SOUK_UPLOADS_BUCKET is not set: if the stage has a bucket, files of the shop are still in it.")


def _refuse_unfinished(slug: str) -> None:
    """What still waits for a job may be somebody's money or goods."""
    waiting: Counter[str] = Counter()
    for items in _whole_range(slug, f"looking at {slug}", only=("pk", _TIMER)):
        waiting.update(item[_TIMER]["S"] for item in items if _TIMER in item)
    if waiting:
        shown = ", ".join(f"{count} of {timer}" for timer, count in sorted(waiting.items()))
        raise CannotEnd(
            f"{slug} is not done yet. Waiting for a job: {shown}. Let the jobs end what they can, "
            "or give it up with --abandon"
        )


def _delete_once(slug: str) -> int:
    """One walk over the range; 0 when nothing was left: whatever was under way when the shop was marked has ended."""
    kept = ending.kept_to_the_end(slug)
    gone = 0
    for items in _whole_range(slug, f"deleting {slug}", only=("pk", "sk")):
        refs = [Ref(item["pk"]["S"], item["sk"]["S"]) for item in items]
        gone += ranges.delete(ref for ref in refs if ref != kept)
    return gone


def _whole_range(slug: str, what: str, *, only: Iterable[str]) -> Iterable[list[dict[str, dict[str, str]]]]:
    progress = Progress(what, sizing.table_size())
    for piece in ranges.read(slug, only=only):
        yield piece.items
        progress.advance(piece.looked_at)
    progress.done()


def _side_by_side(one: Callable[[int], None]) -> None:
    if segments == 1:
        return one(0)
    with ThreadPoolExecutor(segments) as pool:
        jobs = [pool.submit(contextvars.copy_context().run, one, segment) for segment in range(segments)]
        for job in jobs:
            job.result()
    return None


def main(arguments: list[str]) -> int:
    """0: done; 1: refused, nothing was changed or the same command goes on; 2: the command cannot be read."""
    parser = argparse.ArgumentParser(
        prog="make tenant", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    acts = parser.add_subparsers(dest="act", required=True)
    exporting = acts.add_parser("export", help="write a shop's items to a file of JSON lines")
    exporting.add_argument("slug")
    exporting.add_argument("file", type=Path)
    deleting = acts.add_parser("delete", help="delete a suspended shop for good")
    deleting.add_argument("slug")
    deleting.add_argument("--yes-really", metavar="SLUG", required=True, help="the slug once more")
    deleting.add_argument("--abandon", action="store_true", help="also what still waits for a job")
    told = parser.parse_args(arguments)
    if told.act == "delete" and told.yes_really != told.slug:
        parser.error(f"--yes-really says {told.yes_really}, not {told.slug}: nothing is deleted")
    try:
        set_up(os.environ)
        if told.act == "export":
            export(told.slug, told.file)
        else:
            delete(told.slug, abandon=told.abandon)
    except SoukError as error:
        print(f"{told.act} {told.slug}: {error.title.en}. Run it again.", file=sys.stderr)
        return 1
    except (
        CannotEnd,
        NotOurs,
        NotRunning,
        Misconfigured,
        ClientError,
        BotoCoreError,
        OSError,
    ) as error:
        print(f"{told.act} {told.slug}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
