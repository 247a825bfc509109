"""API shapes of a shop."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from chalicelib.core.money import MOST_PRICE, Money
from chalicelib.core.settings import settings
from chalicelib.core.text import Locale
from chalicelib.http import Body, View
from chalicelib.tenants import terms as rules
from chalicelib.tenants.entities import Tenant
from chalicelib.tenants.service import REMEMBERED_FOR
from chalicelib.tenants.terms import MOST_ALARM_HOURS, MOST_CONFIRM_DAYS, MOST_PAY_MINUTES

_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"

ShopName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=_NO_CONTROLS)
]
Slogan = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_NO_CONTROLS)
]
ZoneName = Annotated[str, Field(min_length=1, max_length=64, examples=["Asia/Shanghai"])]
"""A name of the IANA time zone database."""
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])]
"""ISO 4217."""
ImageUrl = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^https://[a-z0-9.-]+(/[^\s\"'<>\\]*)?$",
        examples=["https://example.com/logo.png"],
    ),
]
"""For clients to load: this side never fetches it."""
Color = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$", examples=["#aa3311"])]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Amount = Annotated[int, Field(strict=True, ge=0, le=MOST_PRICE)]
Count = Annotated[int, Field(ge=1, le=10**6)]


class Limits(View):
    """What one customer may hold without paying."""

    open_orders: int
    reserved_units: int
    """Of one SKU, over all unpaid orders."""


class Shipping(View):
    fee: Money
    free_from: Money | None
    """Goods worth this much ship for nothing; null: none do."""

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        free_from = tenant.free_shipping_from
        return cls(
            fee=Money(amount=tenant.shipping_fee, currency=tenant.currency),
            free_from=None if free_from is None else Money(amount=free_from, currency=tenant.currency),
        )


class BrandingView(View):
    logo_url: str | None
    icon_url: str | None
    color: str | None
    slogan: str | None


class ShopConfig(View):
    """What a client has to know before it draws its first page."""

    tenant: str
    name: str
    currency: str
    locale: str
    time_zone: str
    branding: BrandingView
    sandbox: bool
    """Whether the sandbox takes the place of a payment provider."""
    pay_minutes: int
    """How long an unpaid order holds its stock."""
    confirm_days: int
    """After how many days a shipped order completes by itself."""
    shipping: Shipping
    limits: Limits
    switches: dict[str, bool]
    """What the shop has on and off, by name."""


class WriteBranding(Body):
    logo_url: ImageUrl | None = None
    icon_url: ImageUrl | None = None
    color: Color | None = None
    """`#rrggbb`, in lower case."""
    slogan: Slogan | None = None


class WriteFee(Body):
    amount: Amount
    currency: CurrencyCode
    """The shop's."""


class WriteShipping(Body):
    fee: WriteFee
    free_from: WriteFee | None = None
    """Goods worth this much ship for nothing; null: none do."""


class WriteTerms(Body):
    """Null: as the stage is set."""

    pay_minutes: Annotated[int, Field(ge=1, le=MOST_PAY_MINUTES)] | None = None
    """How long an unpaid order holds its stock."""
    confirm_days: Annotated[int, Field(ge=1, le=MOST_CONFIRM_DAYS)] | None = None
    """After how many days a shipped order completes by itself."""
    ship_alarm_hours: Annotated[int, Field(ge=1, le=MOST_ALARM_HOURS)] | None = None
    """After how many hours a paid, unshipped order raises an alarm."""
    open_orders: Count | None = None
    """Unpaid orders one customer may have; at most `ceilings.open_orders`."""
    reserved_units: Count | None = None
    """Unpaid units of one SKU one customer may hold; at most `ceilings.reserved_units`."""


Origin = Annotated[
    str, Field(pattern=r"^https://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$", max_length=270)
]


class WriteSettings(Body):
    """All of a shop's settings: what is left out goes back to its default."""

    name: ShopName
    locale: Locale
    time_zone: ZoneName
    currency: CurrencyCode
    """Stays once something is priced in it."""
    branding: WriteBranding = WriteBranding()
    shipping: WriteShipping
    terms: WriteTerms = WriteTerms()
    origins: Annotated[list[Origin], Field(max_length=20)] = Field(default_factory=list)
    """The web origins whose pages may read this shop's answers: `https://shop.example`."""
    reason: Reason | None = None
    """For the record."""


class TermsView(View):
    pay_minutes: int | None
    confirm_days: int | None
    ship_alarm_hours: int | None
    open_orders: int | None
    reserved_units: int | None


class TermsInForce(View):
    """What an order meets: the shop's terms, where it has none the stage's, under the ceilings."""

    pay_minutes: int
    confirm_days: int
    ship_alarm_hours: int
    open_orders: int
    reserved_units: int


class SettingsView(View):
    """A shop's settings, as its staff see them."""

    name: str
    locale: str
    time_zone: str
    currency: str
    currency_fixed: bool
    """Something is priced in it: it stays."""
    branding: BrandingView
    shipping: Shipping
    terms: TermsView
    in_force: TermsInForce
    ceilings: Limits
    """The most this shop may allow its customers."""
    origins: list[str]
    """The web origins whose pages may read this shop's answers."""
    hosts: list[str]
    """Where visitors reach it; bound by the platform."""
    in_effect_within_seconds: int
    """After a change, other processes may go on with the old settings for as long."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        tenant: Tenant = thing
        return cls(
            name=tenant.name,
            locale=tenant.locale,
            time_zone=tenant.time_zone,
            currency=tenant.currency,
            currency_fixed=tenant.currency_fixed,
            branding=BrandingView.of(tenant.branding),
            shipping=Shipping.of(tenant),
            terms=TermsView.of(tenant.terms),
            in_force=TermsInForce.of(rules.in_force(tenant, settings())),
            ceilings=Limits.of(rules.most(tenant.ceilings, settings())),
            origins=sorted(tenant.origins),
            hosts=tenant.hosts,
            in_effect_within_seconds=int(REMEMBERED_FOR.total_seconds()),
        )
