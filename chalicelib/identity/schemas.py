"""The API's shapes of identity."""

from typing import Annotated, Any, Self, cast

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from chalicelib.core.text import Locale
from chalicelib.http import Body, Timestamp, View
from chalicelib.identity import passwords
from chalicelib.identity.entities import Level, User
from chalicelib.identity.signing_in import SignedIn

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")
]
PictureAddress = Annotated[str, Field(min_length=1, max_length=1000)]
"""Of https, at a public host name."""
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

    name: Name = ""
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
    url: PictureAddress


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
