"""Refresh tokens: opaque text that says whose session it belongs to and proves it with a random secret."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, replace

from chalicelib.core import ids
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.settings import Keys, settings
from chalicelib.core.text import Text
from chalicelib.tenants.entities import is_slug

_SECRET_BITS = 256
_SEPARATOR = "."
_TEXT = re.compile(r"[A-Za-z0-9_-]{1,450}")
_SECRET = re.compile(r"[0-9a-f]{64}")
_USER = re.compile(ids.pattern("usr"))
_SESSION = re.compile(ids.pattern("ses"))


class RefreshInvalid(Unauthenticated):
    code = "refresh_invalid"
    title = Text("This refresh token is not valid", "刷新令牌无效")
    detail = Text("Sign in again.", "请重新登录。")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    tenant: str
    user_id: str
    session_id: str
    secret: str

    @property
    def digest(self) -> str:
        """What the table keeps. The secret is 256 random bits: it needs no slow hash."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @property
    def text(self) -> str:
        said = _SEPARATOR.join((self.tenant, self.user_id, self.session_id, self.secret))
        said += _SEPARATOR + _mac(said, settings().jwt_keys[0][1])
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")

    def renewed(self) -> "RefreshToken":
        """The one token that follows this one. Presented again, it leads to the same: nobody without our key can
        tell which, and no random secret has to be kept anywhere to answer a lost answer again."""
        key = settings().jwt_keys[0][1]
        said = f"{self.tenant}\x00{self.session_id}\x00{self.secret}"
        return replace(self, secret=hmac.new(key, b"renew\x00" + said.encode(), hashlib.sha256).hexdigest())


def _new_secret() -> str:
    return f"{ids.random_bits(_SECRET_BITS):064x}"


def _mac(said: str, key: bytes) -> str:
    """Ours alone can be told from invented ones without the table: nobody ends a session by guessing at its tokens."""
    return hmac.new(key, b"refresh\x00" + said.encode(), hashlib.sha256).hexdigest()[:32]


def issue(tenant: str, user_id: str, session_id: str) -> RefreshToken:
    return RefreshToken(tenant, user_id, session_id, _new_secret())


def read(text: str) -> RefreshToken:
    """Take a token apart; whether it is good the table knows. Raises RefreshInvalid for any other text."""
    if not _TEXT.fullmatch(text):
        raise RefreshInvalid
    try:
        said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        said, _, mac = said.rpartition(_SEPARATOR)
        token = RefreshToken(*said.split(_SEPARATOR))
    except (ValueError, TypeError):
        raise RefreshInvalid from None
    formed = (
        is_slug(token.tenant)
        and _USER.fullmatch(token.user_id)
        and _SESSION.fullmatch(token.session_id)
        and _SECRET.fullmatch(token.secret)
    )
    if not formed or not _is_ours(said, mac):
        raise RefreshInvalid
    return token


def _is_ours(said: str, mac: str) -> bool:
    def fits(keys: Keys) -> bool | None:
        return any(hmac.compare_digest(mac, _mac(said, key)) for _, key in keys) or None

    return settings().signing.find(fits) or False
