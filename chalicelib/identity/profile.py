"""A person's own account: read it, rename oneself."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.identity.entities import User, user_ref
from chalicelib.store import again, get, transaction


def of(ctx: Context) -> User:
    """The signed-in user. One GetItem. Raises NotFound."""
    user = get(User, user_ref(ctx.tenant, ctx.customer_id))
    if user is None or user.listed_as == "gone":
        raise NotFound
    return user


def rename(ctx: Context, name: str) -> User:
    """Store calls: 2. Raises NotFound."""

    def attempt() -> User:
        user = of(ctx)
        user.name = name
        with transaction(ctx) as tx:
            tx.replace("user", user)
        return user

    return again(attempt, PreconditionFailed)
