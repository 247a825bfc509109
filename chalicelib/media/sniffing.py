"""What a file is, by its first bytes and its name, never by the client's word. Pure.

Text that a browser might run (HTML, SVG, any markup) is no type of ours, and is refused in whatever clothes it comes.
"""

import re
from collections.abc import Callable

FIRST_BYTES = 1024
"""How much of a file is looked at."""
_MARKUP = re.compile(
    rb"^[\s\x00]*(?:<!doctype|<html|<head|<body|<script|<svg|<\?xml|<iframe|<img|<style|<!--)", re.IGNORECASE
)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magic)


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or the sync word of a layer III frame."""
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)


def _is_anything(head: bytes) -> bool:
    return True


_LOOKS: dict[str, Callable[[bytes], bool]] = {
    "image/jpeg": _begins(b"\xff\xd8\xff"),
    "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
    "image/gif": _begins(b"GIF87a", b"GIF89a"),
    "image/webp": _is_webp,
    "application/pdf": _begins(b"%PDF-"),
    "application/zip": _begins(b"PK\x03\x04", b"PK\x05\x06"),
    "application/epub+zip": _begins(b"PK\x03\x04"),
    "audio/mpeg": _is_mp3,
    "video/mp4": _is_mp4,
    "application/octet-stream": _is_anything,
}
_EXTENSIONS: dict[str, frozenset[str]] = {
    "image/jpeg": frozenset({"jpg", "jpeg"}),
    "image/png": frozenset({"png"}),
    "image/gif": frozenset({"gif"}),
    "image/webp": frozenset({"webp"}),
    "application/pdf": frozenset({"pdf"}),
    "application/zip": frozenset({"zip"}),
    "application/epub+zip": frozenset({"epub"}),
    "audio/mpeg": frozenset({"mp3"}),
    "video/mp4": frozenset({"mp4", "m4v"}),
}
_RUN_BY_BROWSERS = frozenset(
    {"html", "htm", "xhtml", "shtml", "xht", "mht", "mhtml", "svg", "svgz", "xml", "xsl", "xslt", "js", "mjs"}
    | {"hta", "swf", "css", "url", "webloc", "lnk"}
)
TYPES = frozenset(_LOOKS)


def is_of_type(head: bytes, content_type: str) -> bool:
    """Whether a file that begins so may be of this type."""
    bare = head
    for mark in _BYTE_ORDER_MARKS:
        bare = bare.removeprefix(mark)
    if _MARKUP.match(bare) or _MARKUP.match(bare.replace(b"\x00", b"")):
        return False
    return _LOOKS[content_type](head)


def name_fits(file_name: str, content_type: str) -> bool:
    """Whether the name ends as a file of this type does: it is the name under which people save it."""
    extension = file_name.rpartition(".")[2].lower() if "." in file_name else ""
    known = _EXTENSIONS.get(content_type)
    return extension not in _RUN_BY_BROWSERS if known is None else extension in known
