"""What this process saw of sessions a moment ago, so that a burst of requests reads the session once.

An end is remembered too, and wins: a read that was under way while the session ended must not revive it here.
"""

import threading
from datetime import datetime, timedelta

from chalicelib.core import process
from chalicelib.store import Ref

REMEMBERED_FOR = timedelta(seconds=5)
_MOST = 10_000

_seen: dict[Ref, tuple[datetime, frozenset[str] | None]] = {}
"""When it was seen, and its roles; None once it has ended."""
_lock = threading.Lock()


def roles(session: Ref, now: datetime) -> frozenset[str] | None:
    """The roles of a session that stood within the last five seconds; None: ask the table."""
    at, known = _seen.get(session, (now, None))
    found = known if now - at < REMEMBERED_FOR else None
    process.looked_up("sessions", known=found is not None)
    return found


def stands(session: Ref, now: datetime, known: frozenset[str]) -> None:
    with _lock:
        if session in _seen and _seen[session][1] is None:
            return
        if len(_seen) >= _MOST:
            _seen.clear()
        _seen[session] = (now, known)


def ended(session: Ref, now: datetime) -> None:
    with _lock:
        _seen[session] = (now, None)


def changed(session: Ref) -> None:
    """What was known of it is out of date: ask the table."""
    with _lock:
        _seen.pop(session, None)


def forget() -> None:
    with _lock:
        _seen.clear()
