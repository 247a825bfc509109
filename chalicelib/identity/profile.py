"""A person's own account."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.identity.entities import User, user_ref
from chalicelib.store import get


def of(ctx: Context) -> User:
    """The signed-in user. One GetItem. Raises NotFound."""
    user = get(User, user_ref(ctx.tenant, ctx.customer_id))
    if user is None or user.listed_as == "gone":
        raise NotFound
    return user
