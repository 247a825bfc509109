"""Registering, signing in and out, and one's own account.

A refresh token says which shop it is for: the routes that take one look at no `X-Tenant`. The answers of
`/v1/auth` hold tokens, which are stored nowhere: these routes take no idempotency key.
"""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, TooMany
from chalicelib.http import CUSTOMER, TOKENLESS, ListQuery, RateLimit, Routes
from chalicelib.identity import (
    appearing,
    bindings,
    codes,
    confirming,
    entering,
    logins,
    password_changes,
    profile,
    refresh_tokens,
    registering,
    session_list,
    sessions,
    sign_ins,
    signing_in,
)
from chalicelib.identity.accounts import LoginTaken
from chalicelib.identity.bindings import LastWayIn
from chalicelib.identity.codes import ChannelMissing, CodeInvalid
from chalicelib.identity.confirmations import ConfirmationRequired
from chalicelib.identity.confirming import NoPassword
from chalicelib.identity.passwords import PasswordWeak
from chalicelib.identity.proving import PasswordWrong
from chalicelib.identity.refresh_tokens import RefreshInvalid
from chalicelib.identity.registering import RegistrationClosed
from chalicelib.identity.schemas import (
    AskForCode,
    BindEmail,
    BindPhone,
    ChangePassword,
    CodeSent,
    Confirmed,
    ConfirmPassword,
    EditProfile,
    Forgot,
    PresentRefreshToken,
    Register,
    Reset,
    SessionId,
    SessionPage,
    SessionView,
    SetAvatar,
    SignedInView,
    SignIn,
    SignInByPhone,
    SignInByWechat,
    SignInPage,
    SignInView,
    TokensView,
    UserView,
)
from chalicelib.identity.sessions import RefreshReused, RefreshSuperseded, SessionRevoked
from chalicelib.identity.signing_in import AccountDisabled, CredentialsInvalid
from chalicelib.identity.wechat import WechatBusy, WechatCodeInvalid, WechatOff
from chalicelib.media.storage import UploadsOff
from chalicelib.tenants.service import TenantSuspended

routes = Routes("identity")


@routes.post(
    "/v1/auth/register",
    permission=TOKENLESS,
    status=201,
    rate_limit=RateLimit(20, 600),
    errors=[LoginTaken, PasswordWeak, Invalid, TooMany, RegistrationClosed],
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
    "/v1/auth/sms-codes",
    permission=TOKENLESS,
    status=202,
    rate_limit=RateLimit(20, 3600),
    errors=[ChannelMissing, Invalid, TooMany],
)
def send_code(ctx: Context, body: AskForCode) -> CodeSent:
    """Send a code of six digits to a phone or an email. It is good once, for five minutes.

    One a minute and five an hour for each address. The answer does not tell whether anybody has an account there.
    """
    codes.issue(ctx, logins.given(phone=body.phone, email=body.email, purpose=body.purpose), body.purpose)
    return _code_sent()


def _code_sent() -> CodeSent:
    return CodeSent(
        expires_in=int(codes.GOOD_FOR.total_seconds()), retry_after=int(codes.AGAIN_AFTER.total_seconds())
    )


@routes.post(
    "/v1/auth/phone",
    permission=TOKENLESS,
    rate_limit=RateLimit(30, 300),
    errors=[CodeInvalid, AccountDisabled, Invalid, RegistrationClosed],
)
def sign_in_by_phone(ctx: Context, body: SignInByPhone) -> SignedInView:
    """Sign in with a phone and the code that was sent there. Who is new is registered."""
    return SignedInView.of(entering.by_phone(ctx, body.phone, body.code))


@routes.post(
    "/v1/auth/wechat",
    permission=TOKENLESS,
    rate_limit=RateLimit(60, 300),
    errors=[WechatCodeInvalid, WechatBusy, WechatOff, AccountDisabled, RegistrationClosed],
)
def sign_in_by_wechat(ctx: Context, body: SignInByWechat) -> SignedInView:
    """Sign in from the WeChat mini-program, with the code of `wx.login`. Who is new is registered."""
    return SignedInView.of(entering.by_wechat(ctx, body.code))


@routes.post(
    "/v1/auth/password/forgot",
    permission=TOKENLESS,
    status=202,
    rate_limit=RateLimit(20, 3600),
    errors=[ChannelMissing, TooMany],
)
def forgot_password(ctx: Context, body: Forgot) -> CodeSent:
    """Send a code to the login, or to the phone or email of the account with this username, if there is one."""
    password_changes.forgot(ctx, body.login)
    return _code_sent()


@routes.post(
    "/v1/auth/password/reset",
    permission=TOKENLESS,
    status=204,
    rate_limit=RateLimit(20, 600),
    errors=[CodeInvalid, PasswordWeak, AccountDisabled],
)
def reset_password(ctx: Context, body: Reset) -> None:
    """Set a new password with the code that was sent. Every session of the account ends."""
    password_changes.reset(ctx, body.login, body.code, body.new_password)


@routes.post(
    "/v1/auth/password/change",
    permission=CUSTOMER,
    status=204,
    errors=[PasswordWrong, PasswordWeak, NotFound, TooMany],
)
def change_password(ctx: Context, body: ChangePassword) -> None:
    """Change one's own password. Every other session ends. Who has none yet sets one by `password/forgot`."""
    password_changes.change(ctx, body.current_password, body.new_password)


