"""The API's shapes of identity."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from chalicelib.http import Body, Timestamp, View
from chalicelib.identity import passwords
from chalicelib.identity.entities import User
from chalicelib.identity.signing_in import SignedIn

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")
]
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


class Rename(Body):
    name: Name


class UserView(View):
    id: str
    name: str
    email: str | None
    phone: str | None
    username: str | None
    roles: list[str]
    created_at: Timestamp

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            id=user.user_id,
            name=user.name,
            email=user.email,
            phone=user.phone,
            username=user.username,
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
