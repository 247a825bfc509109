"""A person's own account: read it, change how they appear in it."""

from collections.abc import Mapping

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.core.urls import UrlRefused, checked_public_url
from chalicelib.identity.entities import User, user_ref
from chalicelib.store import again, get, transaction


def of(ctx: Context) -> User:
    """The signed-in user. One GetItem. Raises NotFound."""
    user = get(User, user_ref(ctx.tenant, ctx.customer_id))
    if user is None or user.listed_as == "gone":
        raise NotFound
    return user


def edit(ctx: Context, fields: Mapping[str, str | None]) -> User:
    """Give `name`, `avatar_url` or `locale` other values. Store calls: 2, or 1 when nothing changes.

    Raises NotFound, Invalid for an address that is not public.
    """
    _check_picture(fields.get("avatar_url"))

    def attempt() -> User:
        user = of(ctx)
        if all(getattr(user, name) == value for name, value in fields.items()):
            return user
        for name, value in fields.items():
            setattr(user, name, value)
        with transaction(ctx) as tx:
            tx.replace("user", user)
        return user

    return again(attempt, PreconditionFailed)


def _check_picture(url: str | None) -> None:
    if url is None:
        return
    try:
        checked_public_url(url)
    except UrlRefused as error:
        raise Invalid.field("url", "url_not_public", str(error)) from None
