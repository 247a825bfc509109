"""Member levels: earned by what completed orders came to, or set by staff. Rules raise a level and never lower one."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from chalicelib.core.context import Context
from chalicelib.core.errors import PreconditionFailed
from chalicelib.identity.entities import Level, User, user_ref
from chalicelib.members.entities import (
    MOST_MONTHS,
    LevelRule,
    LevelRules,
    Spending,
    level_rules_ref,
    spending_ref,
)
from chalicelib.orders.entities import Order, order_ref
from chalicelib.store import Event, Transaction, again, get, get_many, once, refuse_with, transaction
from chalicelib.tenants import service as tenants

LEVELS: tuple[Level, ...] = get_args(Level)
"""From the lowest up."""


def rules(ctx: Context) -> LevelRules:
    """One GetItem."""
    return get(LevelRules, level_rules_ref(ctx.tenant)) or LevelRules(tenant=ctx.tenant)


def write_rules(ctx: Context, wanted: list[LevelRule], if_match: int | None) -> LevelRules:
    """The rules as a whole; they count from the next completed order on. Store calls: 2. Raises PreconditionFailed."""

    def attempt() -> LevelRules:
        known = rules(ctx)
        if if_match is not None and if_match != known.version:
            raise PreconditionFailed
        known.rules = wanted
        with transaction(ctx) as tx:
            if known.version:
                tx.replace("rules", known)
            else:
                known.version = 1
                tx.put("rules", known, refuse=refuse_with(PreconditionFailed))
        return known

    return attempt() if if_match is not None else again(attempt, PreconditionFailed)


def month_of(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m}"


def months_back(month: str, count: int) -> list[str]:
    """Pure: this month and those before it, `count` in all."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(number, number - count, -1)]


def level_of(wanted: Iterable[LevelRule], spent: Mapping[str, int], month: str) -> Level:
    """Pure: the highest level that spending has earned by `month`."""
    reached = [
        LEVELS.index(rule.level)
        for rule in wanted
        if sum(spent.get(one, 0) for one in months_back(month, rule.months)) >= rule.spent
    ]
    return LEVELS[max(reached, default=0)]


def higher(one: str, other: str) -> str:
    ranks: tuple[str, ...] = LEVELS
    return max(one, other, key=ranks.index)


def earned(ctx: Context, user_id: str) -> Level:
    """What the rules give a member today. One BatchGetItem."""
    found = get_many([spending_ref(ctx.tenant, user_id), level_rules_ref(ctx.tenant)])
    spending = found.one(Spending, spending_ref(ctx.tenant, user_id))
    known = found.one(LevelRules, level_rules_ref(ctx.tenant))
    month = month_of(ctx.now, tenants.of(ctx).time_zone)
    return level_of(known.rules if known else (), spending.months if spending else {}, month)


def count_order(ctx: Context, event: Event) -> None:
    """Consumer of `order.completed`, and of `order.paid` for orders that were delivered at once: those complete in
    the transaction that pays them. Store calls: 2."""
    again(lambda: _count_once(ctx, event), PreconditionFailed)


def _count_once(ctx: Context, event: Event) -> None:
    user_id = event.data["customer_id"]
    refs = {
        "order": order_ref(ctx.tenant, event.data["order_id"], user_id),
        "user": user_ref(ctx.tenant, user_id),
        "spending": spending_ref(ctx.tenant, user_id),
        "rules": level_rules_ref(ctx.tenant),
    }
    found = get_many(refs.values())
    order, user = found.one(Order, refs["order"]), found.one(User, refs["user"])
    if order is None or user is None or not _counts(event, order):
        return
    spending = found.one(Spending, refs["spending"]) or Spending(tenant=ctx.tenant, user_id=user_id)
    month = month_of(ctx.now, tenants.of(ctx).time_zone)
    add(spending, {month: order.totals.payable.amount}, month)
    known = found.one(LevelRules, refs["rules"])
    with transaction(ctx) as tx:
        once(tx, event, "levels")
        write(tx, spending)
        if not user.level_is_fixed and user.status == "active":
            level = higher(user.level, level_of(known.rules if known else (), spending.months, month))
            if level != user.level:
                user.level = level
                tx.replace("user", user)


def write(tx: Transaction, spending: Spending) -> None:
    """Part `spending`. Refused (412) when somebody wrote it since it was read."""
    if spending.version:
        tx.replace("spending", spending)
    else:
        spending.version = 1
        tx.put("spending", spending, refuse=refuse_with(PreconditionFailed))


def _counts(event: Event, order: Order) -> bool:
    """An order is counted when it completes, by exactly one of its events."""
    return event.name == "order.completed" or any(move.event == "deliver_all" for move in order.timeline)


def add(spending: Spending, more: Mapping[str, int], month: str) -> None:
    """Pure: add amounts to their months, and let go of months that no rule can look at by `month`."""
    kept = months_back(month, MOST_MONTHS)
    every = {one: spending.months.get(one, 0) + more.get(one, 0) for one in kept}
    spending.months = {one: amount for one, amount in every.items() if amount}


def forget(ctx: Context, event: Event) -> None:
    """Consumer of `user.closed`: what who has left had spent goes. One transaction."""
    with transaction(ctx) as tx:
        tx.delete("spending", spending_ref(ctx.tenant, event.data["user_id"]))
