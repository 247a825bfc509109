"""One act on many members: each by itself, so that one that fails keeps no other from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, SoukError
from chalicelib.members import access, editing
from chalicelib.members.schemas import BatchReport, BatchRow, RunBatch

TIME = timedelta(seconds=20)
"""A gateway waits 29 s for an answer: what is not begun by then is left for the next time."""

Act = Callable[[Context, str], object]


def run(ctx: Context, wish: RunBatch) -> BatchReport:
    """Each member once, in the order given. Doing it again changes nothing that is done.

    Store calls: those of the act for each. Raises Invalid for a tag act without a tag.
    """
    act, ends_at = _act(wish), ctx.now + TIME
    # the key stands for the whole batch: no row may take it for its own
    alone = replace(ctx, idempotency=None)
    rows = []
    for user_id in dict.fromkeys(wish.user_ids):
        if ctx.fresh().now >= ends_at:
            rows.append(BatchRow(user_id=user_id, outcome="left"))
            continue
        try:
            act(alone, user_id)
        except SoukError as error:
            said = error.say(ctx.locale) or error.title.say(ctx.locale)
            rows.append(BatchRow(user_id=user_id, outcome="failed", code=error.code, message=said))
        else:
            rows.append(BatchRow(user_id=user_id, outcome="done"))
    return BatchReport(data=rows)


def _act(wish: RunBatch) -> Act:
    named = frozenset({wish.tag} if wish.tag else ())
    acts: dict[Literal["disable", "enable", "tag", "untag", "level"], Act] = {
        "disable": access.disable,
        "enable": access.enable,
        "tag": lambda ctx, user_id: _tags(ctx, user_id, lambda tags: tags | named),
        "untag": lambda ctx, user_id: _tags(ctx, user_id, lambda tags: tags - named),
        "level": lambda ctx, user_id: editing.edit(ctx, user_id, {"level": wish.level}, None),
    }
    if wish.action in ("tag", "untag") and wish.tag is None:
        raise Invalid.field("tag", "missing", "is what a tag act needs")
    if wish.action == "level" and "level" not in wish.model_fields_set:
        raise Invalid.field("level", "missing", "is a level, or null to leave it to the rules")
    return acts[wish.action]


def _tags(ctx: Context, user_id: str, after: Callable[[frozenset[str]], frozenset[str]]) -> None:
    editing.change(ctx, user_id, lambda user: editing.set_tags(user, after(user.tags)))
