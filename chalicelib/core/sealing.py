"""Secrets at rest: AES-256-GCM under the stage's keys, bound to what they belong to."""

import hashlib
import hmac
import secrets

from chalicelib.core.settings import Misconfigured, settings

_NONCE = 12


def seal(plain: str, belongs_to: str) -> bytes:
    """`belongs_to` (an address in the table) is authenticated: a sealed value copied elsewhere does not open."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    kid, key = settings().secret_keys[0]
    nonce = secrets.token_bytes(_NONCE)
    return kid.encode() + b":" + nonce + AESGCM(key[:32]).encrypt(nonce, plain.encode(), belongs_to.encode())


def unseal(sealed: bytes, belongs_to: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    kid, _, rest = sealed.partition(b":")
    key = settings().sealing.find(
        lambda keys: next((key for known, key in keys if known.encode() == kid), None)
    )
    if key is None:
        raise Misconfigured(f"SOUK_SECRET_KEYS does not hold key {kid.decode()!r}, which stored secrets use")
    return AESGCM(key[:32]).decrypt(rest[:_NONCE], rest[_NONCE:], belongs_to.encode()).decode()


def fingerprint(plain: str, purpose: str) -> str:
    """Equal texts have equal fingerprints, and nothing can be read back from one: for uniqueness and look-up.

    Made with the last key listed: a rotation puts the new key first and keeps that one.
    """
    key = settings().secret_keys[-1][1]
    return hmac.new(key, f"{purpose}\x00{plain}".encode(), hashlib.sha256).hexdigest()[:40]
