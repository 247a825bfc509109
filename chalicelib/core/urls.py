"""Addresses that people give us, and that somebody else's machine will fetch. Pure."""

import re
from urllib.parse import urlsplit

from chalicelib.core.errors import Invalid

_LONGEST = 1000
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
"""A dotted name whose last label begins with a letter: no IP literal in any spelling has one."""
_LOCAL = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".intranet", ".corp")


def checked_public_url(text: str) -> str:
    """The address as given, when it is https at a public name, with nothing to sign in with. Raises Invalid."""
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_clean = len(text) <= _LONGEST and text.isascii() and not re.search(r"[\x00-\x20\x7f\\]", text)
    is_public = _HOST.fullmatch(host) is not None and not host.endswith(_LOCAL)
    if not (
        is_clean and parts.scheme == "https" and is_public and port in (None, 443) and "@" not in parts.netloc
    ):
        raise Invalid.field("url", "url_not_public", "must be an https address at a public host name")
    return text
