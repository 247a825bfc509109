"""Hosts: the names a shop is reached by. A warm process asks for each once a minute."""

import re
from datetime import datetime, timedelta

from chalicelib.core import clock, process
from chalicelib.store import get
from chalicelib.tenants.entities import HOME, HostBinding, host_ref

REMEMBERED_FOR = timedelta(seconds=60)
_MOST_STRANGERS = 256
"""Names bound to nobody that are remembered: anyone can make them up, so they have a small memory of their own."""
_LONGEST = 253
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")

_bound: dict[str, tuple[datetime, str]] = {}
_strangers: dict[str, datetime] = {}


def read(text: str) -> str | None:
    """The one spelling of a host: lower case, without port and final dot. None for an address or a bare name,
    which nobody can own."""
    name = text.strip().lower().partition(":")[0].removesuffix(".")
    return name if len(name) <= _LONGEST and _NAME.fullmatch(name) else None


def shop_at(text: str) -> str:
    """The slug of the shop a host is bound to, HOME where it is nobody's. At most one GetItem a minute."""
    name = read(text)
    if name is None:
        return HOME
    now = clock.current().now()
    known = _known(name, now)
    process.looked_up("hosts", known=known is not None)
    if known is not None:
        return known
    binding = get(HostBinding, host_ref(name))
    if binding is None:
        _remember_stranger(name, now)
        return HOME
    _bound[name] = (now, binding.slug)
    return binding.slug


def _known(name: str, now: datetime) -> str | None:
    """The shop as this process remembers it; None: ask the table."""
    at, slug = _bound.get(name, (now, ""))
    if slug and now - at < REMEMBERED_FOR:
        return slug
    return HOME if name in _strangers and now - _strangers[name] < REMEMBERED_FOR else None


def _remember_stranger(name: str, now: datetime) -> None:
    _bound.pop(name, None)
    if len(_strangers) >= _MOST_STRANGERS:
        _strangers.clear()
    _strangers[name] = now


def forget() -> None:
    """Ask the table again at the next look."""
    _bound.clear()
    _strangers.clear()
