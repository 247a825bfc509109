"""Opening a shop: the tenant, its row, its hosts and its first admin, in one transaction."""

from dataclasses import replace

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid
from chalicelib.identity import accounts, holders, logins
from chalicelib.identity.entities import User
from chalicelib.identity.logins import Login
from chalicelib.platform.fields import ceilings_above_the_stage, hosts_of
from chalicelib.platform.schemas import FirstAdmin, OpenShop
from chalicelib.store import remember, transaction
from chalicelib.tenants import editing, writing
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import Branding, Ceilings, Tenant


def open_shop(ctx: Context, wish: OpenShop) -> Tenant:
    """A new shop, open at once, with somebody who may do everything in it.

    One transaction. Raises Invalid, SlugTaken, HostTaken, LoginTaken.
    """
    tenant = _drafted(ctx, wish)
    admin, login = _first_admin(ctx, wish.slug, wish.admin)
    with transaction(ctx) as tx:
        writing.put_new(tx, tenant)
        tx.put("admin", admin)
        accounts.bind(tx, admin, [login])
        holders.begin(tx, admin)
        remember(tx, tenant)
    tenants.forget()
    return tenant


def _drafted(ctx: Context, wish: OpenShop) -> Tenant:
    hosts, problems = hosts_of(wish.hosts)
    problems += editing.unfit(wish.time_zone, wish.currency)
    problems += ceilings_above_the_stage(wish.ceilings)
    if problems:
        raise Invalid(problems)
    return Tenant(
        tenant=wish.slug,
        name=wish.name,
        locale=wish.locale,
        time_zone=wish.time_zone,
        currency=wish.currency,
        branding=Branding(**wish.branding.model_dump()),
        ceilings=Ceilings(**wish.ceilings.model_dump()),
        hosts=hosts,
        created_at=ctx.now,
    )


def _first_admin(ctx: Context, slug: str, wish: FirstAdmin) -> tuple[User, Login]:
    """Takes as long as a password hash does. Raises Invalid."""
    login = logins.read(wish.login)
    if login is None:
        raise Invalid.field("admin.login", "login_invalid", "is no email address, phone number or username")
    there = replace(ctx, tenant=slug)
    try:
        user = accounts.drafted(
            there, ctx.new_id("usr"), [login], wish.password, name=wish.name, roles=["super_admin"]
        )
    except Invalid as error:
        raise Invalid([{**one, "field": f"admin.{one['field']}"} for one in error.errors]) from None
    return user, login
