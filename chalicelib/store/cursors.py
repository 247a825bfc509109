"""Cursors: opaque to clients, signed, and bound to one partition and one query."""

import base64
import hashlib
import hmac
import json

from chalicelib.core.errors import Malformed
from chalicelib.core.settings import Keys, settings
from chalicelib.core.text import Text

_TAG_BYTES = 12


class CursorInvalid(Malformed):
    code = "cursor_invalid"
    title = Text("The cursor is not from this list", "游标与该列表不符")
    detail = Text("Start again without a cursor.", "请去掉游标重新开始。")


def _tag(payload: bytes, query: str, secret: bytes) -> bytes:
    return hmac.new(secret, query.encode() + b"\x00" + payload, hashlib.sha256).digest()[:_TAG_BYTES]


def seal(position: dict[str, str], query: str) -> str:
    """`query` names the partition, the index and every filter: the cursor works for nothing else."""
    payload = json.dumps(position, separators=(",", ":"), sort_keys=True).encode()
    secret = settings().jwt_keys[0][1]
    return base64.urlsafe_b64encode(_tag(payload, query, secret) + payload).decode().rstrip("=")


def unseal(cursor: str, query: str) -> dict[str, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise CursorInvalid from None
    tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]

    def fits(keys: Keys) -> bool | None:
        return any(hmac.compare_digest(tag, _tag(payload, query, secret)) for _, secret in keys) or None

    if not settings().signing.find(fits):
        raise CursorInvalid
    position: dict[str, str] = json.loads(payload)
    return position
