"""What holds in a shop: its own choice, under the platform's ceilings, over the stage's settings. Pure."""

from dataclasses import dataclass

from chalicelib.core.settings import Settings
from chalicelib.tenants.entities import Ceilings, Tenant

MOST_PAY_MINUTES = 24 * 60
"""A day: as long may stock be held for somebody who does not pay."""
MOST_CONFIRM_DAYS = 90
MOST_ALARM_HOURS = 30 * 24


@dataclass(frozen=True, slots=True)
class InForce:
    """The numbers an order meets."""

    pay_minutes: int
    """How long an unpaid order holds its stock."""
    confirm_days: int
    """After how many days a shipped order completes by itself."""
    ship_alarm_hours: int
    """After how many hours a paid, unshipped order raises an alarm."""
    open_orders: int
    """Unpaid orders one customer may have (B23)."""
    reserved_units: int
    """Unpaid units of one SKU one customer may hold (B23)."""


@dataclass(frozen=True, slots=True)
class Most:
    """The most a shop may allow its customers."""

    open_orders: int
    reserved_units: int


def most(ceilings: Ceilings, stage: Settings) -> Most:
    """The platform may lower what the stage allows a shop; nobody raises it: it keeps order books within an item."""
    return Most(
        open_orders=_least(ceilings.open_orders, stage.most_open_orders),
        reserved_units=_least(ceilings.reserved_units, stage.most_reserved_units),
    )


def in_force(tenant: Tenant, stage: Settings) -> InForce:
    """A ceiling lowered later lowers what the shop chose before."""
    chosen, ceiling = tenant.terms, most(tenant.ceilings, stage)
    return InForce(
        pay_minutes=chosen.pay_minutes or stage.pay_minutes,
        confirm_days=chosen.confirm_days or stage.confirm_days,
        ship_alarm_hours=chosen.ship_alarm_hours or stage.ship_alarm_hours,
        open_orders=_least(chosen.open_orders, ceiling.open_orders),
        reserved_units=_least(chosen.reserved_units, ceiling.reserved_units),
    )


def _least(chosen: int | None, ceiling: int) -> int:
    return ceiling if chosen is None else min(chosen, ceiling)
