"""API shapes of a shop."""

from chalicelib.core.money import Money
from chalicelib.http import View


class Limits(View):
    """What one customer may hold without paying."""

    open_orders: int
    reserved_units: int
    """Of one SKU, over all unpaid orders."""


class Shipping(View):
    fee: Money
    free_from: Money | None
    """Goods worth this much ship for nothing; null: none do."""


class ShopConfig(View):
    """What a client has to know before it draws its first page."""

    tenant: str
    name: str
    currency: str
    locale: str
    time_zone: str
    sandbox: bool
    """Whether the sandbox takes the place of a payment provider."""
    pay_minutes: int
    """How long an unpaid order holds its stock."""
    confirm_days: int
    """After how many days a shipped order completes by itself."""
    shipping: Shipping
    limits: Limits
