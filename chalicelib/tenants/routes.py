"""What a shop is set to, for its clients."""

from chalicelib.core.context import Context
from chalicelib.core.money import Money
from chalicelib.core.settings import settings
from chalicelib.http import PUBLIC, Routes
from chalicelib.tenants import service
from chalicelib.tenants.schemas import Limits, Shipping, ShopConfig

routes = Routes("tenants")


@routes.get("/v1/config", permission=PUBLIC)
def read_config(ctx: Context) -> ShopConfig:
    """The shop's switches: money, language, terms of carriage, how long things are held, the sandbox."""
    tenant, stage = service.of(ctx), settings()
    free_from = tenant.free_shipping_from
    return ShopConfig(
        tenant=tenant.slug,
        name=tenant.name,
        currency=tenant.currency,
        locale=tenant.locale,
        time_zone=tenant.time_zone,
        sandbox=stage.sandbox,
        pay_minutes=stage.pay_minutes,
        confirm_days=stage.confirm_days,
        shipping=Shipping(
            fee=Money(amount=tenant.shipping_fee, currency=tenant.currency),
            free_from=None if free_from is None else Money(amount=free_from, currency=tenant.currency),
        ),
        limits=Limits(open_orders=stage.most_open_orders, reserved_units=stage.most_reserved_units),
    )
