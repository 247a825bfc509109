"""Access tokens: short-lived JWTs, HS256 and nothing else. PyJWT is loaded on first use.

The token says who and which session; what they may do is read from the session. It ends by our clock, and
each way it can be wrong has a code of its own.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core import ids
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.tenants.entities import is_slug

ISSUER = "souk"
AUDIENCE = "souk-api"
LIFETIME_SECONDS = 15 * 60
LEEWAY_SECONDS = 30
"""How far ahead the clock of the process that issued a token may be."""
_ALGORITHM = "HS256"
_LONGEST = 2000
_USER = re.compile(ids.pattern("usr"))
_SESSION = re.compile(ids.pattern("ses"))


class TokenMalformed(Unauthenticated):
    code = "token_malformed"
    title = Text("The access token cannot be read", "访问令牌格式错误")


class TokenSignature(Unauthenticated):
    """Signed by another key or by another algorithm, not signed at all, or changed since."""

    code = "token_signature"
    title = Text("The access token was not signed by us", "访问令牌签名无效")


class TokenExpired(Unauthenticated):
    code = "token_expired"
    title = Text("The access token has expired", "访问令牌已过期")
    detail = Text("Get a new one with the refresh token.", "请使用刷新令牌换取新令牌。")


class TokenAudience(Unauthenticated):
    code = "token_audience"
    title = Text("The access token is meant for another service", "访问令牌不适用于本服务")


@dataclass(frozen=True, slots=True)
class Claims:
    tenant: str
    user_id: str
    session_id: str
    is_staff: bool
    """Good for what is shown, never for what is allowed: that is the session's to say."""


def mint(claims: Claims, now: datetime) -> str:
    import jwt

    kid, secret = settings().jwt_keys[0]
    issued_at = int(now.timestamp())
    body: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": claims.user_id,
        "tid": claims.tenant,
        "sid": claims.session_id,
        "iat": issued_at,
        "exp": issued_at + LIFETIME_SECONDS,
        "jti": f"{ids.random_bits(64):016x}",
    }
    if claims.is_staff:
        body["staff"] = True
    return jwt.encode(body, secret, algorithm=_ALGORITHM, headers={"kid": kid})


def read(token: str, now: datetime) -> Claims:
    """The claims of a token that is ours and still good.

    Raises TokenMalformed, TokenSignature, TokenAudience, TokenExpired.
    """
    body = _verified(token)
    issued_at, expires_at = body["iat"], body["exp"]
    if type(issued_at) is not int or type(expires_at) is not int:
        raise TokenMalformed
    epoch = now.timestamp()
    if epoch >= expires_at or issued_at > epoch + LEEWAY_SECONDS:
        raise TokenExpired
    tenant, user_id, session_id = body["tid"], body["sub"], body["sid"]
    formed = _is(is_slug, tenant) and _is(_USER.fullmatch, user_id) and _is(_SESSION.fullmatch, session_id)
    if not formed:
        raise TokenMalformed
    return Claims(tenant, user_id, session_id, body.get("staff") is True)


def _is(check: Any, claim: Any) -> bool:
    return isinstance(claim, str) and bool(check(claim))


def _verified(token: str) -> dict[str, Any]:
    """The body, once signature, algorithm, audience, issuer and the presence of every claim hold."""
    import jwt

    if len(token) > _LONGEST:
        raise TokenMalformed
    try:
        body: dict[str, Any] = jwt.decode(
            token,
            _key_of(token),
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={
                "require": ["iss", "aud", "sub", "tid", "sid", "iat", "exp"],
                "strict_aud": True,
                # PyJWT asks the system for the time; we ask our clock
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
        raise TokenSignature from None
    except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
        raise TokenAudience from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenMalformed from None
    return body


def _key_of(token: str) -> bytes:
    """The key a token names, among the live ones. A `kid` is looked up, never opened or fetched."""
    import jwt

    kid = jwt.get_unverified_header(token).get("kid")
    secret = settings().signing.find(
        lambda keys: next((secret for known, secret in keys if kid == known), None)
    )
    if secret is None:
        raise TokenSignature
    return secret
