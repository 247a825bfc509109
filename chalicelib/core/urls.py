"""Addresses that other people give us and we, or our clients, will ask: only of the open Internet.

A pure check of the text. Whoever fetches one resolves the name itself, connects to an address that
`is_public_address` lets pass, and follows no redirect unchecked: a name may point anywhere, and elsewhere tomorrow.
"""

import re
from urllib.parse import urlsplit

LONGEST = 2000
_PRINTABLE = re.compile(r"[!-~]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?P<last>[a-z][a-z0-9-]{{0,61}}[a-z0-9])\.?")
_INNER = frozenset(
    {
        "localhost",
        "local",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "localdomain",
        "arpa",
        "onion",
        "test",
    }
)
"""Last labels that lead inside: RFC 6761, 6762, 7686, 8375, and what networks call themselves."""
_REBINDING = ("nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me", "vcap.me")
"""Names that anybody can point at an inner address without owning a domain."""
_PORT = 443


class UrlRefused(ValueError):
    """The message says why, in words for the person who gave the address."""


def checked_public_url(text: str) -> str:
    """The address as it was given, when it may be asked: `https`, a public host name, the usual port.

    Raises UrlRefused.
    """
    if len(text) > LONGEST:
        raise UrlRefused(f"is longer than {LONGEST} characters")
    if not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise UrlRefused("holds characters that an address does not have; encode them")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UrlRefused("is not an address") from None
    if parts.scheme != "https":
        raise UrlRefused("must begin with https://")
    if "@" in parts.netloc:
        raise UrlRefused("must not hold a user name or a password")
    if port not in (None, _PORT) or parts.netloc.endswith(":"):
        raise UrlRefused("must be on the usual port")
    _check_host(parts.hostname or "")
    return text


def _check_host(host: str) -> None:
    """A name, never a number: 127.0.0.1, 2130706433, 0x7f.1, 017700000001 and [::ffff:7f00:1] are one machine."""
    name = _NAME.fullmatch(host)
    if len(host) > 253 or name is None:
        raise UrlRefused("must have a host name, for example shop.example.com")
    bare = host.rstrip(".")
    if name["last"] in _INNER or any(bare == one or bare.endswith(f".{one}") for one in _REBINDING):
        raise UrlRefused("must have a public host name")


def is_public_address(address: str) -> bool:
    """Whether a resolved IP address lies in the open Internet: for whoever connects, just before it does."""
    import ipaddress

    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inside is not None:
            return is_public_address(str(inside))
        if found in ipaddress.IPv6Network("64:ff9b::/96"):
            return is_public_address(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast
