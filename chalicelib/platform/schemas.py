"""The API's shapes of the platform's shops."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chalicelib.core.settings import settings
from chalicelib.core.text import Locale
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View
from chalicelib.identity.schemas import LoginText, Name, Password
from chalicelib.platform import backups
from chalicelib.store.backups import Backup, Window
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


class TakeBackup(Body):
    reason: Reason


BackupKind = Literal["on_demand", "scheduled", "of_a_deleted_table"]
_BACKUP_KINDS: dict[str, BackupKind] = {"USER": "on_demand", "AWS_BACKUP": "scheduled"}


class BackupView(View):
    arn: str
    name: str
    kind: BackupKind
    """Somebody asked for it; the backup plan made it; DynamoDB made it when a table was deleted."""
    status: Literal["creating", "available", "deleted"]
    made_at: Timestamp
    """It holds the table as it was then."""
    size_bytes: int
    """As DynamoDB counts, some hours behind."""
    expires_at: Timestamp | None
    restore: str
    """What an operator runs to have it restored into a table beside the live one."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        made: Backup = thing
        return cls(
            arn=made.arn,
            name=made.name,
            kind=_BACKUP_KINDS.get(made.kind, "of_a_deleted_table"),
            status=made.status.lower(),  # type: ignore[arg-type]  # one of DynamoDB's three
            made_at=made.made_at,
            size_bytes=made.size_bytes,
            expires_at=made.expires_at,
            restore=backups.how_to_restore(made),
        )


class WindowView(View):
    """Point-in-time recovery: the table as it was at any second between these two can be had."""

    is_on: bool
    earliest: Timestamp | None
    latest: Timestamp | None
    days: int | None
    restore_table: str | None = None
    """What an operator runs to have the whole table at a time, beside the live one."""
    restore_shop: str | None = None
    """And then to take one shop back to it."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        window: Window = thing
        return cls(
            is_on=window.is_on,
            earliest=window.earliest,
            latest=window.latest,
            days=window.days,
            **backups.how_to_go_back(window),
        )


class BackupPage(ListOf[BackupView]):
    """Backups, newest first."""

    point_in_time: WindowView
