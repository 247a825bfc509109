"""Which web pages may read our answers: those of the origins a shop lists. docs/decisions/0011-cors.md says why so.

There is no cookie, and no credential that a browser would add by itself: an origin that is refused is served as
any program is, and only its scripts cannot read what came.
"""

import re
from collections.abc import Callable, Iterable

from chalicelib.core import log
from chalicelib.core.errors import SoukError
from chalicelib.core.settings import settings

ASKED_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Tenant",
    "X-Guest-Cart",
    "Accept-Language",
    "X-Debug-Cost",
)
TOLD_HEADERS = ("ETag", "X-Request-Id", "Idempotent-Replayed", "Retry-After", "X-Cost", "X-Next-Cursor")
_KEPT_SECONDS = 7200
"""The longest that browsers keep what a preflight said."""
_ORIGIN = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
_LOCAL_ORIGIN = re.compile(r"http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")

Origins = Callable[[str, str], frozenset[str]]
"""(a shop's slug, or "" while it is not known; the host that was asked) → the origins that shop lists."""


def is_preflight(method: str, headers: dict[str, str]) -> bool:
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def answer(headers: dict[str, str], slug: str, origins: Origins) -> dict[str, str]:
    """What lets the page that asked read this answer; nothing for an origin that this shop does not list."""
    origin = headers.get("origin", "")
    if not _is_listed(origin, headers, slug, origins):
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ", ".join(TOLD_HEADERS),
    }


def preflight(headers: dict[str, str], origins: Origins, methods: Iterable[str]) -> dict[str, str]:
    """What lets the page send its request to a path with these methods."""
    origin = headers.get("origin", "")
    if not _is_listed(origin, headers, "", origins):
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join(ASKED_HEADERS),
        "Access-Control-Max-Age": str(_KEPT_SECONDS),
    }


def _is_listed(origin: str, headers: dict[str, str], slug: str, origins: Origins) -> bool:
    if not _ORIGIN.fullmatch(origin):
        return False  # `null` too: any sandboxed frame may say that
    if settings().is_local and _LOCAL_ORIGIN.fullmatch(origin):
        return True
    try:
        return origin in origins(slug, headers.get("host", ""))
    except SoukError:
        return False  # the store is away: the answer goes out all the same
    except Exception:
        log.error("origins_unread")
        return False
