"""A person, the logins that lead to them, and their sessions."""

from datetime import datetime
from typing import Any, Literal

from chalicelib.store import (
    Expiry,
    Flag,
    Instant,
    Int,
    Item,
    Key,
    OptionalBytes,
    OptionalInstant,
    OptionalText,
    Ref,
    Text,
    Words,
)

LoginKind = Literal["email", "phone", "username", "wechat_openid", "wechat_unionid"]
Way = Literal["password", "register", "phone", "wechat"]
Purpose = Literal["sign_in", "bind", "reset", "confirm"]
"""What a code is good for: one asked for to bind a phone opens nobody's account."""
UserStatus = Literal["active", "disabled", "closed", "merged"]
"""`closed`: by the person, their data erased. `merged`: another account took this one's place."""
ListedAs = Literal["customer", "staff", "gone"]
Level = Literal["ordinary", "member", "vip"]


class User(Item, discriminator="user"):
    """A person with an account: a customer, or with roles a member of staff."""

    key = Key("USER#{user_id}", "USER", "one user by id")
    listed = Key(
        "USERS#{listed_as}", "{user_id}", "customers, staff, or former users, newest first", index="by_state"
    )
    indexes = (listed,)
    hidden = frozenset({"password_hash"})
    personal = frozenset(
        {"name", "email", "phone", "username", "avatar_url", "wechat_openid", "wechat_unionid"}
    )

    user_id: Text = Text()
    name: Text = Text(default="")
    email: OptionalText = OptionalText(default=None)
    phone: OptionalText = OptionalText(default=None)
    username: OptionalText = OptionalText(default=None)
    wechat_openid: OptionalText = OptionalText(default=None)
    wechat_unionid: OptionalText = OptionalText(default=None)
    password_hash: OptionalText = OptionalText(default=None)
    """None: this person signs in without a password."""
    email_verified_at: OptionalInstant = OptionalInstant(default=None)
    phone_verified_at: OptionalInstant = OptionalInstant(default=None)
    era: Int = Int(default=0)
    """Counts up when the account passes to who proved a login of it: sessions of an earlier era end."""
    roles: Words = Words(default=frozenset)
    status: Text = Text(default="active")
    level: Text = Text(default="ordinary")
    level_is_fixed: Flag = Flag(default=False)
    """Set by staff: no rule moves it."""
    tags: Words = Words(default=frozenset)
    adviser_id: OptionalText = OptionalText(default=None)
    """The member of staff who looks after this customer: who sees only their own sees this one."""
    avatar_url: OptionalText = OptionalText(default=None)
    avatar_upload_id: OptionalText = OptionalText(default=None)
    """The upload that is shown there; None: it lies elsewhere."""
    locale: OptionalText = OptionalText(default=None)
    """The language they want to be written to in; None: the shop's."""
    merged_into: OptionalText = OptionalText(default=None)
    absorbed: Words = Words(default=frozenset)
    """Accounts that were merged into this one: what is left of them goes when this one is closed."""
    closed_at: OptionalInstant = OptionalInstant(default=None)
    last_seen_at: OptionalInstant = OptionalInstant(default=None)
    """The last sign-in."""
    created_at: Instant = Instant()

    @property
    def listed_as(self) -> ListedAs:
        if self.status in ("closed", "merged"):
            return "gone"
        return "staff" if self.roles else "customer"

    def row(self) -> dict[str, Any]:
        return {
            "id": self.user_id,
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "username": self.username,
            "roles": sorted(self.roles),
            "status": self.status,
            "level": self.level,
            "tags": sorted(self.tags),
            "adviser_id": self.adviser_id,
            "created_at": self.created_at.isoformat(),
        }


class LoginBinding(Item, discriminator="login"):
    """Whose a login is. It stands at the login's own address, so a login has one owner."""

    key = Key("LOGIN#{login_kind}#{login}", "LOGIN", "whose a login is")
    personal = frozenset({"login"})

    login_kind: Text = Text()
    login: Text = Text()
    """Normalised: two spellings of one login are one address."""
    user_id: Text = Text()


class Session(Item, discriminator="session"):
    """One sign-in and all refresh tokens that follow from it. Of those, only the last one issued is good."""

    key = Key("USER#{user_id}", "SESSION#{session_id}", "one session; all of a user are one Query")
    hidden = frozenset({"cur", "prev"})
    personal = frozenset({"client_ip"})

    user_id: Text = Text()
    session_id: Text = Text()
    cur: Text = Text()
    """SHA-256 of the refresh token's secret; the secret itself is with the client alone."""
    prev: OptionalText = OptionalText(default=None)
    prev_at: OptionalInstant = OptionalInstant(default=None)
    generation: Int = Int(default=1)
    era: Int = Int(default=0)
    """The account's, when it was opened."""
    roles: Words = Words(default=frozenset)
    """The user's, copied here: one read tells both that the session stands and what its bearer may do."""
    way: Text = Text(default="password")
    """How its owner proved who they are."""
    client_ip: Text = Text(default="")
    user_agent: Text = Text(default="")
    created_at: Instant = Instant()
    refreshed_at: OptionalInstant = OptionalInstant(default=None)
    confirmed_at: OptionalInstant = OptionalInstant(default=None)
    """When its owner last proved their password: what a sensitive act asks for."""
    revoked_at: OptionalInstant = OptionalInstant(default=None)
    ttl: Expiry = Expiry(default=None)

    def stands(self, now: datetime) -> bool:
        return self.revoked_at is None and not self.is_expired(now)


class Code(Item, discriminator="code"):
    """The one live code of a login: asking for another takes its place."""

    key = Key("CODE#{address}", "CODE", "the live code of a login")
    audited = False

    address: Text = Text()
    """The login it was asked for, normalised."""
    purpose: Text = Text()
    locale: Text = Text()
    """The language in which it was asked for."""
    digest: Text = Text()
    sealed: OptionalBytes = OptionalBytes(default=None)
    """The code for its way to the person; gone once it was handed over."""
    tries: Int = Int(default=0)
    last_try: OptionalText = OptionalText(default=None)
    sent_at: Instant = Instant()
    expires_at: Instant = Instant()
    spent_at: OptionalInstant = OptionalInstant(default=None)


class SignInRecord(Item, discriminator="sign_in"):
    """One sign-in, or one that failed; it goes by itself after half a year."""

    key = Key("USER#{user_id}#SIGN_INS", "{sign_in_id}", "a person's sign-ins, newest first")
    audited = False
    personal = frozenset({"client_ip"})

    user_id: Text = Text()
    sign_in_id: Text = Text()
    at: Instant = Instant()
    way: Text = Text()
    outcome: Text = Text()
    """`signed_in`, or the code of the refusal."""
    client_ip: Text = Text(default="")
    user_agent: Text = Text(default="")


def user_ref(tenant: str, user_id: str) -> Ref:
    return User.key.of(tenant, user_id=user_id)


def session_ref(tenant: str, user_id: str, session_id: str) -> Ref:
    return Session.key.of(tenant, user_id=user_id, session_id=session_id)
