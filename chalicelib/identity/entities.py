"""A person, the logins that lead to them, and their sessions."""

from typing import Literal

from chalicelib.store import Expiry, Instant, Int, Item, Key, OptionalInstant, OptionalText, Ref, Text, Words

LoginKind = Literal["email", "phone", "username"]
UserStatus = Literal["active", "disabled"]


class User(Item, discriminator="user"):
    """A person with an account: a customer, or with roles a member of staff."""

    key = Key("USER#{user_id}", "USER", "one user by id")

    user_id: Text = Text()
    name: Text = Text(default="")
    email: OptionalText = OptionalText(default=None)
    phone: OptionalText = OptionalText(default=None)
    username: OptionalText = OptionalText(default=None)
    password_hash: Text = Text()
    roles: Words = Words(default=frozenset)
    status: Text = Text(default="active")
    created_at: Instant = Instant()


class LoginBinding(Item, discriminator="login"):
    """Whose a login is. It stands at the login's own address, so a login has one owner."""

    key = Key("LOGIN#{login_kind}#{login}", "LOGIN", "whose a login is")

    login_kind: Text = Text()
    login: Text = Text()
    """Normalised: two spellings of one login are one address."""
    user_id: Text = Text()


class Session(Item, discriminator="session"):
    """One sign-in and all refresh tokens that follow from it. Of those, only the last one issued is good."""

    key = Key("USER#{user_id}", "SESSION#{session_id}", "one session; all of a user are one Query")

    user_id: Text = Text()
    session_id: Text = Text()
    cur: Text = Text()
    """SHA-256 of the refresh token's secret; the secret itself is with the client alone."""
    prev: OptionalText = OptionalText(default=None)
    prev_at: OptionalInstant = OptionalInstant(default=None)
    generation: Int = Int(default=1)
    roles: Words = Words(default=frozenset)
    """The user's, copied here: one read tells both that the session stands and what its bearer may do."""
    created_at: Instant = Instant()
    revoked_at: OptionalInstant = OptionalInstant(default=None)
    ttl: Expiry = Expiry(default=None)


def user_ref(tenant: str, user_id: str) -> Ref:
    return User.key.of(tenant, user_id=user_id)


def session_ref(tenant: str, user_id: str, session_id: str) -> Ref:
    return Session.key.of(tenant, user_id=user_id, session_id=session_id)