@routes.post(
    "/v1/auth/refresh",
    permission=TOKENLESS,
    tenantless=True,
    rate_limit=RateLimit(300, 60, shared=False),
    errors=[RefreshInvalid, SessionRevoked, RefreshSuperseded, RefreshReused, TenantSuspended],
)
def refresh(ctx: Context, body: PresentRefreshToken) -> TokensView:
    """Exchange a refresh token for new tokens.

    Whose answer was lost may ask again within ten seconds, and gets the same refresh token. A token that comes again
    later ends the session.
    """
    return TokensView.of(signing_in.refresh(ctx, refresh_tokens.read(body.refresh_token)))


@routes.post(
    "/v1/auth/logout",
    permission=TOKENLESS,
    tenantless=True,
    status=204,
    rate_limit=RateLimit(300, 60, shared=False),
    errors=[RefreshInvalid],
)
def logout(ctx: Context, body: PresentRefreshToken) -> None:
    """End the session. Its access token stops working at once."""
    sessions.end(ctx, refresh_tokens.read(body.refresh_token))


@routes.get("/v1/auth/sessions", permission=CUSTOMER)
def list_sessions(ctx: Context, query: ListQuery) -> SessionPage:
    """My sessions, newest first: where and how each began, and which one this is."""
    page = session_list.standing(ctx, limit=query.limit, cursor=query.cursor)
    shown = [
        SessionView(
            id=one.session_id,
            is_current=one.session_id == ctx.actor.session_id,
            way=one.way,
            client_ip=one.client_ip,
            user_agent=one.user_agent,
            created_at=one.created_at,
            refreshed_at=one.refreshed_at,
        )
        for one in page.data
    ]
    return SessionPage.page(shown, page.next_cursor)


@routes.delete("/v1/auth/sessions/{session_id}", permission=CUSTOMER, status=204, errors=[NotFound])
def end_session(ctx: Context, session_id: SessionId) -> None:
    """End one of my sessions, this one too. Its access token stops working within five seconds."""
    session_list.end(ctx, session_id)


@routes.delete("/v1/auth/sessions", permission=CUSTOMER, status=204)
def end_other_sessions(ctx: Context) -> None:
    """End all of my sessions but this one."""
    session_list.end_all(ctx, ctx.customer_id, keep=ctx.actor.session_id)


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
    return UserView.of(appearing.edit(ctx, body.model_dump(exclude_unset=True)))


@routes.put("/v1/me/avatar", permission=CUSTOMER, errors=[NotFound, Invalid, UploadsOff])
def set_avatar(ctx: Context, body: SetAvatar) -> UserView:
    """Show a picture beside one's name: one that was uploaded, or one that lies elsewhere."""
    if "upload_id" in body.model_fields_set:
        return UserView.of(appearing.show_upload(ctx, body.upload_id))
    return UserView.of(appearing.edit(ctx, {"avatar_url": body.url}))


@routes.delete("/v1/me/avatar", permission=CUSTOMER, status=204, errors=[NotFound])
def remove_avatar(ctx: Context) -> None:
    """Show no picture any more; one that was uploaded is deleted."""
    appearing.edit(ctx, {"avatar_url": None})


@routes.put(
    "/v1/me/phone",
    permission=CUSTOMER,
    rate_limit=RateLimit(30, 300, per="user"),
    errors=[LoginTaken, Invalid, NotFound, WechatBusy, WechatOff, ConfirmationRequired],
)
def bind_phone(ctx: Context, body: BindPhone) -> UserView:
    """Bind a phone by a code that was sent there, or by the code of WeChat's phone number button."""
    if body.wechat_code is not None and body.phone is None and body.code is None:
        return UserView.of(bindings.bind_wechat_phone(ctx, body.wechat_code))
    if body.wechat_code is not None or body.phone is None or body.code is None:
        raise Invalid.field("phone", "proof_missing", "give phone and code, or wechat_code alone")
    return UserView.of(bindings.bind(ctx, "phone", body.phone, body.code))


@routes.delete("/v1/me/phone", permission=CUSTOMER, errors=[LastWayIn, NotFound, ConfirmationRequired])
def unbind_phone(ctx: Context) -> UserView:
    """Take the phone off my account; it is free for another."""
    return UserView.of(bindings.unbind(ctx, "phone"))


@routes.put(
    "/v1/me/email",
    permission=CUSTOMER,
    rate_limit=RateLimit(30, 300, per="user"),
    errors=[LoginTaken, Invalid, NotFound, ConfirmationRequired],
)
def bind_email(ctx: Context, body: BindEmail) -> UserView:
    """Bind an email by a code that was sent there."""
    return UserView.of(bindings.bind(ctx, "email", body.email, body.code))


@routes.delete("/v1/me/email", permission=CUSTOMER, errors=[LastWayIn, NotFound, ConfirmationRequired])
def unbind_email(ctx: Context) -> UserView:
    """Take the email off my account; it is free for another."""
    return UserView.of(bindings.unbind(ctx, "email"))


@routes.get("/v1/me/sign-ins", permission=CUSTOMER)
def list_sign_ins(ctx: Context, query: ListQuery) -> SignInPage:
    """When, where and how somebody signed in to my account, or tried to; newest first, of the last half year."""
    page = sign_ins.of_user(ctx, ctx.customer_id, limit=query.limit, cursor=query.cursor)
    shown = [
        SignInView(
            id=one.sign_in_id,
            at=one.at,
            way=one.way,
            outcome=one.outcome,
            client_ip=one.client_ip,
            user_agent=one.user_agent,
        )
        for one in page.data
    ]
    return SignInPage.page(shown, page.next_cursor)
