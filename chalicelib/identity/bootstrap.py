"""The first start of a stage: tenant `default` and somebody who may do everything in it, and over all shops."""

import os
from collections.abc import Mapping

from chalicelib.core import ids
from chalicelib.core.context import system
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.core.settings import Misconfigured, settings
from chalicelib.identity import accounts, holders, logins
from chalicelib.identity.accounts import LoginTaken
from chalicelib.identity.entities import User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.store import get, refuse_with, transaction
from chalicelib.tenants import service as tenants
from chalicelib.tenants.entities import HOME as TENANT

ROLES = ("super_admin", "platform_owner")
_LOCAL = {"SOUK_ADMIN_LOGIN": "admin@souk.test", "SOUK_ADMIN_PASSWORD": "souk-local-admin"}


class _MadeByTwin(Conflict):
    """Another process started at the same moment, and was first."""


def ensure_first_admin() -> None:
    """Create tenant `default` and its super admin where there is none; safe twice at once.

    Store calls: 2 when both are there. Raises Misconfigured when a deployed stage was not told who.
    """
    tenants.ensure(TENANT, "Souk")
    ctx = system(TENANT)
    # the same id at every start, so that two starts at once meet at one address
    user_id = ids.derived_id("usr", "first admin", TENANT)
    if get(User, user_ref(TENANT, user_id)) is not None:
        return
    login, password = _told(os.environ, is_local=settings().is_local)
    try:
        user = accounts.drafted(ctx, user_id, [login], password, name="Admin", roles=ROLES)
    except Invalid as error:
        raise Misconfigured(f"SOUK_ADMIN_PASSWORD {error.errors[0]['message']}") from None
    try:
        with transaction(ctx) as tx:
            tx.put("user", user, refuse=refuse_with(_MadeByTwin))
            accounts.bind(tx, user, [login])
            holders.begin(tx, user)
    except _MadeByTwin:
        return
    except LoginTaken:
        raise Misconfigured("SOUK_ADMIN_LOGIN belongs to a customer's account: choose another") from None


def _told(env: Mapping[str, str], *, is_local: bool) -> tuple[Login, str]:
    values = {name: env.get(name) or (local if is_local else "") for name, local in _LOCAL.items()}
    for name, value in values.items():
        if not value:
            raise Misconfigured(f"{name} is not set: this stage has no super admin yet")
    login = logins.read(values["SOUK_ADMIN_LOGIN"])
    if login is None:
        raise Misconfigured("SOUK_ADMIN_LOGIN must be an email address, a phone number or a username")
    if not is_local and values["SOUK_ADMIN_PASSWORD"] == _LOCAL["SOUK_ADMIN_PASSWORD"]:
        raise Misconfigured("SOUK_ADMIN_PASSWORD is the one of developers' machines: choose another")
    return login, values["SOUK_ADMIN_PASSWORD"]
