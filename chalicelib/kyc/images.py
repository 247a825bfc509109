"""Images as they come: base64 in the submission. Pure.

They are kept inside the table, sealed, each an item of its own, and therefore small. They stay base64 on their way
in, at rest and out: an answer of raw bytes would need API Gateway to take the route's answers for binary and the
client to send a fitting `Accept`, while JSON arrives everywhere, and a page shows it as a `data:` address.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.core.text import Text
from chalicelib.kyc.documents.base import Fault, Side

MOST_BYTES = 200 * 1024
"""Of one image: 273 KB in base64, and so an item within DynamoDB's 400 KB."""
MOST_IMAGES = 4
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""The type is told by the first bytes, never by the client."""

_NOT_BASE64 = Text("is not base64", "不是有效的 base64")
_TOO_LARGE = Text("is an image of more than 200 KB; make it smaller", "图片超过 200 KB，请压缩后再传")
_NOT_AN_IMAGE = Text("is neither a JPEG nor a PNG image", "不是 JPEG 或 PNG 图片")
_TWICE = Text("shows a side that another image shows", "同一面只能上传一张图片")
_LACKING = Text(
    "lack an image that this document needs: its sides are front, back", "缺少该证件所需的图片（正面、背面）"
)


class Sent(Protocol):
    @property
    def side(self) -> Side: ...
    @property
    def content(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Image:
    side: Side
    content_type: str
    size_bytes: int
    content: str
    """Base64."""


def read(sent: Sequence[Sent], needed: Sequence[Side]) -> tuple[list[Image], list[Fault]]:
    """The images, and what is wrong with them."""
    images: list[Image] = []
    faults: list[Fault] = []
    seen: set[Side] = set()
    for place, one in enumerate(sent):
        if one.side in seen:
            faults.append(Fault(f"documents.{place}.side", "side_twice", _TWICE))
        seen.add(one.side)
        image = _image(one)
        if isinstance(image, Image):
            images.append(image)
        else:
            code, said = image
            faults.append(Fault(f"documents.{place}.content", code, said))
    if not seen.issuperset(needed):
        faults.append(Fault("documents", "side_missing", _LACKING))
    return images, faults


def _image(sent: Sent) -> Image | tuple[str, Text]:
    try:
        content = base64.b64decode(sent.content, validate=True)
    except (binascii.Error, ValueError):
        return "not_base64", _NOT_BASE64
    if len(content) > MOST_BYTES:
        return "image_too_large", _TOO_LARGE
    for magic, content_type in _MAGIC.items():
        if content.startswith(magic):
            return Image(sent.side, content_type, len(content), base64.b64encode(content).decode())
    return "not_an_image", _NOT_AN_IMAGE
