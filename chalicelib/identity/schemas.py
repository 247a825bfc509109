"""The API's shapes of identity."""

from typing import Annotated, Any, Self, cast

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from chalicelib.core import ids
from chalicelib.core.text import Locale
from chalicelib.http import Body, ListOf, Timestamp, View, left_out
from chalicelib.identity import passwords
from chalicelib.identity.entities import Level, Purpose, User
from chalicelib.identity.signing_in import SignedIn

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")
]
PictureAddress = Annotated[str, Field(min_length=1, max_length=1000)]
"""Of https, at a public host name."""
UploadId = Annotated[str, Field(pattern=ids.pattern("upl"))]
LoginText = Annotated[str, Field(min_length=1, max_length=254)]
Password = Annotated[str, Field(min_length=passwords.SHORTEST, max_length=passwords.LONGEST)]


class Register(Body):
    """At least one of `email`, `phone` and `username`."""

    email: LoginText | None = None
    phone: LoginText | None = None
    username: LoginText | None = None
    password: Password
    name: Name | None = None


class SignIn(Body):
    login: LoginText
    """An email address, a phone number or a username."""
    password: Annotated[str, Field(min_length=1, max_length=passwords.LONGEST)]


class ConfirmPassword(Body):
    password: Annotated[str, Field(min_length=1, max_length=passwords.LONGEST)]


class Confirmed(View):
    confirmed_until: Timestamp
    """Until when this session's sensitive acts need no further proof."""


class PresentRefreshToken(Body):
    refresh_token: Annotated[str, Field(max_length=2000)]


class EditProfile(Body):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Name = left_out()
    avatar_url: PictureAddress | None = None
    """Null takes the picture away."""
    locale: Locale | None = None
    """The language to be written to in; null: the shop's."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("give at least one field")
        return self


class SetAvatar(Body):
    """One of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "minProperties": 1,
            "maxProperties": 1,
            "examples": [{"url": "https://images.example.com/lin.png"}],
        }
    )

    url: PictureAddress = left_out()
    upload_id: UploadId = left_out()
    """Of a complete upload of kind `avatar`, of one's own."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("give either url or upload_id")
        return self


CodeText = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["246813"])]
WechatCode = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
SessionId = Annotated[str, Field(pattern=ids.pattern("ses"))]


class AskForCode(Body):
    """Either `phone` or `email`."""

    phone: LoginText | None = None
    email: LoginText | None = None
    purpose: Purpose
    """`sign_in` (phones only), `bind` to one's account, `reset` a password, `confirm` closing the account."""


class SignInByPhone(Body):
    phone: LoginText
    code: CodeText


class SignInByWechat(Body):
    code: WechatCode
    """From `wx.login`."""


class Forgot(Body):
    login: LoginText


class Reset(Body):
    login: LoginText
    code: CodeText
    new_password: Password


class ChangePassword(Body):
    current_password: Annotated[str, Field(min_length=1, max_length=passwords.LONGEST)]
    new_password: Password


class BindPhone(Body):
    """`phone` with the code that was sent there, or the `wechat_code` of WeChat's phone number button."""

    phone: LoginText | None = None
    code: CodeText | None = None
    wechat_code: WechatCode | None = None


class BindEmail(Body):
    email: LoginText
    code: CodeText


class UserView(View):
    id: str
    name: str
    avatar_url: str | None
    email: str | None
    phone: str | None
    username: str | None
    locale: Locale | None
    level: Level
    roles: list[str]
    created_at: Timestamp

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            id=user.user_id,
            name=user.name,
            avatar_url=user.avatar_url,
            email=user.email,
            phone=user.phone,
            username=user.username,
            locale=cast(Locale | None, user.locale),
            level=cast(Level, user.level),
            roles=sorted(user.roles),
            created_at=user.created_at,
        )


class CodeSent(View):
    """The same whether or not anybody has an account with this login."""

    expires_in: int
    """Seconds the code is good for."""
    retry_after: int
    """Seconds until another may be asked for."""


class SessionView(View):
    id: str
    is_current: bool
    way: str
    client_ip: str
    user_agent: str
    created_at: Timestamp
    refreshed_at: Timestamp | None


class SessionPage(ListOf[SessionView]):
    pass


class SignInView(View):
    id: str
    at: Timestamp
    way: str
    outcome: str
    """`signed_in`, or the problem code of what was wrong."""
    client_ip: str
    user_agent: str


class SignInPage(ListOf[SignInView]):
    pass


class TokensView(View):
    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds the access token is good for."""


class SignedInView(TokensView):
    user: UserView

    @classmethod
    def of(cls, thing: Any) -> Self:
        signed_in: SignedIn = thing
        return cls(
            user=UserView.of(signed_in.user),
            access_token=signed_in.tokens.access_token,
            refresh_token=signed_in.tokens.refresh_token,
            expires_in=signed_in.tokens.expires_in,
        )
