"""Registering, signing in and out, and one's own account.

A refresh token says which shop it is for: the routes that take one look at no `X-Tenant`. The answers of
`/v1/auth` hold tokens, which are stored nowhere: these routes take no idempotency key.
"""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, TooMany
from chalicelib.http import CUSTOMER, TOKENLESS, RateLimit, Routes
from chalicelib.identity import confirming, profile, refresh_tokens, registering, sessions, signing_in
from chalicelib.identity.accounts import LoginTaken
from chalicelib.identity.confirming import NoPassword
from chalicelib.identity.refresh_tokens import RefreshInvalid
from chalicelib.identity.schemas import (
    Confirmed,
    ConfirmPassword,
    EditProfile,
    PresentRefreshToken,
    Register,
    SetAvatar,
    SignedInView,
    SignIn,
    TokensView,
    UserView,
)
from chalicelib.identity.sessions import RefreshReused, RefreshSuperseded, SessionRevoked
from chalicelib.identity.signing_in import AccountDisabled, CredentialsInvalid
from chalicelib.tenants.service import TenantSuspended

routes = Routes("identity")


@routes.post(
    "/v1/auth/register",
    permission=TOKENLESS,
    status=201,
    rate_limit=RateLimit(20, 600),
    errors=[LoginTaken, Invalid, TooMany],
)
def register(ctx: Context, body: Register) -> SignedInView:
    """Open an account with an email, a phone or a username, and sign in."""
    return SignedInView.of(registering.register(ctx, body))


@routes.post(
    "/v1/auth/login",
    permission=TOKENLESS,
    rate_limit=RateLimit(30, 300),
    errors=[CredentialsInvalid, AccountDisabled, TooMany],
)
def login(ctx: Context, body: SignIn) -> SignedInView:
    """Sign in with a login and a password."""
    return SignedInView.of(signing_in.sign_in(ctx, body.login, body.password))


@routes.post(
    "/v1/auth/refresh",
    permission=TOKENLESS,
    tenantless=True,
    errors=[RefreshInvalid, SessionRevoked, RefreshSuperseded, RefreshReused, TenantSuspended],
)
def refresh(ctx: Context, body: PresentRefreshToken) -> TokensView:
    """Exchange a refresh token, which is good once, for new tokens.

    A token that comes a second time ends the session, unless it comes within ten seconds of the first.
    """
    return TokensView.of(signing_in.refresh(ctx, refresh_tokens.read(body.refresh_token)))


@routes.post("/v1/auth/logout", permission=TOKENLESS, tenantless=True, status=204, errors=[RefreshInvalid])
def logout(ctx: Context, body: PresentRefreshToken) -> None:
    """End the session. Its access token stops working at once."""
    sessions.end(ctx, refresh_tokens.read(body.refresh_token))


@routes.post(
    "/v1/auth/password/confirm",
    permission=CUSTOMER,
    errors=[CredentialsInvalid, NoPassword, NotFound, TooMany],
)
def confirm_password(ctx: Context, body: ConfirmPassword) -> Confirmed:
    """Prove one's password again: opens sensitive acts of this session for five minutes."""
    return Confirmed(confirmed_until=confirming.confirm(ctx, body.password))


@routes.get("/v1/me", permission=CUSTOMER, errors=[NotFound])
def me(ctx: Context) -> UserView:
    """The signed-in user."""
    return UserView.of(profile.of(ctx))


@routes.patch("/v1/me", permission=CUSTOMER, errors=[NotFound, Invalid])
def edit_me(ctx: Context, body: EditProfile) -> UserView:
    """Change one's own name, picture or language."""
    return UserView.of(profile.edit(ctx, body.model_dump(exclude_unset=True)))


@routes.put("/v1/me/avatar", permission=CUSTOMER, errors=[NotFound, Invalid])
def set_avatar(ctx: Context, body: SetAvatar) -> UserView:
    """Show a picture beside one's name."""
    return UserView.of(profile.edit(ctx, {"avatar_url": body.url}))


@routes.delete("/v1/me/avatar", permission=CUSTOMER, status=204, errors=[NotFound])
def remove_avatar(ctx: Context) -> None:
    """Show no picture any more."""
    profile.edit(ctx, {"avatar_url": None})
