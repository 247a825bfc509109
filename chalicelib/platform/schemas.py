"""The API's shapes of the platform's shops."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chalicelib.core.settings import settings
from chalicelib.core.text import Locale
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View
from chalicelib.identity.schemas import LoginText, Name, Password
from chalicelib.tenants import terms as rules
from chalicelib.tenants.entities import SLUG_PATTERN, Tenant, TenantStatus
from chalicelib.tenants.schemas import (
    BrandingView,
    Count,
    CurrencyCode,
    Limits,
    Reason,
    ShopName,
    WriteBranding,
    ZoneName,
)

MOST_HOSTS = 20
"""Of one shop."""

Slug = Annotated[str, Field(pattern=SLUG_PATTERN, examples=["acme"])]
HostName = Annotated[str, Field(min_length=1, max_length=260, examples=["shop.example.com"])]
Hosts = Annotated[list[HostName], Field(max_length=MOST_HOSTS)]


class WriteCeilings(Body):
    """The most the shop may allow its customers; null: what the stage allows."""

    open_orders: Count | None = None
    reserved_units: Count | None = None


class FirstAdmin(Body):
    """Who will be the shop's super admin."""

    login: LoginText
    """An email address, a phone number or a username."""
    password: Password
    name: Name = "Admin"


class OpenShop(Body):
    slug: Slug
    """Begins every key of what is the shop's: it stays for good."""
    name: ShopName
    locale: Locale = "zh-CN"
    time_zone: ZoneName = "Asia/Shanghai"
    currency: CurrencyCode = "CNY"
    branding: WriteBranding = WriteBranding()
    ceilings: WriteCeilings = WriteCeilings()
    hosts: Hosts = Field(default_factory=list)
    """Names by which visitors reach the shop; each leads to one shop."""
    admin: FirstAdmin
    reason: Reason | None = None
    """For the record."""


class ConfigureShop(Body):
    """What is absent or null stays as it is; an object or a list that is given replaces the whole one."""

    name: ShopName | None = None
    locale: Locale | None = None
    time_zone: ZoneName | None = None
    currency: CurrencyCode | None = None
    """Stays once something is priced in it."""
    branding: WriteBranding | None = None
    ceilings: WriteCeilings | None = None
    hosts: Hosts | None = None
    reason: Reason | None = None
    """For the record."""


class SayWhy(Body):
    reason: Reason


class ShopQuery(ListQuery):
    status: TenantStatus | None = None
    """Absent: every shop, and the slugs that deleted shops keep."""


class ShopView(View):
    slug: str
    name: str
    status: Literal["active", "suspended", "deleting"]
    locale: str
    time_zone: str
    currency: str
    currency_fixed: bool
    """Something is priced in it: it stays."""
    branding: BrandingView
    ceilings: Limits
    """The most the shop may allow its customers."""
    hosts: list[str]
    created_at: Timestamp | None
    suspended_at: Timestamp | None
    suspended_for: str | None
    """The reason that was given."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        tenant: Tenant = thing
        shown = {name: getattr(tenant, name) for name in cls.model_fields}
        shown["branding"] = BrandingView.of(tenant.branding)
        shown["ceilings"] = Limits.of(rules.most(tenant.ceilings, settings()))
        return cls(**shown)


class ShopRow(View):
    slug: str
    name: str
    status: TenantStatus
    currency: str
    locale: str
    time_zone: str
    created_at: str | None = None
    deleted_at: str | None = None


class ShopPage(ListOf[ShopRow]):
    """Shops, by slug."""
