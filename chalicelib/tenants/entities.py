"""A tenant, what a shop is set to, and what the platform keeps of it: its row in the directory, its hosts.

An item's partition begins with its own tenant. What must be seen across shops therefore stands under the platform's
own tenant, `HOME`, and is written in the transaction that writes the shop.
"""

import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from chalicelib.core.clock import to_text
from chalicelib.store import (
    Flag,
    Instant,
    Int,
    Item,
    Key,
    OptionalInstant,
    OptionalInt,
    OptionalText,
    Ref,
    Text,
    Value,
    Words,
)

HOME = "default"
"""The platform's own tenant: there from the first start, never suspended, never deleted."""

TenantStatus = Literal["active", "suspended", "deleting", "deleted"]
"""`deleting` and `deleted` come from the deletion tool; of a deleted shop only its row is left."""

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
SLUG_PATTERN = f"^{_SLUG.pattern}$"


def is_slug(text: str) -> bool:
    """Lower-case letters, digits and inner hyphens, 40 at most: what may stand at the front of a key."""
    return _SLUG.fullmatch(text) is not None


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Branding(_Setting):
    """How a shop wants to look; its clients draw with it."""

    logo_url: str | None = None
    icon_url: str | None = None
    color: str | None = None
    slogan: str | None = None


class Ceilings(_Setting):
    """The most the platform lets a shop allow its customers. Absent: what the stage allows."""

    open_orders: int | None = None
    reserved_units: int | None = None


class Terms(_Setting):
    """What a shop chose for itself. Absent: what the stage is set to."""

    pay_minutes: int | None = None
    confirm_days: int | None = None
    ship_alarm_hours: int | None = None
    open_orders: int | None = None
    reserved_units: int | None = None


class Tenant(Item, discriminator="tenant"):
    """One shop. Its slug is the `tenant` every item carries."""

    key = Key("TENANT", "TENANT", "one tenant by slug")

    name: Text = Text()
    currency: Text = Text(default="CNY")
    currency_fixed: Flag = Flag(default=False)
    """Something was priced in it: it stays."""
    locale: Text = Text(default="zh-CN")
    time_zone: Text = Text(default="Asia/Shanghai")
    status: Text = Text(default="active")
    shipping_fee: Int = Int(default=0)
    """In minor units, for an order with goods to ship."""
    free_shipping_from: OptionalInt = OptionalInt(default=None)
    """Goods worth this many minor units ship for nothing; None: none do."""
    branding: Value[Branding] = Value(Branding, default=Branding)
    ceilings: Value[Ceilings] = Value(Ceilings, default=Ceilings)
    terms: Value[Terms] = Value(Terms, default=Terms)
    parameters: Value[dict[str, Any]] = Value(dict[str, Any], default=dict)
    """What the shop chose of the other parameters, by name (`parameters.py`)."""
    hosts: Value[list[str]] = Value(list[str], default=list)
    """Each has a binding, written with this."""
    created_at: OptionalInstant = OptionalInstant(default=None)
    suspended_at: OptionalInstant = OptionalInstant(default=None)
    suspended_for: OptionalText = OptionalText(default=None)
    """The reason given."""

    origins: Words = Words(default=frozenset)
    """The web origins (`https://shop.example`) whose pages may read this shop's answers."""

    @property
    def slug(self) -> str:
        return self.tenant


class ParameterChange(Item, discriminator="parameter_change"):
    """One change of one parameter of a shop: from what to what, by whom and why. Written with the change."""

    key = Key("PARAMETER#{name}", "{at}#{change_id}", "how one parameter of a shop changed, newest first")
    audited = False

    name: Text = Text()
    at: Instant = Instant()
    change_id: Text = Text()
    before: Value[dict[str, Any]] = Value(dict[str, Any])
    """`{"value": …}`; empty: the default was in force."""
    after: Value[dict[str, Any]] = Value(dict[str, Any])
    actor_id: Text = Text()
    reason: Text = Text()


class TenantRow(Item, discriminator="tenant_row"):
    """A shop as the platform lists it: an image of its tenant, and for good the reservation of its slug."""

    key = Key("TENANTS", "{slug}", "the platform's list of shops, by slug")
    in_status = Key("TENANTS#{status}", "{slug}", "shops in one status, by slug", index="by_state")
    indexes = (in_status,)
    audited = False

    slug: Text = Text()
    name: Text = Text()
    status: Text = Text()
    currency: Text = Text()
    locale: Text = Text()
    time_zone: Text = Text()
    created_at: OptionalInstant = OptionalInstant(default=None)
    deleted_at: OptionalInstant = OptionalInstant(default=None)

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        return cls(
            tenant=HOME,
            slug=tenant.slug,
            name=tenant.name,
            status=tenant.status,
            currency=tenant.currency,
            locale=tenant.locale,
            time_zone=tenant.time_zone,
            created_at=tenant.created_at,
        )

    def row(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "name": self.name,
            "status": self.status,
            "currency": self.currency,
            "locale": self.locale,
            "time_zone": self.time_zone,
            "created_at": self.created_at and to_text(self.created_at),
            "deleted_at": self.deleted_at and to_text(self.deleted_at),
        }


class HostBinding(Item, discriminator="host"):
    """Whose a host is. It stands at the host's own address, so a host has one shop."""

    key = Key("HOST#{host}", "HOST", "which shop a host is bound to")
    audited = False

    host: Text = Text()
    slug: Text = Text()


def tenant_ref(slug: str) -> Ref:
    return Tenant.key.of(slug)


def tenant_row_ref(slug: str) -> Ref:
    return TenantRow.key.of(HOME, slug=slug)


def host_ref(host: str) -> Ref:
    return HostBinding.key.of(HOME, host=host)
