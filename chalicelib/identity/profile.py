"""A person's own account: read it, rename oneself."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.identity.entities import User, user_ref
from chalicelib.store import get, refuse_with, update


def of(ctx: Context) -> User:
    """The signed-in user. One GetItem. Raises NotFound."""
    user = get(User, user_ref(ctx.tenant, ctx.customer_id))
    if user is None:
        raise NotFound
    return user


def rename(ctx: Context, name: str) -> User:
    """One UpdateItem. Raises NotFound."""
    return update(
        User,
        user_ref(ctx.tenant, ctx.customer_id),
        set={"name": name},
        add={"version": 1},
        when=User.user_id.exists(),
        mine=lambda stood: stood.name == name,
        refuse=refuse_with(NotFound),
    )
