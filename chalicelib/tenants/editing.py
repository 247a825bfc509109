"""A shop's settings, written by its own staff and by the platform under the same checks."""

from functools import cache
from zoneinfo import available_timezones

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, NotFound, PreconditionFailed
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.store import get, transaction
from chalicelib.tenants import service, writing
from chalicelib.tenants import terms as rules
from chalicelib.tenants.currencies import CODES
from chalicelib.tenants.entities import Branding, Tenant, Terms, tenant_ref
from chalicelib.tenants.schemas import WriteSettings, WriteShipping

Problems = list[dict[str, str]]
_OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside the zones on some machines: elsewhere they mean another time, or nothing."""


class CurrencyFixed(Conflict):
    """Known without a look at products or orders: whatever prices the first thing in a shop marks its tenant."""

    code = "currency_fixed"
    title = Text("The currency cannot be changed any more", "币种已不能更改")
    detail = Text(
        "Something is priced in {currency}. Open another shop for another currency.",
        "已有以 {currency} 标价的商品；如需其他币种，请另开店铺。",
    )


def read(ctx: Context) -> Tenant:
    """The caller's own shop as it stands in the table. One GetItem. Raises NotFound."""
    return read_to_change(ctx.tenant, None)


def read_to_change(slug: str, if_match: int | None) -> Tenant:
    """One GetItem. Raises NotFound, PreconditionFailed."""
    tenant = get(Tenant, tenant_ref(slug))
    if tenant is None:
        raise NotFound
    if if_match is not None and tenant.version != if_match:
        raise PreconditionFailed
    return tenant


def write(ctx: Context, wish: WriteSettings, if_match: int | None) -> Tenant:
    """The shop's settings become what `wish` says; in this process at once, elsewhere within a minute.

    Store calls: 2. Raises Invalid, CurrencyFixed, PreconditionFailed, TenantState.
    """
    tenant = read_to_change(ctx.tenant, if_match)
    problems = [*unfit(wish.time_zone, wish.currency), *_carriage(wish.shipping, wish.currency)]
    problems += _above_ceilings(tenant, Terms(**wish.terms.model_dump()))
    if problems:
        raise Invalid(problems)
    change_currency(tenant, wish.currency)
    tenant.name, tenant.locale, tenant.time_zone = wish.name, wish.locale, wish.time_zone
    tenant.branding = Branding(**wish.branding.model_dump())
    tenant.terms = Terms(**wish.terms.model_dump())
    tenant.origins = frozenset(wish.origins)
    free_from = wish.shipping.free_from
    tenant.shipping_fee = wish.shipping.fee.amount
    tenant.free_shipping_from = None if free_from is None else free_from.amount
    with transaction(ctx) as tx:
        writing.put_next(tx, tenant, had_hosts=tenant.hosts)
    service.forget()
    return tenant


def change_currency(tenant: Tenant, currency: str) -> None:
    """Raises CurrencyFixed. Whoever fixes it meanwhile writes the tenant too: one of the two is refused."""
    if currency == tenant.currency:
        return
    if tenant.currency_fixed:
        raise CurrencyFixed(currency=tenant.currency)
    tenant.currency = currency


def unfit(time_zone: str, currency: str) -> Problems:
    """What is wrong with these: a zone or a currency that the world does not know."""
    problems: Problems = []
    if time_zone != "UTC" and time_zone not in _zones():
        problems.append(_problem("time_zone", "time_zone_unknown", "is no IANA time zone"))
    if currency not in CODES:
        problems.append(_problem("currency", "currency_unknown", "is no ISO 4217 currency"))
    return problems


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _OF_THE_MACHINE


def _carriage(shipping: WriteShipping, currency: str) -> Problems:
    amounts = {"shipping.fee": shipping.fee, "shipping.free_from": shipping.free_from}
    return [
        _problem(f"{field}.currency", "currency_mismatch", f"must be {currency}, the shop's currency")
        for field, amount in amounts.items()
        if amount is not None and amount.currency != currency
    ]


def _above_ceilings(tenant: Tenant, terms: Terms) -> Problems:
    most = rules.most(tenant.ceilings, settings())
    chosen = {"open_orders": terms.open_orders, "reserved_units": terms.reserved_units}
    return [
        _problem(f"terms.{field}", "above_ceiling", f"may be at most {getattr(most, field)} here")
        for field, number in chosen.items()
        if number is not None and number > getattr(most, field)
    ]


def _problem(field: str, code: str, message: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": message}
