"""Backups, as the platform's owner sees them: which there are, and one more now. Restoring is an operator's command.

The owner of a shop may lose it by one wrong click; so no route restores or deletes. `infra/backup/` does both.
"""

from datetime import timedelta
from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.core.sealing import fingerprint
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.platform.entities import BackupAsked, asked_ref
from chalicelib.store import Page, backups, get, transaction
from chalicelib.store.backups import Backup, Window
from chalicelib.tenants.entities import HOME

ONE_EACH = timedelta(seconds=60)
"""A backup holds the whole table and costs money: a double click, or a script in a loop, makes one."""


class BackupUnderWay(Conflict):
    code = "backup_under_way"
    title = Text("A backup was asked for a moment ago", "刚刚已请求备份")
    detail = Text("Look at the list. Ask again in a minute.", "请查看备份列表，一分钟后再试。")


def listed(limit: int, cursor: str | None) -> tuple[Page[Backup], Window]:
    """One page, newest first, and how far back any second can be had. Store calls: 2, and 1 for each 100 backups.

    Raises CursorInvalid.
    """
    return backups.listed(limit=limit, cursor=cursor), backups.window()


def take(ctx: Context) -> Backup:
    """One backup of the whole table now. The same key gives the same one, also when the first try was killed.

    That somebody asked is on record before anything is made. Store calls: 3; one more for a try that goes on.
    Raises BackupUnderWay, Unavailable.
    """
    before = get(BackupAsked, asked_ref())
    if before is not None and ctx.now - before.asked_at < ONE_EACH:
        raise BackupUnderWay
    mark = _mark(ctx)
    goes_on = before is not None and before.mark == mark
    name = before.name if before is not None and goes_on else backups.new_name(ctx.now)
    _ask(ctx, before, name, mark)
    made = backups.named(name) if goes_on else None
    return made or backups.create(name)


def _ask(ctx: Context, before: BackupAsked | None, name: str, mark: str) -> None:
    try:
        with transaction(ctx) as tx:
            if before is None:
                tx.put("asked", BackupAsked(tenant=HOME, name=name, mark=mark, asked_at=ctx.now))
            else:
                before.name, before.mark, before.asked_at = name, mark, ctx.now
                tx.replace("asked", before)
    except (Conflict, PreconditionFailed):
        raise BackupUnderWay from None


def _mark(ctx: Context) -> str:
    if ctx.idempotency is None:
        return ctx.new_id("bkp")
    return fingerprint(f"{ctx.actor.id}\n{ctx.idempotency.key}", "backup")


def how_to_restore(one: Backup) -> str:
    """The operator's command. It restores beside the live table and touches nothing in it."""
    return f'make restore ARGS="backup {one.arn} {settings().table}-restored"'


def how_to_go_back(window: Window) -> dict[str, Any]:
    """The operator's commands: the whole table at a time beside the live one, and then one shop out of it."""
    if window.latest is None:
        return {}
    side = f"{settings().table}-restored"
    return {
        "restore_table": f'make restore ARGS="time {to_text(window.latest)} {side}"',
        "restore_shop": f'make restore ARGS="shop SLUG --from {side}"',
    }
