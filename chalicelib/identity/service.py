"""Who sends a request: what the front door asks before anything else happens."""

from chalicelib.core import clock
from chalicelib.core.context import Actor, ActorKind
from chalicelib.identity import access_tokens, confirmations, custom_roles, session_memory, sessions
from chalicelib.tenants import service as tenants

TOKEN_REFUSALS = (
    access_tokens.TokenMalformed,
    access_tokens.TokenSignature,
    access_tokens.TokenAudience,
    access_tokens.TokenExpired,
)
SESSION_REFUSALS = (sessions.SessionRevoked,)
CONFIRMATION_REFUSALS = (confirmations.ConfirmationRequired,)


def authenticate(token: str, check_session: bool) -> tuple[str, Actor]:
    """The tenant and the person an access token speaks for.

    Without `check_session` the token alone is believed and allows nothing; with it the session must stand,
    and its roles give the permissions. Store calls: none in a warm process; else one for the session, one for
    the tenant, and one for the shop's own roles when the person has such a one. Raises TokenMalformed,
    TokenSignature, TokenAudience, TokenExpired, SessionRevoked, TenantUnknown, TenantSuspended.
    """
    now = clock.current().now()
    claims = access_tokens.read(token, now)
    tenant = tenants.find(claims.tenant)
    if not check_session:
        return tenant, Actor(_kind(claims.is_staff), id=claims.user_id, session_id=claims.session_id)
    roles = sessions.standing_roles(claims, now)
    allowed = custom_roles.allowed(tenant, roles, now)
    actor = Actor(
        _kind(bool(roles)),
        id=claims.user_id,
        roles=roles,
        permissions=allowed.permissions,
        sees_own_only=allowed.sees_own_only,
        session_id=claims.session_id,
    )
    return tenant, actor


def _kind(is_staff: bool) -> ActorKind:
    return "staff" if is_staff else "customer"


require_confirmed = confirmations.require
"""What the front door asks before a sensitive act."""


def forget_sessions() -> None:
    """Ask the table again for every session and every role."""
    session_memory.forget()
    custom_roles.forget()
