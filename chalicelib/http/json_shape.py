"""How deep and how wide a JSON body is, told from its bytes before anything is built of them."""

import re

from chalicelib.core.errors import Malformed
from chalicelib.core.text import Text

MOST_LEVELS = 32
_BYTES_A_KEY = 16
"""A body may have one key for so many bytes that its route takes: what people send has far fewer."""
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}:]', re.DOTALL)
"""A string that is never closed reaches to the end, so that no byte is looked at twice."""


class BodyTooDeep(Malformed):
    code = "body_too_deep"
    title = Text("The body is nested too deeply", "请求体嵌套过深")
    detail = Text("Send at most {limit} levels.", "最多允许 {limit} 层嵌套。")


class BodyTooWide(Malformed):
    code = "body_too_wide"
    title = Text("The body has too many fields", "请求体字段过多")
    detail = Text("Send at most {limit} fields in all.", "总共最多允许 {limit} 个字段。")


def check(body: bytes, body_bytes: int) -> None:
    """Raises BodyTooDeep, BodyTooWide. Whether it is JSON at all is for the parser to say."""
    most_keys = body_bytes // _BYTES_A_KEY
    # brackets and colons, also those inside strings: nearly every body is done here
    if body.count(b"{") + body.count(b"[") <= MOST_LEVELS and body.count(b":") <= most_keys:
        return
    level = keys = 0
    for found in _TOKEN.finditer(body):
        match found[0]:
            case b"{" | b"[":
                level += 1
                if level > MOST_LEVELS:
                    raise BodyTooDeep(limit=MOST_LEVELS)
            case b"}" | b"]":
                level -= 1
            case b":":
                keys += 1
                if keys > most_keys:
                    raise BodyTooWide(limit=most_keys)
